import type { Worker } from 'node:cluster'
import process from 'node:process'
import { SluiceError } from '@sluice/protocol'
import type { Logger } from 'pino'
import { createMemoryCounters } from '../counters/memory-counters.ts'
import { addTotals } from '../telemetry/sum-figures.ts'
import { totalsQuestion } from './ask-processes.ts'
import { createHub } from './hub.ts'
import type { PrimaryMessage, StartDescription, WorkerMessage } from './messages.ts'
import { writePlace } from './worker-place.ts'

/** The processes that serve, and the one that keeps them running: this one. */
export interface Workers {
  /** What the first of them says, when all listen. Rejects, with none left, when one of them cannot start. */
  readonly started: Promise<StartDescription>
  /** Requests that are being answered. */
  open(): Promise<number>
  /** Lets all of them finish what they are at; resolves when they are gone. Idempotent. */
  stop(): Promise<void>
  /** Ends them now. */
  kill(): void
}

export interface WorkersOptions {
  readonly count: number
  /** That they share. */
  readonly port: number
  readonly logger: Logger
}

interface Member {
  readonly worker: Worker
  readonly place: number
  readonly bornAt: number
  listening: boolean
}

/** Asked for the requests that a worker is answering. */
export const openQuestion = 'open'

/** Milliseconds until one that died is started again: at first, and at the most. */
const shortestRest = 100
const longestRest = 10_000
/** Milliseconds of life after which a death says nothing of the next one. */
const soundLife = 60_000

/** Runs this program once more for each worker, by the same command line. */
export function runWorkers({ count, port, logger }: WorkersOptions): Workers {
  const cluster = process.getBuiltinModule('node:cluster')
  cluster.setupPrimary({ exec: process.argv[1]!, args: process.argv.slice(2), serialization: 'advanced' })
  const hub = createHub({ counters: createMemoryCounters(Date.now), lasting: { [totalsQuestion]: addTotals } })
  const members = new Map<number, Member>()
  /** By place: how often in a row one died young. */
  const deaths = new Map<number, number>()
  const timers = new Set<NodeJS.Timeout>()
  const begun = Promise.withResolvers<StartDescription>()
  const gone = Promise.withResolvers<void>()
  let phase: 'starting' | 'serving' | 'stopping' = 'starting'
  let description: StartDescription | undefined
  let failure: SluiceError | undefined

  function fork(place: number): void {
    const worker = cluster.fork(writePlace({ place, port }))
    const member: Member = { worker, place, bornAt: performance.now(), listening: false }
    members.set(worker.id, member)
    // One that ends hears nothing any more, and that is told by its end.
    hub.join(worker.id, (message) => void (worker.isConnected() && worker.send(message, () => undefined)))
    worker.on('message', (message: WorkerMessage) => hear(member, message))
    worker.on('error', (error) => logger.error({ err: error, place }, 'A worker cannot be talked to.'))
    worker.on('exit', (code, signal) => bury(member, code, signal))
  }

  function hear(member: Member, message: WorkerMessage): void {
    if (message.kind === 'failed') fail(member, new SluiceError(message.code, message.message))
    else if (message.kind === 'listening') {
      member.listening = true
      description ??= message.description
      if (phase === 'starting' && description !== undefined && isComplete()) {
        phase = 'serving'
        begun.resolve(description)
      }
    } else hub.hear(member.worker.id, message)
  }

  function isComplete(): boolean {
    return members.size === count && [...members.values()].every(({ listening }) => listening)
  }

  function fail({ place }: Member, error: SluiceError): void {
    if (phase === 'starting') failure ??= error
    else logger.error({ place, code: error.code }, `A worker could not start: ${error.message}`)
  }

  function bury(member: Member, code: number | null, signal: string | null): void {
    const { worker, place, bornAt } = member
    members.delete(worker.id)
    hub.leave(worker.id)
    if (phase === 'stopping') {
      if (members.size === 0) gone.resolve()
    } else if (phase === 'starting') {
      phase = 'stopping'
      failure ??= new SluiceError('internal_error', `A worker ended while it started (${signal ?? `code ${code}`}).`)
      kill()
      const reason = failure
      if (members.size === 0) gone.resolve()
      void gone.promise.then(() => begun.reject(reason))
    } else {
      const sound = code === 0 || performance.now() - bornAt > soundLife
      const inARow = sound ? 0 : (deaths.get(place) ?? 0)
      deaths.set(place, inARow + 1)
      const rest = Math.min(longestRest, shortestRest * 2 ** inARow)
      const how = { place, code, signal, startsIn: rest }
      if (code === 0) logger.info(how, 'A worker ended; another takes its place.')
      else logger.error(how, 'A worker died; another takes its place.')
      const timer = setTimeout(() => {
        timers.delete(timer)
        fork(place)
      }, rest)
      timers.add(timer)
    }
  }

  function kill(): void {
    for (const { worker } of members.values()) worker.process.kill('SIGKILL')
  }

  for (let place = 0; place < count; place++) fork(place)

  return {
    started: begun.promise,
    async open() {
      const answers = (await hub.ask(openQuestion)) as readonly number[]
      return answers.reduce((sum, open) => sum + open, 0)
    },
    stop() {
      if (phase !== 'stopping') {
        phase = 'stopping'
        for (const timer of timers) clearTimeout(timer)
        for (const { worker } of members.values())
          if (worker.isConnected()) worker.send({ kind: 'stop' } satisfies PrimaryMessage, () => undefined)
        if (members.size === 0) gone.resolve()
      }
      return gone.promise
    },
    kill,
  }
}
