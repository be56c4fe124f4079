import type { FinishReason } from '../../ir/finish-reason.ts'
import { isRecord, isString, type WireObject } from '../../json/wire-object.ts'

/** What a response's `status` and `incomplete_details` mean; `null` while it is being made. */
export function decodeStatus(status: unknown, incomplete: unknown, hasCalls: boolean): FinishReason | null {
  switch (status) {
    case 'incomplete':
      return reasonOf(incomplete) === 'content_filter' ? 'content-filter' : 'length'
    case 'failed':
    case 'cancelled':
      return 'error'
    case 'queued':
    case 'in_progress':
      return null
    default:
      return hasCalls ? 'tool-calls' : 'stop'
  }
}

/** The provider's word, where it says more than ours. */
export function exactReason(status: unknown, incomplete: unknown): string | undefined {
  if (status === 'cancelled') return 'cancelled'
  const reason = status === 'incomplete' ? reasonOf(incomplete) : undefined
  return reason === 'max_output_tokens' || reason === 'content_filter' ? undefined : reason
}

function reasonOf(incomplete: unknown): string | undefined {
  const reason = isRecord(incomplete) ? incomplete['reason'] : undefined
  return isString(reason) ? reason : undefined
}

/** @param form the members as the provider wrote them, which are written again where they still mean the same. */
export function encodeStatus(reason: FinishReason | null, form: WireObject | undefined): WireObject {
  if (form !== undefined) {
    const { status, incomplete_details: incomplete } = form
    const meant = decodeStatus(status, incomplete, reason === 'tool-calls')
    if (meant === reason)
      return {
        ...('status' in form && { status }),
        ...('incomplete_details' in form && { incomplete_details: incomplete }),
      }
  }
  switch (reason) {
    case 'length':
      return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }
    case 'content-filter':
      return { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }
    case 'error':
      return { status: 'failed', error: { code: 'server_error', message: 'The provider broke off its answer.' } }
    default:
      return { status: 'completed' }
  }
}
