import { LRUCache } from 'lru-cache'
import type { AnswerStore, AnswerStoreOptions } from './answer-store.ts'
import { type KeptAnswer, sizeOf } from './kept-answer.ts'

/** In this process alone; the answer that was asked for longest ago makes room. */
export function createMemoryAnswerStore({ ttl, maxBytes, now }: AnswerStoreOptions): AnswerStore {
  const answers = new LRUCache<string, KeptAnswer>({ maxSize: maxBytes, sizeCalculation: sizeOf })
  return {
    get(key) {
      const answer = answers.get(key)
      if (answer === undefined || now() - answer.keptAt < ttl) return answer
      answers.delete(key)
      return undefined
    },
    set(key, answer) {
      answers.set(key, answer)
    },
    purge() {
      answers.clear()
    },
  }
}
