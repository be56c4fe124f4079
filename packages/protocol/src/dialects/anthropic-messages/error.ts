import type { ErrorAnswer, ErrorCodec } from '../../dialect.ts'
import type { ErrorCategory } from '../../errors/codes.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { encodeSseEvent } from '../../framing/encode-sse.ts'
import { openaiErrors } from '../openai-chat/error.ts'
import { isRecord, isString, type WireObject } from './wire.ts'

/** Types whose meaning their name alone gives, for errors inside a stream, where no status does. */
const statuses: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  conflict_error: 409,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
}

/** Reads `{type: "error", error: {type, message}, request_id}` (Anthropic API reference, "Errors"); never throws. */
export function decodeError(answer: ErrorAnswer): SluiceError {
  const { type, message } = errorIn(answer.body)
  const known = type !== undefined && Object.hasOwn(statuses, type) ? statuses[type]! : answer.status
  const status = answer.status >= 400 ? answer.status : known
  const error = openaiErrors.decode({ ...answer, header: (name) => answer.header(name), status, body: answer.body })
  const upstream = { ...error.upstream, status: answer.status }
  // A tier's spend limit comes as a rate limit that no waiting lifts, and names no time.
  const spent = error.code === 'rate_limit_exceeded' && error.retryAfterMs === undefined && spendLimit.test(message)
  const code = spent ? 'insufficient_quota' : error.code
  return new SluiceError(code, error.message, {
    ...(error.param === undefined ? undefined : { param: error.param }),
    ...(spent ? undefined : { status: error.status, retryable: error.retryable }),
    ...(error.retryAfterMs === undefined ? undefined : { retryAfterMs: error.retryAfterMs }),
    upstream,
  })
}

const spendLimit = /\b(spend|usage) limits?\b/i

function errorIn(body: unknown): { readonly type: string | undefined; readonly message: string } {
  const error: unknown = isRecord(body) ? body['error'] : undefined
  if (!isRecord(error)) return { type: undefined, message: '' }
  const { type, message } = error
  return { type: isString(type) ? type : undefined, message: isString(message) ? message : '' }
}

/** Anthropic's own word for each class. */
const types: Readonly<Record<ErrorCategory, string>> = {
  authentication: 'authentication_error',
  billing: 'billing_error',
  conflict: 'conflict_error',
  internal: 'api_error',
  'invalid-request': 'invalid_request_error',
  'not-found': 'not_found_error',
  overloaded: 'overloaded_error',
  permission: 'permission_error',
  'rate-limit': 'rate_limit_error',
  timeout: 'timeout_error',
  'too-large': 'request_too_large',
  upstream: 'api_error',
}

/** Our stable code stands where Anthropic puts its own finer ones. */
function encodeError(error: SluiceError, requestId?: string): WireObject {
  const type = error.status === 413 ? 'request_too_large' : types[error.category]
  const details = { error_code: error.code, ...(error.param === undefined ? undefined : { param: error.param }) }
  return { type: 'error', error: { type, message: error.message, details }, request_id: requestId ?? null }
}

export function encodeErrorEvent(error: SluiceError, requestId?: string): string {
  return encodeSseEvent({ event: 'error', data: JSON.stringify(encodeError(error, requestId)) })
}

export const anthropicErrors: ErrorCodec = { decode: decodeError, encode: encodeError, encodeEvent: encodeErrorEvent }
