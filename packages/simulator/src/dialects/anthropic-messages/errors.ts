import type { FullError } from '../../dialect.ts'
import type { ErrorReply } from '../../fault.ts'

/** What Anthropic says with a status. https://platform.claude.com/docs/en/api/errors */
export function anthropicError(error: ErrorReply & { readonly status: number }): FullError {
  const usual = errors[error.status] ?? (error.status >= 500 ? errors[500]! : errors[400]!)
  return {
    message: error.message ?? usual.message,
    type: error.type ?? usual.type,
    code: error.code ?? null,
    param: error.param ?? null,
  }
}

type UsualError = Pick<FullError, 'message' | 'type'>

const errors: Readonly<Record<number, UsualError>> = {
  400: { message: 'The request is not valid.', type: 'invalid_request_error' },
  401: { message: 'invalid x-api-key', type: 'authentication_error' },
  402: { message: 'Your account has a billing issue.', type: 'billing_error' },
  403: { message: 'Your API key does not have permission to use the specified resource.', type: 'permission_error' },
  404: { message: 'Not found', type: 'not_found_error' },
  405: { message: 'Method Not Allowed', type: 'invalid_request_error' },
  409: { message: 'The request conflicts with another.', type: 'conflict_error' },
  413: { message: 'Request exceeds the maximum size', type: 'request_too_large' },
  429: { message: "This request would exceed your organization's rate limit.", type: 'rate_limit_error' },
  500: { message: 'Internal server error', type: 'api_error' },
  503: { message: 'Overloaded', type: 'overloaded_error' },
  504: { message: 'The request timed out while processing.', type: 'timeout_error' },
  529: { message: 'Overloaded', type: 'overloaded_error' },
}
