import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** `sluice serve` in a process of its own. */
export interface ServeProcess extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** What it wrote to stderr so far. */
  readonly errors: string
  /** Ends it as the system does: at once (SIGKILL). */
  kill(): Promise<void>
}

const main = join(import.meta.dirname, '../packages/gateway/src/cli/main.ts')

/**
 * Runs the program as its users do, on a free port, with nothing in its environment but what is given and
 * `SLUICE_FAST_PATH`.
 *
 * @param given the folder that it runs in; default: an empty one, which is removed at the end.
 */
export async function startServe(
  environment: Readonly<Record<string, string>> = {},
  given?: string,
): Promise<ServeProcess> {
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'sluice-serve-')))
  const fastPath = process.env['SLUICE_FAST_PATH']
  const child = spawn(process.execPath, ['--conditions=sluice-source', main, 'serve', '--json'], {
    cwd: folder,
    env: {
      SLUICE_PORT: '0',
      SLUICE_FIND_LOCAL_SERVERS: 'false',
      ...(fastPath !== undefined && { SLUICE_FAST_PATH: fastPath }),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const listening = once(createInterface(child.stdout), 'line')
  const [line] = await Promise.race([listening, exited.then(() => [])])
  if (typeof line !== 'string') throw new Error(`serve ended before it listened: ${errors}`)
  const { url } = JSON.parse(line) as { url: string }
  return {
    url,
    get errors() {
      return errors
    },
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await exited
      if (given === undefined) await rm(folder, { recursive: true })
    },
  }
}
