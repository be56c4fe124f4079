import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as z from 'zod/mini'
import {
  configFileVariable,
  type EnvironmentVariable,
  gatewayVariables,
  genericVariables,
  preferenceVariables,
  presetVariables,
} from '../../packages/engine/src/config/environment-variables.ts'
import { configSchema } from '../../packages/engine/src/config/schema.ts'
import { schemaPaths } from '../../packages/engine/src/config/schema-walk.ts'
import type { Provider } from '../../packages/engine/src/provider-kit/provider.ts'
import { configurationOptions } from './configuration-options.ts'
import type { GeneratedFile } from './generator.ts'

/** The page of every option and variable, and the JSON Schema with which editors check a config file. */
export async function generateConfiguration(root: string): Promise<readonly GeneratedFile[]> {
  const registry = pathToFileURL(join(root, 'packages/engine/src/providers.generated.ts')).href
  const { providers } = (await import(registry)) as { providers: readonly Provider[] }
  return [
    { path: 'docs/configuration.md', text: page(providers) },
    { path: 'docs/sluice.schema.json', text: formatJson(jsonSchema()) },
  ]
}

function optionPaths(): readonly string[] {
  // The nested form repeats the options of its provider.
  const paths = schemaPaths(configSchema).filter((path) => !path.startsWith('providers.<id>.config.'))
  const missing = paths.filter((path) => !Object.hasOwn(configurationOptions, path))
  const surplus = Object.keys(configurationOptions).filter((path) => !paths.includes(path))
  if (missing.length + surplus.length > 0) {
    throw new Error(`configuration-options.ts: missing ${missing.join(', ')}; no longer there: ${surplus.join(', ')}`)
  }
  return paths
}

function page(presets: readonly Provider[]): string {
  const ofPresets = presets.filter(({ generic }) => generic !== true).flatMap(presetVariables)
  const file = { name: configFileVariable, option: '', meaning: 'Path of the config file; `--config` wins over it.' }
  return `# Configuration

Sluice runs without any configuration: it takes the providers whose keys it finds in the environment, and its demo
provider when there are none. A config file says more. \`sluice config check\` tells every mistake in it at once, with
line and column; \`sluice config explain\` shows each setting and where it came from.

The file is the one of \`--config\`, else of \`SLUICE_CONFIG\`, else the first of \`sluice.yaml\`, \`sluice.yml\` and
\`sluice.json\` in the working directory. The library takes the same structure as an object: \`createSluice({ … })\`.

\`\`\`yaml
server: { host: 127.0.0.1, port: 8090, keys: [sk-caller-1] }
default_provider: lab
providers:
  groq: { api_key: \${GROQ_API_KEY} }         # a preset, by its id
  lab:                                       # anything that speaks OpenAI
    type: openai_compatible
    name: Lab vLLM
    base_url: http://127.0.0.1:8000/v1
    api_key: \${LAB_KEY:-none}
    headers: { X-Team: search }
    timeout: 30
    max_retries: 3
    default_model: qwen
models:
  - { id: lab/qwen, name: Qwen (lab), aliases: [qwen, house-model], context_window: 128000, capabilities: [chat, tools] }
\`\`\`

For completion and checks in an editor, put \`# yaml-language-server: $schema=…/docs/sluice.schema.json\` on the first line.

## References to the environment

| written | means |
|---|---|
| \`\${NAME}\` | the variable; a mistake when it is unset or empty |
| \`\${NAME:-default}\` | the variable, or the default when it is unset or empty; an empty result counts as not written |
| \`$\${\` | a literal \`\${\` |
| \`os.environ/NAME\`, \`env.NAME\` as the whole text | \`\${NAME}\`, as other gateways write it |

They stand in any value, also within a text. A number or a boolean may come from one: \`port: \${GATEWAY_PORT:-8090}\`.

## Precedence

Where several say the same setting, the first of these wins:

1. a flag: \`--host\`, \`--port\`, \`--insecure\`, \`--log-level\`;
2. a variable about the gateway: \`SLUICE_*\`, \`PORT\`, \`LOG_LEVEL\`;
3. the config file, or the object in code;
4. a variable about a provider, the newer name (\`OPENAI_COMPATIBLE_*\`) before the older (\`OPENROUTER_*\`);
5. the provider's preset;
6. the default.

Providers found in the environment are added beside those of the file unless \`environment_providers: false\`. A provider
of the file whose id equals one of them, or that is switched off there, takes its place.

## Options

Paths are as in the file; \`<id>\` stands for a provider's id, \`[]\` for an item of a list. An unknown key is a mistake.

| option | type | default | meaning |
|---|---|---|---|
${optionPaths().map(optionRow).join('\n')}

## Environment variables

An empty variable counts as unset. A value that cannot be read stops the start with an error that names the variable.

### The gateway

| variable | sets | meaning |
|---|---|---|
${[...gatewayVariables, file].map(variableRow).join('\n')}

### Which provider by default

\`default_provider\` of the file wins over both, and \`PREFERRED_PROVIDER\` over \`AI_PROVIDER\`.

| variable | sets | meaning |
|---|---|---|
${preferenceVariables.map(variableRow).join('\n')}

### Any OpenAI-compatible provider

They configure the provider \`openai-compatible\`. Its base URL is OpenRouter's unless another is given. As long as it is
OpenRouter's, the provider is OpenRouter: what is unset is taken from \`OPENROUTER_*\`, OpenRouter's headers are sent, and
there is no second provider \`openrouter\`. With another base URL and \`OPENROUTER_API_KEY\`, both exist.

| variable | sets | meaning |
|---|---|---|
${genericVariables.map(variableRow).join('\n')}

### Presets

A key's variable configures its provider. A local server is configured by its address, which may leave out scheme, port
and path (\`OLLAMA_HOST=gpu-box\`). Of several variables for one setting, the first that is set wins.

| variable | sets | meaning |
|---|---|---|
${ofPresets.map(variableRow).join('\n')}

This page is written by \`npm run generate\` from the schema and the table of variables in \`packages/engine/src/config\`.
`
}

