import { createCountersDesk } from '../counters/counters-desk.ts'
import type { CountersQuestion } from '../counters/counters-messages.ts'
import type { MemoryCounters } from '../counters/memory-counters.ts'
import type { PrimaryMessage, WorkerMessage } from './messages.ts'

/** What the first process does for the workers besides keeping them running: it counts for them and passes on what they say. */
export interface Hub {
  /** @param worker a number of its own, which nobody after it has. */
  join(worker: number, send: (message: PrimaryMessage) => void): void
  /** A worker says something. */
  hear(worker: number, message: WorkerMessage): void
  /** A worker is no more. */
  leave(worker: number): void
  /** Asks all workers; of those that do not answer in time there is what they said last, of what lasts, else nothing. */
  ask(question: string, about?: unknown): Promise<readonly unknown[]>
}

export interface HubOptions {
  readonly counters: MemoryCounters
  /** Questions whose last answer by a worker counts until the next one and after its death, and how two are added up. */
  readonly lasting: Readonly<Record<string, (one: never, other: never) => unknown>>
  /** Milliseconds that answers are waited for. Default: a second. */
  readonly patience?: number
}

interface Asked {
  readonly question: string
  readonly missing: Set<number>
  readonly answers: Map<number, unknown>
  readonly end: () => void
}

export function createHub({ counters, lasting, patience = 1_000 }: HubOptions): Hub {
  const desk = createCountersDesk(counters)
  const workers = new Map<number, (message: PrimaryMessage) => void>()
  const asked = new Map<number, Asked>()
  /** By question: what each worker said last, and the sum of those that are no more. */
  const last = new Map<string, Map<number, unknown>>()
  const departed = new Map<string, unknown>()
  let count = 0

  function ask(question: string, about?: unknown): Promise<readonly unknown[]> {
    return new Promise((resolve) => {
      const number = ++count
      const timer = setTimeout(end, patience)
      const answers = new Map<number, unknown>()
      const missing = new Set(workers.keys())
      function end(): void {
        clearTimeout(timer)
        asked.delete(number)
        const before = last.get(question)
        for (const worker of missing) if (before?.has(worker)) answers.set(worker, before.get(worker))
        resolve([...answers.values(), ...(departed.has(question) ? [departed.get(question)] : [])])
      }
      asked.set(number, { question, missing, answers, end })
      if (workers.size === 0) end()
      for (const send of workers.values()) send({ kind: 'asked', number, question, about })
    })
  }

  function answered(worker: number, message: WorkerMessage & { readonly kind: 'answer' }): void {
    const pending = asked.get(message.number)
    if (pending === undefined) return
    const { question, missing, answers, end } = pending
    missing.delete(worker)
    if ('answer' in message) {
      answers.set(worker, message.answer)
      if (Object.hasOwn(lasting, question)) {
        const those = last.get(question) ?? new Map<number, unknown>()
        last.set(question, those.set(worker, message.answer))
      }
    }
    if (missing.size === 0) end()
  }

  function answerCounters(worker: number, questions: readonly CountersQuestion[]): void {
    const answers = desk.answer(worker, questions)
    if (answers.length > 0) workers.get(worker)?.({ kind: 'counters', answers })
  }

  return {
    ask,
    join: (worker, send) => void workers.set(worker, send),
    hear(worker, message) {
      // What it took now nobody would give back.
      if (!workers.has(worker)) return
      switch (message.kind) {
        case 'counters':
          answerCounters(worker, message.questions)
          break
        case 'ask':
          void ask(message.question, message.about).then((answers) =>
            workers.get(worker)?.({ kind: 'answers', number: message.number, answers }),
          )
          break
        case 'answer':
          answered(worker, message)
          break
        case 'news':
          for (const [other, send] of workers) if (other !== worker) send(message)
          break
        default:
      }
    },
    leave(worker) {
      workers.delete(worker)
      desk.release(worker)
      for (const [question, answers] of last) {
        if (!answers.has(worker)) continue
        const own = answers.get(worker)
        answers.delete(worker)
        const add = lasting[question] as (one: unknown, other: unknown) => unknown
        departed.set(question, departed.has(question) ? add(departed.get(question), own) : own)
      }
      for (const { question, missing, answers, end } of asked.values()) {
        // It is among the departed.
        if (Object.hasOwn(lasting, question)) answers.delete(worker)
        missing.delete(worker)
        if (missing.size === 0) end()
      }
    },
  }
}
