import type { KeptAnswer } from './kept-answer.ts'

/** Where answers are kept. What it loses is asked for again, so it may drop whatever it likes. */
export interface AnswerStore {
  /** Never older than the time to live. */
  get(key: string): KeptAnswer | undefined | Promise<KeptAnswer | undefined>
  /** Never rejects: an answer that cannot be kept is not. */
  set(key: string, answer: KeptAnswer): void | Promise<void>
  /** Forgets what fits; everything, where nothing is said of it. @returns how many answers that were. */
  purge(which?: AnswerFilter): number | Promise<number>
  contents(): StoreContents | Promise<StoreContents>
}

/** Which answers; a member that is absent leaves none out. */
export interface AnswerFilter {
  readonly provider?: string | undefined
  /** As the provider names it, or `provider/model`. */
  readonly model?: string | undefined
  /** Of who asked first. */
  readonly organisation?: string | undefined
  readonly workspace?: string | undefined
  readonly key?: string | undefined
}

/** What is kept now; at the most so much, where the store drops some by itself. */
export interface StoreContents {
  readonly entries: number
  readonly bytes: number
}

export interface AnswerStoreOptions {
  /** Milliseconds. */
  readonly ttl: number
  /** Bytes of all answers together. */
  readonly maxBytes: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export function fitsFilter({ provider, model, asker }: AnswerSubject, which: AnswerFilter): boolean {
  return (
    (which.provider === undefined || which.provider === provider) &&
    (which.model === undefined || which.model === model || which.model === `${provider}/${model}`) &&
    (which.organisation === undefined || which.organisation === asker.organisation) &&
    (which.workspace === undefined || which.workspace === asker.workspace) &&
    (which.key === undefined || which.key === asker.key)
  )
}

/** What a filter looks at. */
export type AnswerSubject = Pick<KeptAnswer, 'provider' | 'model' | 'asker'>
