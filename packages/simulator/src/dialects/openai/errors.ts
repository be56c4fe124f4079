import type { FullError } from '../../dialect.ts'
import type { ErrorReply } from '../../fault.ts'

/** What OpenAI says with a status. https://platform.openai.com/docs/guides/error-codes */
export function openaiError(error: ErrorReply & { readonly status: number }): FullError {
  const usual = errors[error.status] ?? (error.status >= 500 ? serverError : badRequest)
  return {
    message: error.message ?? usual.message,
    type: error.type ?? usual.type,
    param: error.param === undefined ? null : error.param,
    // A message of one's own is no longer the usual error: its code would be wrong.
    code: error.code === undefined ? (error.message === undefined ? usual.code : null) : error.code,
  }
}

type UsualError = Omit<FullError, 'param'>

const badRequest: UsualError = { message: 'The request is not valid.', type: 'invalid_request_error', code: null }
const serverError: UsualError = {
  message: 'The server had an error while processing your request. Sorry about that!',
  type: 'server_error',
  code: null,
}

const errors: Readonly<Record<number, UsualError>> = {
  400: badRequest,
  401: { message: 'Incorrect API key provided.', type: 'invalid_request_error', code: 'invalid_api_key' },
  403: {
    message: 'Country, region, or territory not supported',
    type: 'request_forbidden',
    code: 'unsupported_country_region_territory',
  },
  404: { message: 'Not found.', type: 'invalid_request_error', code: null },
  408: { message: 'Request timed out.', type: 'server_error', code: 'timeout' },
  409: {
    message: 'The resource is being changed by another request.',
    type: 'invalid_request_error',
    code: 'conflict',
  },
  413: { message: 'Request too large.', type: 'invalid_request_error', code: 'request_too_large' },
  429: {
    message: 'Rate limit reached for requests. Please try again in 1s.',
    type: 'requests',
    code: 'rate_limit_exceeded',
  },
  500: serverError,
  502: { message: 'Bad gateway.', type: 'server_error', code: null },
  503: { message: 'The engine is currently overloaded, please try again later', type: 'server_error', code: null },
  504: { message: 'Gateway timeout.', type: 'server_error', code: null },
}
