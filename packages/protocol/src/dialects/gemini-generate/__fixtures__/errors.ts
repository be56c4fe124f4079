import type { FailedAnswer } from '../../../contracts/chat-fixtures.ts'

const google = (code: number, message: string, status: string, details?: readonly unknown[]): object => ({
  error: { code, message, status, ...(details && { details }) },
})

export const errors: Readonly<Record<string, FailedAnswer>> = {
  'an invalid key is a 400': {
    status: 400,
    body: google(400, 'API key not valid. Please pass a valid API key.', 'INVALID_ARGUMENT', [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' },
    ]),
    code: 'upstream_authentication_failed',
  },
  'an expired key, by its reason only': {
    status: 400,
    body: google(400, 'Please renew.', 'INVALID_ARGUMENT', [{ reason: 'API_KEY_EXPIRED' }]),
    code: 'upstream_authentication_failed',
  },
  'a rate limit, with a delay': {
    status: 429,
    body: google(429, 'You exceeded your current quota.', 'RESOURCE_EXHAUSTED', [
      { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [] },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.07s' },
    ]),
    code: 'rate_limit_exceeded',
    retryable: true,
    retryAfterMs: 34_070,
  },
  'in an array': {
    status: 503,
    body: [google(503, 'The model is overloaded.', 'UNAVAILABLE')],
    code: 'upstream_overloaded',
  },
  'a wrong field': {
    status: 400,
    body: google(400, 'Invalid value at contents[0]', 'INVALID_ARGUMENT', [
      { fieldViolations: [{ field: 'contents[0]', description: 'x' }] },
    ]),
    code: 'upstream_rejected',
    param: 'contents[0]',
    message: 'Invalid value',
  },
  'an unknown model': {
    status: 404,
    body: google(404, 'models/nope is not found for API version v1beta', 'NOT_FOUND'),
    code: 'upstream_model_not_found',
  },
  'too long': {
    status: 400,
    body: google(
      400,
      'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).',
      'INVALID_ARGUMENT',
    ),
    code: 'context_length_exceeded',
  },
  forbidden: { status: 403, body: google(403, 'No access.', 'PERMISSION_DENIED'), code: 'upstream_permission_denied' },
  internal: { status: 500, body: google(500, 'Internal error.', 'INTERNAL'), code: 'upstream_error', retryable: true },
  deadline: { status: 504, body: google(504, 'Too late.', 'DEADLINE_EXCEEDED'), code: 'upstream_timeout' },
  'inside a 200': { status: 200, body: google(500, 'Internal error.', 'INTERNAL'), code: 'upstream_error' },
  'a page': { status: 502, body: '<html>Bad gateway</html>', code: 'upstream_error' },
}
