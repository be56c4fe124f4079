import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

export type AgentName = 'claude-code' | 'codex'

const modules = join(import.meta.dirname, 'node_modules')

/** Scripts that find the binary for the platform: no install script need have run. */
const launchers: Readonly<Record<AgentName, string>> = {
  'claude-code': join(modules, '@anthropic-ai/claude-code/cli-wrapper.cjs'),
  codex: join(modules, '@openai/codex/bin/codex.js'),
}

/** Milliseconds: an agent starts a process of some hundred megabytes, on machines that do much else. */
export const agentTestTimeout = 60_000

/** Why an agent cannot be run on this machine; `undefined` when it can. */
export function whyAbsent(agent: AgentName): string | undefined {
  const { status } = spawnSync(process.execPath, [launchers[agent], '--version'], { stdio: 'ignore', timeout: 30_000 })
  if (status === 0) return undefined
  return `${agent} is not installed: \`npm test\` does it, with the network, where there is a binary for ${process.platform}-${process.arch}`
}

/** The first snippet of this language in the documentation. */
export function documentedSetup(language: 'sh' | 'toml'): string {
  const text = readFileSync(join(import.meta.dirname, '../../docs/agents.md'), 'utf8')
  const fence = '```'
  const [, snippet] = text.split(`${fence}${language}\n`)
  if (snippet === undefined) throw new Error(`docs/agents.md has no snippet in ${language}`)
  return snippet.slice(0, snippet.indexOf(fence))
}

/** Two empty folders: one to work in, one for what an agent keeps at home. */
export interface AgentFolders extends AsyncDisposable {
  readonly work: string
  readonly home: string
}

export async function makeFolders(): Promise<AgentFolders> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-agent-'))
  const [work, home] = [join(folder, 'work'), join(folder, 'home')]
  for (const place of [work, home]) await mkdir(place)
  return { work, home, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

export interface AgentRun {
  /** `null` when it had to be killed. */
  readonly status: number | null
  readonly output: string
  readonly errors: string
}

/** Milliseconds; less than a test of agents may take. */
const longestRun = 50_000

/** Runs an agent to its end, with nothing in its environment but what is given, its home and the path. */
export function runAgent(
  agent: AgentName,
  args: readonly string[],
  folders: AgentFolders,
  environment: Readonly<Record<string, string>>,
): Promise<AgentRun> {
  const child = spawn(process.execPath, [launchers[agent], ...args], {
    cwd: folders.work,
    env: { PATH: process.env['PATH'], HOME: folders.home, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, to be ended as a whole: the launcher waits for the agent, and the agent for its tools.
    detached: true,
  })
  const tooLong = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), longestRun)
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => {
      clearTimeout(tooLong)
      resolve({ status, output, errors })
    })
  })
}
