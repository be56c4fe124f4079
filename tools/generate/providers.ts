import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { neededCredentials } from '../../packages/engine/src/provider-kit/auth.ts'
import type { Provider } from '../../packages/engine/src/provider-kit/provider.ts'
import { quirkMeaning } from '../../packages/engine/src/provider-kit/quirk-meaning.ts'
import { chatDialects } from '../../packages/protocol/src/chat-dialects.ts'
import type { Dialect } from '../../packages/protocol/src/dialect.ts'
import { operationDialects } from '../../packages/protocol/src/operation-dialects.ts'
import type { GeneratedFile } from './generator.ts'

const folder = 'packages/engine/src/providers'

interface Row {
  readonly file: string
  readonly exportName: string
  readonly provider: Provider
}

/** The folder is the registry: the list of all providers, and the page that describes them. */
export async function generateProviders(root: string): Promise<readonly GeneratedFile[]> {
  const names = (await readdir(join(root, folder))).filter((name) => /^[a-z0-9-]+\.ts$/.test(name))
  const rows = (await Promise.all(names.map((name) => readRow(root, name)))).toSorted(byId)
  return [
    { path: 'packages/engine/src/providers.generated.ts', text: registry(rows) },
    { path: 'docs/providers.md', text: page(rows) },
  ]
}

function byId({ provider: { id: left } }: Row, { provider: { id: right } }: Row): number {
  return left < right ? -1 : 1
}

async function readRow(root: string, name: string): Promise<Row> {
  const id = name.replace(/\.ts$/, '')
  const exportName = id.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  const module = (await import(pathToFileURL(join(root, folder, name)).href)) as Record<string, Provider | undefined>
  const provider = module[exportName]
  if (provider?.id !== id) {
    throw new Error(`${folder}/${name} must export \`${exportName}\`, a provider with the id '${id}'.`)
  }
  return { file: name, exportName, provider }
}

function registry(rows: readonly Row[]): string {
  return `// Written by \`npm run generate\` from the files in providers/.
import type { Provider } from './provider-kit/provider.ts'
${rows.map(({ file, exportName }) => `import { ${exportName} } from './providers/${file}'`).join('\n')}

/** Every provider that Sluice knows, by id. */
export const providers: readonly Provider[] = [
${rows.map(({ exportName }) => `  ${exportName},`).join('\n')}
]
`
}

function page(rows: readonly Row[]): string {
  const all = rows.map(({ provider }) => provider).toSorted((left, right) => left.name.localeCompare(right.name, 'en'))
  const offered = all.filter(({ retired }) => retired === undefined)
  const remote = offered.filter(({ local }) => !local)
  return `# Providers

Each provider is one file in [\`${folder}\`](../${folder}), and this page is written from them by \`npm run generate\`.
A provider is configured as soon as its key is in the environment or in the config. Any other endpoint that speaks one
of the dialects is reached with \`type: openai_compatible\` and a \`base_url\`; [a new preset is one short
file](add-a-provider.md). Models are read from the provider's own list; the default model is used when a caller names none.

## Hosted

${table(remote)}

${credentials(remote)}

## On your machine

No key is needed. They are used when they are configured, and when they answer on their usual port of 127.0.0.1 while the
gateway starts; \`server.find_local_servers: false\` or \`SLUICE_FIND_LOCAL_SERVERS=false\` switches the search off, and
\`enabled: false\` leaves one of them out.

${table(offered.filter(({ local, standIn }) => local && !standIn))}

## Endpoints

Below a provider's base URL, each dialect has its path; \`{model}\` stands for the model's name.

${endpoints()}

Where a provider has it elsewhere, or for some models only:

${otherEndpoints(offered)}

## Quirks

Where a provider's requests differ from what its dialect says, its file names the difference, and a request is changed
only where it has such a member. What is left out or changed in meaning is told in a warning; \`strict: true\` in the
config refuses such requests instead. \`quirks\` of a provider in the config takes the place of these. There are
\`rename:a=b\`, \`drop:a,b\` (with a warning), \`omit:a,b\` (without), \`set:a=1\`, \`replace:a=from>to\`, \`clamp:a=0..1\`,
\`only:a=1\`, \`drop-value:a=word\`, \`drop-where:a!=word:b,c\`, \`thinking-off\`, \`json-schema-as-text\`, \`auto-tool-choice\`,
\`keep-reasoning:reasoning_content\` (or \`reasoning_details\`), \`message-drop:a\`, \`system-role\`, \`text-content\` and
\`tool-ids:9\`; after an \`@\` stand the models that a quirk is for: \`drop:stop@o3*,o4*\`.

${quirks(offered)}

## Demo

${table(offered.filter(({ standIn }) => standIn))}

The demo is no model. It answers with a text of its own, so that everything can be tried without a key and a network.
Its address is chosen when it starts.

## Retired

${all
  .filter(({ retired }) => retired !== undefined)
  .map(({ id, name, retired }) => `- **${name}** (\`${id}\`): ${retired}`)
  .join('\n')}
