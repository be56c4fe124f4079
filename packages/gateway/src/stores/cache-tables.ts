/** What is kept to be given again. Times are Unix milliseconds. */
export interface CacheTables {
  readonly cache_purges: CachePurgeRow
  readonly kept_answers: KeptAnswerRow
  readonly kept_questions: KeptQuestionRow
}

interface CachePurgeRow {
  readonly id: string
  /** JSON. */
  readonly filter: string
  readonly created_at: number
}

/** An answer that is given again. */
export interface KeptAnswerRow {
  readonly key: string
  readonly kept_at: number
  /** That it counts for, of what may be kept. */
  readonly bytes: number
  readonly provider: string
  readonly model: string
  /** Ids of whose request it was. */
  readonly asker: string
  readonly workspace: string | null
  readonly organisation: string | null
  /** JSON: all that is known of it but its bytes, and how they are cut. */
  readonly about: string
  /** Its pieces, one after the other. */
  readonly content: Uint8Array
}

/** A question as a vector, which leads to an answer. */
interface KeptQuestionRow {
  readonly answer_key: string
  readonly scope: string
  readonly kept_at: number
  /** The bytes of its numbers on SQLite; on PostgreSQL numbers. */
  readonly vector: Uint8Array | readonly number[]
}
