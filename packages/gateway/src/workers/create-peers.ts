import { createWorkerCounters } from '../counters/worker-counters.ts'
import type { PrimaryMessage, WorkerMessage } from './messages.ts'
import type { Peers } from './peers.ts'

export interface WorkerPeers extends Peers {
  /** To be called with what the first process says. */
  receive(message: PrimaryMessage): void
}

/** @param send to the first process, in order. */
export function createPeers(place: number, send: (message: WorkerMessage) => void): WorkerPeers {
  const counters = createWorkerCounters((questions) => send({ kind: 'counters', questions }))
  const waiting = new Map<number, (answers: readonly unknown[]) => void>()
  const answerers = new Map<string, (about: unknown) => unknown>()
  const listeners = new Map<string, ((about: unknown) => void)[]>()
  let count = 0

  async function reply(number: number, question: string, about: unknown): Promise<void> {
    const answerer = answerers.get(question)
    try {
      if (answerer === undefined) send({ kind: 'answer', number })
      else send({ kind: 'answer', number, answer: await answerer(about) })
    } catch {
      send({ kind: 'answer', number })
    }
  }

  return {
    place,
    counters,
    ask(question, about) {
      const number = ++count
      send({ kind: 'ask', number, question, about })
      return new Promise((resolve) => waiting.set(number, resolve))
    },
    answer: (question, answerer) => void answerers.set(question, answerer),
    tell: (news, about) => send({ kind: 'news', news, about }),
    hear: (news, heard) => void listeners.set(news, [...(listeners.get(news) ?? []), heard]),
    receive(message) {
      switch (message.kind) {
        case 'counters':
          counters.hear(message.answers)
          break
        case 'asked':
          void reply(message.number, message.question, message.about)
          break
        case 'answers':
          waiting.get(message.number)?.(message.answers)
          waiting.delete(message.number)
          break
        case 'news':
          for (const heard of listeners.get(message.news) ?? []) heard(message.about)
          break
        case 'stop':
          break
      }
    },
  }
}
