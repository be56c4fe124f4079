import type { FullError } from '../../dialect.ts'
import type { ErrorReply } from '../../fault.ts'

/** What Google says with a status. https://ai.google.dev/gemini-api/docs/troubleshooting */
export function geminiError(error: ErrorReply & { readonly status: number }): FullError {
  const usual = errors[error.status] ?? (error.status >= 500 ? internal : badRequest)
  return {
    message: error.message ?? usual.message,
    type: error.type !== undefined && /^[A-Z_]+$/.test(error.type) ? error.type : usual.word,
    code: error.status,
    param: error.param ?? null,
  }
}

/** `{error: {code, message, status, details}}`; a rate limit says when to come again, a bad key gives its reason. */
export function geminiErrorBody({ message, type, code, param }: FullError): unknown {
  const details = [
    ...(code === 401 ? [{ '@type': `${rpc}ErrorInfo`, reason: 'API_KEY_INVALID', domain: 'googleapis.com' }] : []),
    ...(code === 429 ? [{ '@type': `${rpc}RetryInfo`, retryDelay: '1s' }] : []),
    ...(param === null
      ? []
      : [{ '@type': `${rpc}BadRequest`, fieldViolations: [{ field: param, description: message }] }]),
  ]
  return { error: { code, message, status: type, ...(details.length > 0 && { details }) } }
}

const rpc = 'type.googleapis.com/google.rpc.'

interface UsualError {
  readonly message: string
  readonly word: string
}

const badRequest: UsualError = { message: 'Request contains an invalid argument.', word: 'INVALID_ARGUMENT' }
const internal: UsualError = { message: 'An internal error has occurred. Please retry.', word: 'INTERNAL' }

const errors: Readonly<Record<number, UsualError>> = {
  400: badRequest,
  401: { message: 'API key not valid. Please pass a valid API key.', word: 'UNAUTHENTICATED' },
  403: { message: 'The caller does not have permission.', word: 'PERMISSION_DENIED' },
  404: { message: 'Requested entity was not found.', word: 'NOT_FOUND' },
  409: { message: 'The operation was aborted.', word: 'ABORTED' },
  429: { message: 'Resource has been exhausted (e.g. check quota).', word: 'RESOURCE_EXHAUSTED' },
  500: internal,
  503: { message: 'The model is overloaded. Please try again later.', word: 'UNAVAILABLE' },
  504: { message: 'Deadline expired before operation could complete.', word: 'DEADLINE_EXCEEDED' },
}
