import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'

/** How a server is run whose data is in a temporary folder of its own. */
export interface ServerProgram {
  readonly command: string
  readonly args: readonly string[]
  /** Where it runs and keeps its data. */
  readonly folder: string
  /** As whom; default: as who runs the tests. */
  readonly owner?: Owner | undefined
  /** What it says when it can be used. */
  readonly ready: string
  readonly stopSignal: NodeJS.Signals
}

export interface Owner {
  readonly uid: number
  readonly gid: number
}

export interface ServerProcess {
  /** @param keep whether its folder stays, for it to be started once more. */
  stop(keep: boolean): Promise<void>
}

/**
 * Starts a server which ends, and whose folder goes, when this process ends, even by `kill -9`. Does not keep this
 * process running.
 */
export async function startServerProcess(program: ServerProgram): Promise<ServerProcess> {
  const guard = spawn(process.execPath, [join(import.meta.dirname, 'guard.ts'), JSON.stringify(program)], {
    // Ctrl-C is for who runs the tests, not for it: it sees that they end.
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(guard, 'exit')
  let said = ''
  await new Promise<void>((resolve, reject) => {
    guard.on('error', reject)
    guard.on('exit', () => reject(new Error(`${program.command} did not start: ${said}`)))
    guard.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes(program.ready)) resolve()
    })
  })
  guard.stdout.removeAllListeners('data').resume()
  guard.unref()
  for (const stream of [guard.stdin, guard.stdout]) (stream as unknown as { unref(): void }).unref()
  return {
    async stop(keep) {
      guard.ref()
      guard.stdin.end(keep ? 'keep' : '')
      await exited
    },
  }
}

/** Of 127.0.0.1, free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('there is no port')
  return address.port
}
