import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** `sluice serve` in a process of its own. */
export interface ServeProcess extends AsyncDisposable {
  readonly pid: number
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** What it said when it listened. */
  readonly facts: { readonly url: string; readonly admin_key?: string }
  /** What it wrote to stderr so far. */
  readonly errors: string
  /** Sends it a signal and waits for its end. @returns its exit code; `null` when the signal itself ended it. */
  end(signal?: NodeJS.Signals): Promise<number | null>
}

const main = join(import.meta.dirname, '../packages/gateway/src/cli/main.ts')

/**
 * The program as its users run it, on a free port, with nothing in its environment but what is given and
 * `SLUICE_FAST_PATH`.
 */
export function spawnServe(
  folder: string,
  environment: Readonly<Record<string, string>>,
): ChildProcessByStdio<null, Readable, Readable> {
  const fastPath = process.env['SLUICE_FAST_PATH']
  return spawn(process.execPath, ['--conditions=sluice-source', main, 'serve', '--json'], {
    cwd: folder,
    env: {
      SLUICE_PORT: '0',
      SLUICE_FIND_LOCAL_SERVERS: 'false',
      ...(fastPath !== undefined && { SLUICE_FAST_PATH: fastPath }),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/**
 * Runs the program until it listens.
 *
 * @param given the folder that it runs in; default: an empty one, which is removed at the end.
 */
export async function startServe(
  environment: Readonly<Record<string, string>> = {},
  given?: string,
): Promise<ServeProcess> {
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'sluice-serve-')))
  const removeFolder = async (): Promise<void> => {
    if (given === undefined) await rm(folder, { recursive: true, force: true })
  }
  const child = spawnServe(folder, environment)
  // Not `exit`: only then all that it wrote was read.
  const ended = once(child, 'close') as Promise<[number | null]>
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), ended.then(() => [])])
  if (typeof line !== 'string') {
    await removeFolder()
    throw new Error(`serve ended before it listened: ${errors}`)
  }
  const facts = JSON.parse(line) as ServeProcess['facts']

  async function end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    child.kill(signal)
    const [code] = await ended
    return code
  }

  return {
    pid: child.pid!,
    url: facts.url,
    facts,
    get errors() {
      return errors
    },
    end,
    async [Symbol.asyncDispose]() {
      await end()
      await removeFolder()
    },
  }
}
