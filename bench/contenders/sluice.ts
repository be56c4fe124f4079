import { execFile, execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { callerKey } from '../payloads.ts'
import { cleanEnvironment, profileArguments, type Contender } from './contender.ts'

const root = `${import.meta.dirname}/../..`
/** As it is published: the built packages, which is what people install. */
const program = `${root}/packages/gateway/dist/cli/main.js`

export const sluice: Contender = {
  id: 'sluice',
  name: 'Sluice',
  readyPath: '/healthz',
  headers: () => ({}),
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
    writeFileSync(configFile, configuration(upstream))
    return {
      program: process.execPath,
      arguments: [
        ...profileArguments(setting, 'sluice'),
        program,
        'serve',
        '--port',
        String(port),
        '--config',
        configFile,
      ],
      environment: { ...cleanEnvironment(directory), SLUICE_DATA_DIR: `${directory}/data`, LOG_LEVEL: 'error' },
    }
  },
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
