import type { BatchRow } from './tables.ts'

type Asked =
  | 'id'
  | 'owner'
  | 'principal'
  | 'endpoint'
  | 'input_file_id'
  | 'completion_window'
  | 'metadata'
  | 'created_at'
  | 'expires_at'

/** A batch as it was asked for, of which nothing was done yet. */
export function newBatch(asked: Pick<BatchRow, Asked>): BatchRow {
  return {
    ...asked,
    status: 'validating',
    errors: null,
    output_file_id: null,
    error_file_id: null,
    total: 0,
    completed: 0,
    failed: 0,
    in_progress_at: null,
    finalizing_at: null,
    completed_at: null,
    failed_at: null,
    expired_at: null,
    cancelling_at: null,
    cancelled_at: null,
  }
}
