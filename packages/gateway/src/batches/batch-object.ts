import type { BatchRow } from '../stores/tables.ts'

/** https://platform.openai.com/docs/api-reference/batch/object */
export function batchObject(batch: BatchRow): { readonly id: string } & Readonly<Record<string, unknown>> {
  const { total, completed, failed } = batch
  return {
    id: batch.id,
    object: 'batch',
    endpoint: batch.endpoint,
    errors: batch.errors === null ? null : { object: 'list', data: JSON.parse(batch.errors) as unknown },
    input_file_id: batch.input_file_id,
    completion_window: batch.completion_window,
    status: batch.status,
    output_file_id: batch.output_file_id,
    error_file_id: batch.error_file_id,
    created_at: seconds(batch.created_at),
    in_progress_at: seconds(batch.in_progress_at),
    expires_at: seconds(batch.expires_at),
    finalizing_at: seconds(batch.finalizing_at),
    completed_at: seconds(batch.completed_at),
    failed_at: seconds(batch.failed_at),
    expired_at: seconds(batch.expired_at),
    cancelling_at: seconds(batch.cancelling_at),
    cancelled_at: seconds(batch.cancelled_at),
    request_counts: { total, completed, failed },
    metadata: batch.metadata === null ? null : (JSON.parse(batch.metadata) as unknown),
  }
}

function seconds(milliseconds: number | null): number | null {
  return milliseconds === null ? null : Math.floor(milliseconds / 1000)
}
