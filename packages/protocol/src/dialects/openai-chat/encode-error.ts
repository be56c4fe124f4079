import { encodeSseLine } from '../../framing/encode-sse.ts'
import type { ErrorCategory } from '../../errors/codes.ts'
import type { SluiceError } from '../../errors/sluice-error.ts'

/** OpenAI's error body, with the request's id for where no header can carry it. */
export interface WireError {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly param: string | null
    readonly code: string
    readonly request_id?: string
  }
}

/** OpenAI's own word for each class. */
const types: Readonly<Record<ErrorCategory, string>> = {
  authentication: 'invalid_request_error',
  billing: 'insufficient_quota',
  conflict: 'invalid_request_error',
  internal: 'server_error',
  'invalid-request': 'invalid_request_error',
  'not-found': 'invalid_request_error',
  overloaded: 'server_error',
  permission: 'permission_error',
  'rate-limit': 'requests',
  timeout: 'server_error',
  'too-large': 'invalid_request_error',
  upstream: 'server_error',
}

export function encodeError(error: SluiceError, requestId?: string): WireError {
  const limitedTokens = error.code === 'rate_limit_exceeded' && error.upstream?.type === 'tokens'
  return {
    error: {
      message: error.message,
      type: limitedTokens ? 'tokens' : types[error.category],
      param: error.param ?? null,
      code: codeFor(error),
      ...(requestId === undefined ? undefined : { request_id: requestId }),
    },
  }
}

/** Our stable code, but OpenAI's word where it has one, and the provider's where it refused the request's content. */
function codeFor(error: SluiceError): string {
  if (error.code === 'upstream_model_not_found') return 'model_not_found'
  if (error.code === 'upstream_rejected') return error.upstream?.code ?? error.code
  return error.code
}

/** The event that ends a stream that failed; no `[DONE]` follows it. */
export function encodeErrorEvent(error: SluiceError, requestId?: string): string {
  return encodeSseLine(JSON.stringify(encodeError(error, requestId)))
}
