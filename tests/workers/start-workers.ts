import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { type Simulator, startSimulator } from '@sluice/simulator'

/** `sluice serve` with several workers, in processes of their own, and a simulator as the provider `lab`. */
export interface WorkersForTests extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** As it says it at the start. */
  readonly facts: { readonly url: string; readonly admin_key?: string }
  readonly simulator: Simulator
  /** What it wrote to stderr so far. */
  readonly errors: string
  /** Of the processes that serve. */
  workers(): Promise<readonly number[]>
  /** Over a connection of its own: they are given to the workers in turn. */
  ask(path: string, asking?: Asking): Promise<Answer>
  /** Sends a signal to the first process. @returns its exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>
}

export interface Asking {
  readonly method?: string
  readonly key?: string | undefined
  readonly body?: unknown
  readonly signal?: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly text: string
  /** Of the answer. */
  readonly id: string
  /** Tells one worker from another. */
  readonly worker: string
}

const main = join(import.meta.dirname, '../../packages/gateway/src/cli/main.ts')

/** @param config what is in its config file besides the provider, as YAML. */
export async function startWorkers(
  config: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<WorkersForTests> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-workers-'))
  const simulator = await startSimulator({ models: ['small'] })
  const provider = { type: 'openai_compatible', base_url: simulator.url, api_key: 'upstream-key', max_retries: 0 }
  await writeFile(
    join(folder, 'sluice.yaml'),
    `default_provider: lab\nenvironment_providers: false\nproviders: { lab: ${JSON.stringify(provider)} }\n${config}`,
  )
  const child = serve(folder, { SLUICE_WORKERS: '2', ...environment })
  const exited = once(child, 'exit') as Promise<[number | null]>
  let errors = ''
  child.stderr!.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const [line] = await Promise.race([once(createInterface(child.stdout!), 'line'), exited.then(() => [])])
  if (typeof line !== 'string') throw new Error(`serve ended before it listened: ${errors}`)
  const facts = JSON.parse(line) as WorkersForTests['facts']

  return {
    url: facts.url,
    facts,
    simulator,
    get errors() {
      return errors
    },
    async workers() {
      const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'ppid=,pid='])
      const rows = stdout.split('\n').map((row) => row.trim().split(/\s+/).map(Number))
      return rows.flatMap(([parent, pid]) => (parent === child.pid ? [pid!] : []))
    },
    async ask(path, { method, key, body, signal } = {}) {
      const response = await fetch(`${facts.url}${path}`, {
        method: method ?? (body === undefined ? 'GET' : 'POST'),
        headers: {
          connection: 'close',
          'content-type': 'application/json',
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal !== undefined && { signal }),
      })
      const id = response.headers.get('x-request-id') ?? ''
      return { status: response.status, text: await response.text(), id, worker: id.slice(0, -6) }
    },
    async end(signal = 'SIGTERM') {
      child.kill(signal)
      return (await exited)[0]
    },
    async [Symbol.asyncDispose]() {
      // What it still holds open would be waited for.
      await simulator.close()
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The program as its users run it, with nothing in its environment but what is given. */
export function serve(folder: string, environment: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, ['--conditions=sluice-source', main, 'serve', '--json'], {
    cwd: folder,
    env: { SLUICE_PORT: '0', SLUICE_FIND_LOCAL_SERVERS: 'false', PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

export function chat(more: object = {}): object {
  return { model: 'small', max_tokens: 16, messages: [{ role: 'user', content: 'Hi' }], ...more }
}
