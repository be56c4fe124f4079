/** The rows of the ledger. Times are Unix milliseconds, durations milliseconds, money whole nano-dollars (10⁻⁹ USD). */
export interface UsageTables {
  readonly usage_records: UsageRecordRow
  readonly usage_attempts: UsageAttemptRow
  readonly usage_tags: UsageTagRow
  readonly usage_daily: UsageDailyRow
}

/** Disjoint classes of tokens, and what else is billed. */
interface UsageCounts<Count> {
  readonly input: Count
  readonly cache_read: Count
  readonly cache_write: Count
  readonly cache_write_long: Count
  readonly audio_input: Count
  readonly image_input: Count
  readonly output: Count
  readonly reasoning: Count
  readonly audio_output: Count
  readonly image_output: Count
  readonly rejected_prediction: Count
  readonly searches: Count
  readonly audio_seconds: Count
  readonly characters: Count
}

/** A request. Counts are `null` where nobody knows them. */
export interface UsageRecordRow extends UsageCounts<number | null> {
  readonly id: string
  readonly request_id: string
  readonly started_at: number
  readonly principal: string
  readonly organisation: string | null
  readonly workspace: string | null
  readonly workspace_kind: string | null
  readonly user_id: string | null
  /** A list as JSON; `null` for none. */
  readonly tags: string | null
  readonly operation: string
  readonly requested_model: string | null
  readonly provider: string | null
  readonly model: string | null
  readonly stream: number
  readonly outcome: string
  readonly error_code: string | null
  /** Whether the counts are an estimate: 0 or 1; `null` without any. */
  readonly estimated: number | null
  readonly processing: string | null
  readonly nano_dollars: number | null
  readonly cost_source: string | null
  readonly price_version: string | null
  readonly finish_reason: string | null
  readonly duration_ms: number | null
  readonly first_token_ms: number | null
  readonly attempts: number
  /** Of the only attempt, where it was answered; others are in `usage_attempts`. */
  readonly answered_ms: number | null
}

/** A call to a provider, of requests that needed more than one or whose only one failed. */
export interface UsageAttemptRow {
  readonly record_id: string
  /** Counted from 1. */
  readonly number: number
  readonly provider: string
  readonly model: string
  readonly outcome: string
  readonly error_code: string | null
  readonly status: number | null
  readonly duration_ms: number
}

export interface UsageTagRow {
  readonly tag: string
  readonly started_at: number
  readonly record_id: string
}

/** Sums of one UTC day. What is absent in a record is empty here. */
export interface UsageDailyRow extends UsageCounts<number> {
  /** Its first millisecond. */
  readonly day: number
  readonly principal: string
  readonly organisation: string
  readonly workspace: string
  readonly user_id: string
  readonly provider: string
  readonly model: string
  readonly operation: string
  readonly requests: number
  /** Of them, those that ended in an error, before or in the middle of their answer. */
  readonly failed: number
  /** Of them, those whose caller went away, or whose process ended. */
  readonly aborted: number
  readonly attempts: number
  /** Requests whose counts are not known, and those whose counts are estimated. */
  readonly uncounted: number
  readonly estimated: number
  /** Of what has a price; `unpriced` counts the requests with usage whose cost is not known. */
  readonly nano_dollars: number
  readonly unpriced: number
  readonly duration_ms: number
}