`
}

/** The providers that can do without a key. */
function credentials(providers: readonly Provider[]): string {
  const rows = providers.flatMap(({ name, auth, env }): string[] =>
    'key' in auth
      ? [
          `- ${name}: ${neededCredentials(auth)
            .map((credential) => `\`${credential}\`${variables(env?.credentials?.[credential])}`)
            .join(', ')}`,
        ]
      : [],
  )
  return `In place of a key these take \`credentials\`, with which each call is signed or a token is fetched:\n\n${rows.join('\n')}`
}

function variables(names: readonly string[] | undefined): string {
  return names === undefined ? '' : ` (${codes(names)})`
}

function endpoints(): string {
  const dialects: readonly Dialect[] = [...chatDialects, ...operationDialects]
  const rows = [...new Map(dialects.map((dialect) => [dialect.id, dialect])).values()].map((dialect) => {
    const [whole, streamed] = [pathOf(dialect, false), pathOf(dialect, true)]
    return `| \`${dialect.id}\` | ${dialect.operation} | \`${whole}\`${streamed === whole ? '' : `, streamed \`${streamed}\``} |`
  })
  return ['| dialect | operation | path |', '|---|---|---|', ...rows].join('\n')
}

function pathOf(dialect: Dialect, stream: boolean): string {
  return dialect.path('MODEL', stream).replaceAll('MODEL', '{model}')
}

function otherEndpoints(providers: readonly Provider[]): string {
  const rows = providers.flatMap(({ name, speaks }) =>
    speaks.flatMap((spoken): string[] => {
      if (typeof spoken === 'string') return []
      const { dialect, path, streamPath, models } = spoken
      const paths = [path && `\`${path}\``, streamPath && `streamed \`${streamPath}\``]
        .filter((text) => text)
        .join(', ')
      return [`| ${name} | \`${dialect}\` | ${paths || 'the same'} | ${codes(models) || 'all'} |`]
    }),
  )
  return ['| provider | dialect | path | models |', '|---|---|---|---|', ...rows].join('\n')
}

function quirks(providers: readonly Provider[]): string {
  const rows = providers.flatMap(({ name, quirks: own = [] }) =>
    own.map((quirk) => `| ${name} | \`${quirk.dialect}\` | \`${quirk.name}\` | ${quirkMeaning(quirk)} |`),
  )
  return ['| provider | dialect | quirk | meaning |', '|---|---|---|---|', ...rows].join('\n')
}

function table(providers: readonly Provider[]): string {
  const rows = providers.map((provider) => {
    const { name, id, env, baseUrl, speaks, models } = provider
    const cells = [
      name,
      `\`${id}\``,
      codes(env?.apiKey) || '–',
      baseUrl === undefined ? 'yours' : `\`${baseUrl}\``,
      codes(speaks.map((spoken) => (typeof spoken === 'string' ? spoken : spoken.dialect))),
      codes([models?.default ?? models?.fallback[0]].filter((model) => model !== undefined)) || 'the first listed',
    ]
    return `| ${cells.join(' | ')} |`
  })
  return ['| provider | id | key | base URL | speaks | default model |', '|---|---|---|---|---|---|', ...rows].join(
    '\n',
  )
}

function codes(words: readonly string[] = []): string {
  return words.map((word) => `\`${word}\``).join(', ')
}
