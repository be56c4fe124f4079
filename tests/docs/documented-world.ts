import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator } from '@sluice/simulator'
import type { ConfigInput } from 'sluice'
import { runProgram } from '../run-program.ts'
import { startTestGateway } from '../start-test-gateway.ts'
import { root } from './read-code-blocks.ts'

/** Where the pages' code finds what it speaks of: a project, a gateway with providers, commands. */
export interface DocumentedWorld extends AsyncDisposable {
  /** The project's folder. */
  readonly folder: string
  /** What a shell says to the script; rejects when a command of it fails. */
  shell(script: string): Promise<string>
  /** Runs a module as a program; rejects when it fails. */
  run(name: string, code: string): Promise<string>
}

const adminKey = 'sk-admin-0123456789abcdef'
const masterKey = '0123456789abcdef0123456789abcdef'

/** The addresses that the pages name. */
const gatewayAddress = /http:\/\/(?:127\.0\.0\.1|localhost):8090/g
const simulatorAddress = /http:\/\/127\.0\.0\.1:(?:9000|8000)(?:\/v1)?/g

type Environment = Readonly<Record<string, string>>

export async function openDocumentedWorld(): Promise<DocumentedWorld> {
  const simulator = await startSimulator()
  const config = documentedConfig(simulator.url)
  const { providers = {}, ...rest } = config
  const world = await startTestGateway({ config: rest, providers: () => providers ?? {} })
  // One that manages keys asks every caller for one.
  const managed = await startTestGateway({ config: { server: { admin_key: adminKey, master_keys: [masterKey] } } })
  const site = await makeSite(managed.gateway.url)
  const folder = mkdtempSync(join(tmpdir(), 'sluice-docs-'))
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, 'sluice.yaml'), JSON.stringify(config))
  writeFileSync(join(folder, 'stay-here.mjs'), stayHere)
  for (const [name, script] of Object.entries(commands()))
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}`, { mode: 0o755 })

  const environment = {
    PATH: [bin, process.env['PATH'], join(root, 'node_modules/.bin')].join(':'),
    SIMULATOR_URL: simulator.url,
    GATEWAY_URL: world.gateway.url,
    SLUICE_ADMIN_KEY: adminKey,
    SLUICE_MASTER_KEY: masterKey,
    SITE: site,
    SHOP_KEY: 'key-of-a-site',
    SLUICE_FIND_LOCAL_SERVERS: 'false',
  }
  // One provider each, so that it is the default: that of the pages' programs, and that of their commands.
  const inPrograms = { ...environment, GROQ_API_KEY: 'groq-key' }
  const inCommands = { ...environment, OPENAI_API_KEY: 'openai-key', OPENAI_BASE_URL: simulator.url }

  async function start(command: string, words: readonly string[], env: Environment): Promise<string> {
    return (await runProgram(command, words, { folder, environment: env })).said
  }

  async function at(code: string): Promise<string> {
    const here = code
      .replaceAll(gatewayAddress, (code.includes('$SLUICE_ADMIN_KEY') ? managed : world).gateway.url)
      .replaceAll(simulatorAddress, (address) => (address.endsWith('/v1') ? simulator.url : originOf(simulator.url)))
    return here.includes('REQUEST_ID') ? here.replaceAll('REQUEST_ID', await madeRequest(world.url)) : here
  }

  return {
    folder,
    shell: async (script) => start('sh', ['-e', '-c', await at(script)], inCommands),
    async run(name, code) {
      const file = join(folder, name)
      writeFileSync(file, await at(code))
      return start(process.execPath, ['--conditions=sluice-source', '--import', './stay-here.mjs', file], inPrograms)
    },
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true })
      await simulator.close()
      await world.close()
      await managed.close()
    },
  }
}

/** The models that the pages name; each provider is the simulator. */
function documentedConfig(url: string): ConfigInput {
  const here = { api_key: 'upstream-key', base_url: url }
  const compatible = { ...here, type: 'openai_compatible', models_path: null } as const
  return {
    default_provider: 'lab',
    providers: {
      openai: here,
      anthropic: here,
      openrouter: here,
      groq: here,
      acme: { ...compatible, models: ['rocket-2'], owns: ['rocket-*'] },
      lab: { ...compatible, models: ['small'], default_model: 'small' },
    },
    models: [{ id: 'lab/small', aliases: ['demo'] }],
    prompts: { greeting: { user: 'Say hello to {{name}}.', variables: { name: 'string' } } },
    routes: { smart: { targets: ['openai/gpt-6-luna', 'lab/small'] } },
  }
}

/** Calls of other hosts go to the simulator: nothing leaves this machine. */
const stayHere = `
const { fetch } = globalThis
globalThis.fetch = (input, init) => {
  const url = new URL(input.url ?? input)
  if (url.hostname === '127.0.0.1') return fetch(input, init)
  const here = process.env.SIMULATOR_URL + url.pathname.replace(/^.*\\/v1/, '') + url.search
  return fetch(input.url === undefined ? here : new Request(here, input), init)
}
`

/**
 * The commands that the pages name, as they are in this repository. What would not end, or would run all of this again,
 * is checked instead of begun: a server's configuration, a script's being there.
 */
function commands(): Readonly<Record<string, string>> {
  const node = `'${process.execPath}' --conditions=sluice-source`
  const source = (path: string): string => `${node} '${join(root, path)}'`
  const exists = `'${process.execPath}' -e 'process.exit(require(process.argv[1]).scripts[process.argv[2]] ? 0 : 1)' '${join(root, 'package.json')}'`
  return {
    sluice: `case "$1 $*" in
  'serve '*) shift; exec ${source('packages/gateway/src/cli/main.ts')} config check ;;
  'explain '*) export SLUICE_URL="$GATEWAY_URL"; exec ${source('packages/gateway/src/cli/main.ts')} "$@" ;;
  'chat chat') echo Hello | ${source('packages/gateway/src/cli/main.ts')} chat ;;
  *) exec ${source('packages/gateway/src/cli/main.ts')} "$@" ;;
