import type { Counters, Decision, Limit, Reservation, Settlement } from './counters.ts'
import type { CountersAnswer, CountersQuestion, TakeAnswer } from './counters-messages.ts'

/** Counters of a process that has others count, and asks it. */
export interface WorkerCounters extends Counters {
  take(limits: readonly Limit[], amounts: readonly number[]): Promise<Decision>
  /** To be called with what the other process answers. */
  hear(answers: readonly CountersAnswer[]): void
}

/** @param send to the process that counts: all that was asked in one turn of the event loop, in its order. */
export function createWorkerCounters(send: (questions: readonly CountersQuestion[]) => void): WorkerCounters {
  const waiting = new Map<number, (answer: CountersAnswer[1]) => void>()
  let gathered: CountersQuestion[] = []
  let count = 0

  function flush(): void {
    const questions = gathered
    gathered = []
    send(questions)
  }

  function say(question: CountersQuestion): void {
    if (gathered.length === 0) setImmediate(flush)
    gathered.push(question)
  }

  function ask<Answer extends CountersAnswer[1]>(question: CountersQuestion): Promise<Answer> {
    say(question)
    return new Promise((resolve) => waiting.set(question[1], resolve as (answer: CountersAnswer[1]) => void))
  }

  return {
    async take(limits, amounts): Promise<Decision> {
      const number = ++count
      const { at, ...rest } = await ask<TakeAnswer>(['take', number, limits, amounts])
      const reservation = at === undefined ? undefined : { limits, amounts: [...amounts], at, id: String(number) }
      return { reservation, ...rest }
    },
    settle({ id, limits }: Reservation, used): Settlement | Promise<Settlement> {
      if (limits.some(({ kind }) => kind === 'spend')) return ask(['settle', ++count, Number(id), used])
      say(['settle', 0, Number(id), used])
      return used.map(() => 0)
    },
    async extend({ id, limits, amounts: taken }, amounts) {
      const granted = await ask<boolean>(['extend', ++count, Number(id), amounts])
      if (granted)
        for (const [index, { kind }] of limits.entries()) if (kind === 'spend') taken[index]! += amounts[index]!
      return granted
    },
    seed: (limit, spent) => ask<undefined>(['seed', ++count, limit, spent]),
    look: (limits) => ask(['look', ++count, limits]),
    hear(answers) {
      for (const [number, answer] of answers) {
        waiting.get(number)?.(answer)
        waiting.delete(number)
      }
    },
    close: () => Promise.resolve(),
  }
}
