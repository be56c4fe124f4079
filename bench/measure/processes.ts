import { spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { openSync, closeSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Command {
  readonly program: string
  readonly arguments: readonly string[]
  /** The whole environment but PATH. */
  readonly environment: Readonly<Record<string, string>>
}

export interface StartedProcess {
  readonly pid: number
  /** Asks it to end, waits, and insists after five seconds. */
  stop(): Promise<void>
}

/** Starts processes on one core and knows them, so that none outlives the run. */
export class Processes {
  readonly #running = new Set<StartedProcess>()

  /** Starts a process bound to `core`, its output in `logFile`. */
  start(core: number, command: Command, logFile: string): StartedProcess {
    const log = openSync(logFile, 'a')
    const child = spawn('taskset', ['-c', String(core), command.program, ...command.arguments], {
      stdio: ['ignore', log, log],
      env: { PATH: process.env['PATH'], ...command.environment },
    })
    closeSync(log)
    if (child.pid === undefined) throw new Error(`${command.program} did not start`)
    const started: StartedProcess = {
      pid: child.pid,
      stop: async () => {
        this.#running.delete(started)
        await end(child)
      },
    }
    this.#running.add(started)
    return started
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#running].map((started) => started.stop()))
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const insist = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await gone
  clearTimeout(insist)
}

/**
 * A port of the loopback that nobody listened on a moment ago; below those that Linux gives to outgoing connections, so
 * that none of the load's takes it meanwhile.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .on('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** Resolves when `url` answers 200, asked every two milliseconds; fails with the end of the log after 20 seconds. */
export async function untilReady(url: string, logFile: string): Promise<void> {
  const deadline = performance.now() + 20_000
  while ((await statusOf(url)) !== 200) {
    if (performance.now() > deadline) {
      throw new Error(
        `${url} was not ready in 20 seconds; its log ends:\n${readFileSync(logFile, 'utf8').slice(-2000)}`,
      )
    }
    await sleep(2)
  }
}

function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    request(url, { agent: false, timeout: 1_000 }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', () => resolve(undefined))
      .end()
  })
}
