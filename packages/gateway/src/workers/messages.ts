import type { ErrorCode } from '@sluice/protocol'
import type { CountersAnswer, CountersQuestion } from '../counters/counters-messages.ts'

/** What a worker says to the first process. */
export type WorkerMessage =
  | { readonly kind: 'counters'; readonly questions: readonly CountersQuestion[] }
  /** For all workers. */
  | { readonly kind: 'ask'; readonly number: number; readonly question: string; readonly about: unknown }
  /** To what it was asked; without one, it has none. */
  | { readonly kind: 'answer'; readonly number: number; readonly answer?: unknown }
  /** For all other workers. */
  | { readonly kind: 'news'; readonly news: string; readonly about: unknown }
  | { readonly kind: 'listening'; readonly description: StartDescription | undefined }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }

/** What the first process says to a worker. */
export type PrimaryMessage =
  | { readonly kind: 'counters'; readonly answers: readonly CountersAnswer[] }
  | { readonly kind: 'asked'; readonly number: number; readonly question: string; readonly about: unknown }
  | { readonly kind: 'answers'; readonly number: number; readonly answers: readonly unknown[] }
  | { readonly kind: 'news'; readonly news: string; readonly about: unknown }
  | { readonly kind: 'stop' }

/** What a gateway says of itself when it has started. */
export interface StartDescription {
  readonly facts: object
  readonly text: string
}
