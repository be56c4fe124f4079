import { mkdirSync } from 'node:fs'
import { freePort, untilReady, type Command, type Processes } from '../measure/processes.ts'

/** The core that every contender is bound to. */
const contenderCore = 0
/** The core of the load and of the upstream. */
export const loadCore = 1

/** Something that stands between the load and the upstream. */
export interface Contender {
  readonly id: string
  readonly name: string
  /** The cases that it takes part in; absent: all. */
  readonly cases?: readonly string[]
  /** Answers 200 as soon as requests would be served. */
  readonly readyPath: string
  /** What it needs to be told by each request besides the caller's key and the content type. */
  headers(setting: Setting): Readonly<Record<string, string>>
  /** Why it cannot take part; undefined when it can. May install what it lacks. */
  unavailable(workDirectory: string): Promise<string | undefined>
  version(): string
  /** Writes its configuration and says how to start it. Absent when there is nothing to start. */
  command?(setting: Setting): Command
}

export interface Setting {
  readonly port: number
  /** `http://127.0.0.1:PORT` of the upstream. */
  readonly upstream: string
  /** For its files, its home and its temporary files. */
  readonly directory: string
  /** Directory to write a processor profile to; only where the contender is a Node program of ours. */
  readonly profileDirectory: string | undefined
}

export interface Running {
  readonly id: string
  readonly name: string
  readonly origin: string
  readonly headers: Readonly<Record<string, string>>
  /** Absent when the load goes to the upstream itself. */
  readonly pid: number | undefined
  /** Milliseconds from starting the process to the first 200. */
  readonly startTime: number
  stop(): Promise<void>
}

export interface StartOptions {
  readonly upstream: string
  readonly directory: string
  readonly profileDirectory: string | undefined
  readonly callerKey: string
}

export async function start(contender: Contender, processes: Processes, options: StartOptions): Promise<Running> {
  const { upstream, directory, profileDirectory } = options
  mkdirSync(directory, { recursive: true })
  const setting = { port: await freePort(), upstream, directory, profileDirectory }
  const command = contender.command?.(setting)
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${options.callerKey}`,
    ...contender.headers(setting),
  }
  const { id, name } = contender
  if (command === undefined) {
    return { id, name, origin: upstream, headers, pid: undefined, startTime: 0, stop: () => Promise.resolve() }
  }

  const logFile = `${directory}/output.log`
  const origin = `http://127.0.0.1:${setting.port}`
  const started = performance.now()
  const { pid, stop } = processes.start(contenderCore, command, logFile)
  await untilReady(origin + contender.readyPath, logFile)
  return { id, name, origin, headers, pid, startTime: performance.now() - started, stop }
}

/** An environment with nothing of the user's in it: home and temporary files are the run's own. */
export function cleanEnvironment(directory: string): Record<string, string> {
  return { HOME: directory, TMPDIR: directory, XDG_CACHE_HOME: `${directory}/cache`, NODE_ENV: 'production' }
}

/** Node's options for a profile that is named after the contender. */
export function profileArguments({ profileDirectory, port }: Setting, id: string): string[] {
  if (profileDirectory === undefined) return []
  return ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`, `--cpu-prof-name=${id}-${port}.cpuprofile`]
}