function optionRow(path: string): string {
  const row = configurationOptions[path]
  const fallback = row?.default ?? ''
  const isLiteral = /^[\w.[\]{}/-]+$/.test(fallback)
  return `| \`${path}\` | ${row?.type} | ${isLiteral ? `\`${fallback}\`` : fallback || '–'} | ${row?.meaning} |`
}

function variableRow({ name, option, meaning }: Pick<EnvironmentVariable, 'name' | 'option' | 'meaning'>): string {
  return `| \`${name}\` | ${option === '' ? '–' : `\`${option}\``} | ${meaning} |`
}

function jsonSchema(): unknown {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: written, path }) => {
      const { def } = zodSchema._zod
      const isForm = written.pattern !== undefined || (written.minLength ?? 0) > 1
      // What is no text, or one of a certain form, may also be written as a reference.
      const strict =
        def.type === 'pipe'
          ? z.toJSONSchema(def.out)
          : def.type === 'enum'
            ? { enum: written.enum }
            : def.type === 'string' && isForm && !path.includes('propertyNames')
              ? { ...written }
              : undefined
      if (strict === undefined) return
      for (const key of Object.keys(written)) Reflect.deleteProperty(written, key)
      Reflect.deleteProperty(strict, '$schema')
      Object.assign(written, { anyOf: [strict, { type: 'string', pattern: String.raw`\$\{` }] })
    },
  })
  describe(schema as SchemaNode, '')
  return { ...schema, title: 'Sluice configuration' }
}

/** As the formatter wants it: lists of texts on one line, where they fit. */
function formatJson(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2)
  const onOneLine = text.replaceAll(
    /^( *(?:"[^"]*": )?)\[\s+("[^[\]{}]*")\s+\](,?)$/gm,
    (lines, before: string, items: string, after: string) => {
      const line = `${before}[${items.replaceAll(/,\s+/g, ', ')}]${after}`
      return line.length <= 120 ? line : lines
    },
  )
  return `${onOneLine}\n`
}

interface SchemaNode {
  description?: string
  properties?: Record<string, SchemaNode>
  additionalProperties?: SchemaNode | boolean
  items?: SchemaNode
  anyOf?: SchemaNode[]
}

function describe(node: SchemaNode, path: string): void {
  const row = configurationOptions[path.replace('providers.<id>.config.', 'providers.<id>.')]
  if (row !== undefined) {
    node.description = row.default === '' ? row.meaning : `${row.meaning} Default: ${row.default}.`
  }
  for (const option of node.anyOf ?? []) describeMembers(option, path)
  describeMembers(node, path)
}

function describeMembers(node: SchemaNode, path: string): void {
  for (const [key, member] of Object.entries(node.properties ?? {}))
    describe(member, path === '' ? key : `${path}.${key}`)
  if (typeof node.additionalProperties === 'object') describe(node.additionalProperties, `${path}.<id>`)
  if (node.items !== undefined) describe(node.items, `${path}[]`)
}
