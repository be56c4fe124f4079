import type { AccessTables } from './access-tables.ts'
import type { CacheTables } from './cache-tables.ts'
import type { SessionTables } from './session-tables.ts'
import type { UsageTables } from './usage-tables.ts'

/** The rows of every table, as they are after all migrations. Times are Unix milliseconds; JSON is kept as text. */
export interface Tables extends AccessTables, CacheTables, SessionTables, UsageTables {
  readonly files: FileRow
  readonly file_chunks: FileChunkRow
  readonly batches: BatchRow
  readonly batch_lines: BatchLineRow
  readonly provider_objects: ProviderObjectRow
  readonly responses: ResponseRow
  readonly migrations: { readonly name: string; readonly applied_at: number }
}

/** A file that a caller gave, or that a batch wrote. */
export interface FileRow {
  /** Its bytes are in the data directory, in a file of this name, or in `file_chunks`. */
  readonly id: string
  readonly owner: string
  readonly filename: string
  readonly purpose: string
  /** Where its content begins there: what is before and after it came around it. */
  readonly content_start: number
  readonly bytes: number
  readonly created_at: number
  readonly expires_at: number | null
}

/** A piece of a file's bytes, where several machines share them. */
export interface FileChunkRow {
  readonly file_id: string
  /** Counted from 0. */
  readonly number: number
  readonly written_at: number
  readonly bytes: Uint8Array
}

export interface BatchRow {
  readonly id: string
  readonly owner: string
  /** Whom its lines are metered for. */
  readonly principal: string
  readonly endpoint: string
  readonly input_file_id: string
  readonly completion_window: string
  readonly status: string
  /** As the caller wrote it. */
  readonly metadata: string | null
  /** What is wrong with the input: a list as JSON. */
  readonly errors: string | null
  readonly output_file_id: string | null
  readonly error_file_id: string | null
  readonly total: number
  readonly completed: number
  readonly failed: number
  readonly created_at: number
  readonly expires_at: number
  readonly in_progress_at: number | null
  readonly finalizing_at: number | null
  readonly completed_at: number | null
  readonly failed_at: number | null
  readonly expired_at: number | null
  readonly cancelling_at: number | null
  readonly cancelled_at: number | null
}

/** What became of one line of a batch, until the batch's files are written from it. */
export interface BatchLineRow {
  readonly batch_id: string
  /** Counted from 1. */
  readonly line: number
  /** `output` or `error`: the file that it belongs to. */
  readonly kind: string
  /** As it stands in that file. */
  readonly text: string
}

/** A file or batch that a provider keeps, so that its id alone finds it again. */
export interface ProviderObjectRow {
  /** As the provider names it. */
  readonly id: string
  readonly owner: string
  readonly provider: string
  /** `file` or `batch`. */
  readonly kind: string
  readonly created_at: number
}

/** A response of the Responses API: kept whole, or with only where its provider keeps it. */
export interface ResponseRow {
  /** Who asked for it. */
  readonly owner: string
  readonly id: string
  readonly previous_id: string | null
  /** That its provider was spoken to in; `null` with `input` and `response` for one that the provider keeps. */
  readonly dialect: string | null
  /** JSON. */
  readonly input: string | null
  /** JSON. */
  readonly response: string | null
  readonly provider: string | null
  readonly model: string | null
  readonly bytes: number
  readonly expires_at: number
}
