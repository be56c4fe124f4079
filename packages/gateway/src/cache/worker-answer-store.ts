import type { Peers } from '../workers/peers.ts'
import type { AnswerFilter, AnswerStore, StoreContents } from './answer-store.ts'

/** A worker's own answers; what is asked of the cache as a whole is asked of all workers. */
export function createWorkerAnswerStore(own: AnswerStore, peers: Peers): AnswerStore {
  peers.answer('cache.purge', (which) => own.purge(which as AnswerFilter | undefined))
  peers.answer('cache.contents', () => own.contents())
  return {
    get: (key) => own.get(key),
    set: (key, answer) => own.set(key, answer),
    async purge(which) {
      const counts = (await peers.ask('cache.purge', which)) as readonly number[]
      return counts.reduce((sum, count) => sum + count, 0)
    },
    async contents() {
      const all = (await peers.ask('cache.contents')) as readonly StoreContents[]
      return {
        entries: all.reduce((sum, { entries }) => sum + entries, 0),
        bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
      }
    },
  }
}
