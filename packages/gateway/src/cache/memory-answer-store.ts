import { LRUCache } from 'lru-cache'
import { type AnswerStore, type AnswerStoreOptions, fitsFilter } from './answer-store.ts'
import { type KeptAnswer, sizeOf } from './kept-answer.ts'

/** In this process alone; the answer that was asked for longest ago makes room. */
export function createMemoryAnswerStore({ ttl, maxBytes, now }: AnswerStoreOptions): AnswerStore {
  const answers = new LRUCache<string, KeptAnswer>({ maxSize: maxBytes, sizeCalculation: sizeOf })

  function remove(which: (answer: KeptAnswer) => boolean): number {
    const keys = [...answers.entries()].flatMap(([key, answer]) => (which(answer) ? [key] : []))
    for (const key of keys) answers.delete(key)
    return keys.length
  }

  const isOver = ({ keptAt }: KeptAnswer): boolean => now() - keptAt >= ttl

  return {
    get(key) {
      const answer = answers.get(key)
      if (answer === undefined || !isOver(answer)) return answer
      answers.delete(key)
      return undefined
    },
    set(key, answer) {
      answers.set(key, answer)
    },
    purge(which = {}) {
      remove(isOver)
      return remove((answer) => fitsFilter(answer, which))
    },
    contents() {
      remove(isOver)
      return { entries: answers.size, bytes: answers.calculatedSize }
    },
  }
}
