import type { Counters } from '../counters/counters.ts'

/** All the workers of a gateway, as one of them knows them. */
export interface Peers {
  /** Which of them this is, from 0; whoever comes after one that died has its place. */
  readonly place: number
  /** Of all of them together. */
  readonly counters: Counters
  /** Asks all, this one too; those that do not answer within a second are left out, or say of sums what they said last. */
  ask(question: string, about?: unknown): Promise<readonly unknown[]>
  /** Says how such a question is answered here, by data. */
  answer(question: string, answer: (about: unknown) => unknown): void
  /** Tells all others. */
  tell(news: string, about?: unknown): void
  hear(news: string, heard: (about: unknown) => void): void
}
