import type { Reservation } from './counters.ts'
import type { CountersAnswer, CountersQuestion } from './counters-messages.ts'
import type { MemoryCounters } from './memory-counters.ts'

/** Counts for the workers of this process. */
export interface CountersDesk {
  /** All of one message at once, in its order; those that are waited for. */
  answer(worker: number, questions: readonly CountersQuestion[]): readonly CountersAnswer[]
  /** A worker is no more: its places and the money it held are free again. */
  release(worker: number): void
}

export function createCountersDesk(counters: MemoryCounters): CountersDesk {
  /** What each worker took and has not settled, by the number of its question. */
  const open = new Map<number, Map<number, Reservation>>()

  function answerOne(taken: Map<number, Reservation>, question: CountersQuestion): CountersAnswer {
    const [kind, number] = question
    switch (kind) {
      case 'take': {
        const { reservation, ...rest } = counters.take(question[2], question[3])
        if (reservation !== undefined) taken.set(number, reservation)
        return [number, { ...rest, at: reservation?.at }]
      }
      case 'settle': {
        const [, , of, used] = question
        const reservation = taken.get(of)
        taken.delete(of)
        return [number, reservation === undefined ? used.map(() => 0) : counters.settle(reservation, used)]
      }
      case 'extend': {
        const reservation = taken.get(question[2])
        return [number, reservation !== undefined && counters.extend(reservation, question[3])]
      }
      case 'look':
        return [number, counters.look(question[2])]
      case 'seed':
        void counters.seed(question[2], question[3])
        return [number, undefined]
    }
  }

  return {
    answer(worker, questions) {
      let taken = open.get(worker)
      if (taken === undefined) open.set(worker, (taken = new Map()))
      const own = taken
      return questions.map((question) => answerOne(own, question)).filter(([number]) => number > 0)
    },
    release(worker) {
      for (const reservation of open.get(worker)?.values() ?? []) {
        const { limits, amounts } = reservation
        // What a window counted did happen.
        counters.settle(
          reservation,
          limits.map(({ kind }, index) => (kind === 'window' ? amounts[index]! : 0)),
        )
      }
      open.delete(worker)
    },
  }
}