esac`,
    'sluice-simulator': `exec ${node} --input-type=module -e '
import { readCommandLine } from "${join(root, 'packages/simulator/src/command-line.ts')}"
readCommandLine(process.argv.slice(1))' -- "$@"`,
    npm: `case "$1 $2" in
  'start '*) exec sluice serve ;;
  'run sluice') shift 3; exec sluice "$@" ;;
  'run example') shift 3; cd '${root}'; exec ${node} "$@" ;;
  'run '*) exec ${exists} "$2" ;;
  *) exec ${exists} "$1" ;;
esac`,
    sqlite3: `exec '${process.execPath}' -e 'new (require("node:sqlite").DatabaseSync)(process.argv[1])' "$1"`,
    git: 'echo "+ a line"',
    npx: `for word in "$@"; do case "$word" in */*) test -e '${root}'/"$word" ;; esac || exit 1; done`,
    // An error status is a failure; an answer that was asked to break off is none.
    curl: `PATH="\${PATH#*:}"
curl --silent --show-error --fail-with-body "$@" || { case "$*" in *x-simulator*) exit 0 ;; *) exit 22 ;; esac; }`,
  }
}

/** The id of one that the pages' commands change. */
async function makeSite(url: string): Promise<string> {
  const post = async (path: string, body: object): Promise<string> => {
    const answer = await fetch(`${url}/api/admin${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
      body: JSON.stringify(body),
    })
    return ((await answer.json()) as { readonly id: string }).id
  }
  const organisation = await post('/organisations', { name: 'Documented' })
  return post('/workspaces', { organisation_id: organisation, kind: 'site', name: 'documented' })
}

async function madeRequest(url: string): Promise<string> {
  const body = JSON.stringify({ model: 'lab/small', messages: [{ role: 'user', content: 'Hello' }] })
  const answer = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  await answer.text()
  return answer.headers.get('x-request-id') ?? ''
}

function originOf(url: string): string {
  return new URL(url).origin
}
