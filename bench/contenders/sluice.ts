import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { startPostgres } from '../../tests/servers/postgres.ts'
import { startRedis } from '../../tests/servers/redis.ts'
import { callerKey } from '../payloads.ts'
import { cleanEnvironment, profileArguments, type Contender } from './contender.ts'

const root = `${import.meta.dirname}/../..`
/** As it is published: the built packages, which is what people install. */
const program = `${root}/packages/gateway/dist/cli/main.js`

/** What makes one Sluice another: more of it in use. */
interface Variant extends Pick<Contender, 'id' | 'name' | 'cases'> {
  /** Config that follows the usual. */
  readonly config: string
  readonly environment?: Readonly<Record<string, string>>
  /** Callers have a managed key, made before the start. */
  readonly managedKey?: true
}

const usual: Variant = {
  id: 'sluice',
  name: 'Sluice',
  config: 'ledger: { enabled: false }\n',
}

/** Limits and budgets that nobody reaches: they count all the same. */
const everything = `\
limits:
  rules:
    - { per: key, requests_per_minute: 100000000, tokens_per_minute: 1000000000000, concurrent_requests: 100000 }
    - { per: all, requests_per_minute: 100000000 }
budgets:
  rules:
    - { per: key, amount: 1000000 }
`

/** As people run it, on one machine. */
const complete: Variant = {
  id: 'sluice-complete',
  name: 'Sluice, everything on',
  cases: ['non-streaming', 'streaming-burst'],
  config: everything,
  managedKey: true,
}

export const sluice: Contender = createSluice(() => usual)

export const sluiceComplete: Contender = createSluice(() => complete)

/** As people run several: everything that is counted or kept is elsewhere. */
export const sluiceShared: Contender = createSluiceShared()

function createSluiceShared(): Contender {
  let shared: Readonly<Record<string, string>> = {}
  const variant = (): Variant => ({
    ...complete,
    id: 'sluice-shared',
    name: 'Sluice, on PostgreSQL and Redis',
    environment: shared,
  })
  const contender = createSluice(variant)
  return {
    ...contender,
    async unavailable(directory) {
      try {
        // They end with this process.
        const [{ url: redis }, postgres] = await Promise.all([startRedis(), startPostgres()])
        // Each case has a data directory of its own, and all of them this database: what its keys are hashed with is one.
        const pepper = randomBytes(32).toString('hex')
        shared = { REDIS_URL: redis, DATABASE_URL: await postgres.createDatabase(), SLUICE_KEY_PEPPER: pepper }
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
      return contender.unavailable(directory)
    },
  }
}

function createSluice(variant: () => Variant): Contender {
  const { id, name, cases, managedKey } = variant()
  let key: string | undefined
  return {
    id,
    name,
    ...(cases !== undefined && { cases }),
    readyPath: '/healthz',
    headers: () => (key === undefined ? {} : { authorization: `Bearer ${key}` }),
    unavailable: async () => {
      try {
        await promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: root })
        return undefined
      } catch (error) {
        return `\`npm run build\` fails: ${error instanceof Error ? error.message : String(error)}`
      }
    },
    version: () => {
      const git = (...words: string[]): string => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim()
      const changed = git('status', '--porcelain', '--', 'packages') === '' ? '' : ' with uncommitted changes'
      return `Node ${process.version}, commit ${git('rev-parse', '--short', 'HEAD')}${changed}, built as it is published`
    },
    command: (setting) => {
      const { port, upstream, directory } = setting
      const configFile = `${directory}/sluice.yaml`
      writeFileSync(configFile, configuration(upstream) + variant().config)
      const environment = {
        ...cleanEnvironment(directory),
        SLUICE_DATA_DIR: `${directory}/data`,
        LOG_LEVEL: 'error',
        ...variant().environment,
      }
      if (managedKey) {
        const words = [program, 'keys', 'create', 'bench', '--config', configFile, '--json']
        const made = execFileSync(process.execPath, words, { env: environment, encoding: 'utf8' })
        key = (JSON.parse(made) as { readonly key: string }).key
      }
      return {
        program: process.execPath,
        arguments: [...profileArguments(setting, id), program, 'serve', '--port', String(port), '--config', configFile],
        environment,
      }
    },
  }
}

/**
 * Caller keys on; a provider that speaks OpenAI, and the same address as one that speaks Anthropic, and as eight more to
 * choose among; one known model.
 */
function configuration(upstream: string): string {
  const eight = Array.from({ length: 8 }, (_, index) => `lab-${index + 1}`)
  const provider = (id: string, more = ''): string => `
  ${id}: { type: openai_compatible, base_url: '${upstream}/v1', api_key: sk-upstream${more} }`
  const targets = eight.map((id) => `${id}/qwen`).join(', ')
  return `\
server: { host: 127.0.0.1, keys: [${callerKey}, sk-another-caller] }
default_provider: lab
providers:${provider('lab', ', name: Bench upstream, default_model: qwen')}${provider(
    'claude',
    ', speaks: [anthropic-messages], models: [qwen], models_path: null',
  )}${eight.map((id) => provider(id, ', models: [qwen], models_path: null')).join('')}
models:
  - { id: lab/qwen, name: Qwen, aliases: [qwen], context_window: 128000, capabilities: [chat, tools] }
routes:
  route-1: { targets: [lab/qwen] }
  weighted-8: { strategy: weighted, targets: [${targets}] }
  latency-8: { strategy: lowest-latency, targets: [${targets}] }
`
}
