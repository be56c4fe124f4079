import type { Usage } from '@sluice/protocol'

/**
 * One request of the ledger: who asked, who answered, what was used and what it cost. Ids and names only: nothing of what
 * was said. Absent is `null`.
 */
export interface UsageEntry {
  /** Of the ledger's own making, since callers choose ids of requests and may choose one twice. */
  readonly id: string
  readonly requestId: string
  /** Of the request's head; Unix milliseconds. */
  readonly startedAt: number
  /** Id of the key. */
  readonly principal: string
  readonly organisation: string | null
  readonly workspace: string | null
  readonly workspaceKind: string | null
  readonly user: string | null
  readonly tags: readonly string[]
  readonly operation: string
  /** As the caller named it. */
  readonly requestedModel: string | null
  readonly provider: string | null
  /** As the provider names it. */
  readonly model: string | null
  readonly stream: boolean
  /** `interrupted`: the gateway's process ended in the middle of a stream. */
  readonly outcome: 'ok' | 'error' | 'cut' | 'aborted' | 'interrupted'
  readonly errorCode: string | null
  /** `null`: not known, which is not none. */
  readonly usage: EntryUsage | null
  /** What is known of the cost; `null` without usage. */
  readonly cost: EntryCost | null
  readonly finishReason: string | null
  /** Milliseconds from the request's head to the answer's end; `null` where the end is not known. */
  readonly duration: number | null
  /** Milliseconds until something of a stream could be handed on. */
  readonly firstToken: number | null
  /** Every call to a provider, also those that the caller never heard of. */
  readonly attempts: readonly EntryAttempt[]
}

/** Disjoint classes of tokens, and the rest that is billed. */
export type EntryUsage = Omit<Usage, 'reported'> & {
  /** How the provider says it was processed: `flex`, `priority`. */
  readonly processing: string | null
}

export interface EntryCost {
  /** Whole nano-dollars (10⁻⁹ USD); `null` when the price is not known. */
  readonly nanoDollars: number | null
  /** Who said so; `estimated`: by prices or counts that are not certain; `cache`: the answer was given again, for nothing. */
  readonly source: 'provider' | 'table' | 'estimated' | 'unpriced' | 'cache'
  readonly priceVersion: string | null
}

export interface EntryAttempt {
  readonly provider: string
  readonly model: string
  readonly outcome: 'answered' | 'failed' | 'abandoned'
  readonly errorCode: string | null
  /** The provider's HTTP status where it answered with one. */
  readonly status: number | null
  /** Milliseconds until the answer began, or the attempt had failed. */
  readonly duration: number
}
