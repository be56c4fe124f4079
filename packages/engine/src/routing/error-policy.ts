import type { ErrorCategory, ErrorCode, SluiceError } from '@sluice/protocol'
import type { RoutePolicy } from './route-plan.ts'
import type { ErrorAction, FallbackReason } from './route-policy.ts'

/**
 * What is done about an error when config says nothing: `next` where another target may do better, `fail` where the
 * request itself is at fault. Where there is no other target, `next` asks the same one again if the error may pass.
 */
const usual: Readonly<Partial<Record<ErrorCode, ErrorAction>>> = {
  upstream_authentication_failed: 'next',
  upstream_permission_denied: 'next',
  upstream_model_not_found: 'next',
  unsupported_operation: 'next',
  lossy_request: 'next',
  rate_limit_exceeded: 'next',
  limit_exceeded: 'next',
  budget_exceeded: 'next',
  price_unknown: 'next',
  insufficient_quota: 'next',
  upstream_conflict: 'retry',
  upstream_timeout: 'next',
  upstream_unreachable: 'next',
  upstream_disconnected: 'next',
  upstream_invalid_response: 'next',
  upstream_error: 'next',
  upstream_overloaded: 'next',
  middleware_failed: 'next',
}

const fallbackReasons: Readonly<Partial<Record<ErrorCode, FallbackReason>>> = {
  context_length_exceeded: 'context-window',
  content_filter: 'content-policy',
  empty_answer: 'empty-answer',
  invalid_output: 'invalid-output',
}

export function actionFor(error: SluiceError, { onError }: RoutePolicy): ErrorAction {
  return onError[error.code] ?? onError[error.category] ?? usual[error.code] ?? (error.retryable ? 'retry' : 'fail')
}

export function fallbackFor(error: SluiceError, { fallbacks }: RoutePolicy): RoutePolicy['fallbacks'][FallbackReason] {
  const reason = fallbackReasons[error.code]
  return reason === undefined ? undefined : fallbacks[reason]
}

/** Whether the target is to blame, so that its state should know. */
export function blamesTarget(error: SluiceError): boolean {
  const { category, code } = error
  return blamedCategories.has(category) || code === 'upstream_model_not_found' || code === 'upstream_permission_denied'
}

const blamedCategories: ReadonlySet<ErrorCategory> = new Set([
  'upstream',
  'overloaded',
  'rate-limit',
  'billing',
  'timeout',
])
