import type { FullError } from '../../dialect.ts'
import type { ErrorReply } from '../../fault.ts'

/** What Cohere says with a status. https://docs.cohere.com/v2/reference/errors */
export function cohereError(error: ErrorReply & { readonly status: number }): FullError {
  const usual = messages[error.status] ?? (error.status >= 500 ? messages[500]! : messages[400]!)
  const { message = usual, type = 'error', code = null, param = null } = error
  return { message, type, code, param }
}

const messages: Readonly<Record<number, string>> = {
  400: 'invalid request: the request is not valid',
  401: 'invalid api token',
  403: 'the API key does not have permission to use this',
  404: 'not found',
  405: 'method not allowed',
  422: 'invalid request: the request cannot be processed',
  429: 'You are using a Trial key, which is limited to 20 API calls / minute.',
  498: 'token is not valid',
  499: 'request cancelled',
  500: 'internal server error',
  501: 'not implemented',
  503: 'the service is overloaded, please try again later',
  504: 'gateway timeout',
}
