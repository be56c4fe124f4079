import type { KeptAnswer } from './kept-answer.ts'

/** Where answers are kept. What it loses is asked for again, so it may drop whatever it likes. */
export interface AnswerStore {
  /** Never older than the time to live. */
  get(key: string): KeptAnswer | undefined | Promise<KeptAnswer | undefined>
  /** Never rejects: an answer that cannot be kept is not. */
  set(key: string, answer: KeptAnswer): void | Promise<void>
  /** Forgets everything. */
  purge(): void | Promise<void>
}

export interface AnswerStoreOptions {
  /** Milliseconds. */
  readonly ttl: number
  /** Bytes of all answers together. */
  readonly maxBytes: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}
