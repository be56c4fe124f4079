import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Simulator, startSimulator } from '@sluice/simulator'
import { type ServeProcess, startServe } from '../start-serve.ts'

/**
 * `sluice serve` with several workers, in processes of their own, and a simulator as the provider `lab`. What is told of a
 * process is told of the first.
 */
export interface WorkersForTests extends Pick<ServeProcess, 'url' | 'facts' | 'errors' | 'end'>, AsyncDisposable {
  readonly simulator: Simulator
  /** That it runs in, with its config and its data. */
  readonly folder: string
  /** Of the processes that serve. */
  workers(): Promise<readonly number[]>
  /** Over a connection of its own: they are given to the workers in turn. */
  ask(path: string, asking?: Asking): Promise<Answer>
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
  const removeFolder = (): Promise<void> => rm(folder, { recursive: true, force: true })
  const first = await startServe({ SLUICE_WORKERS: '2', ...environment }, folder).catch(async (error: unknown) => {
    await simulator.close()
    await removeFolder()
    throw error
  })
  const { url, facts, pid } = first

  return {
    url,
    facts,
    simulator,
    folder,
    get errors() {
      return first.errors
    },
    async workers() {
      const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'ppid=,pid='])
      const rows = stdout.split('\n').map((row) => row.trim().split(/\s+/).map(Number))
      return rows.flatMap(([parent, child]) => (parent === pid ? [child!] : []))
    },
    async ask(path, { method, key, body, signal } = {}) {
      const response = await fetch(`${url}${path}`, {
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
    end: (signal) => first.end(signal),
    async [Symbol.asyncDispose]() {
      // What it still holds open would be waited for.
      await simulator.close()
      await first[Symbol.asyncDispose]()
      await removeFolder()
    },
  }
}

export function chat(more: object = {}): object {
  return { model: 'small', max_tokens: 16, messages: [{ role: 'user', content: 'Hi' }], ...more }
}
