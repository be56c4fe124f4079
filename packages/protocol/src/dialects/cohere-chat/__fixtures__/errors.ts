import type { FailedAnswer } from '../../../contracts/chat-fixtures.ts'

/** https://docs.cohere.com/v2/reference/errors */
export const errors: Readonly<Record<string, FailedAnswer>> = {
  'a wrong field': {
    status: 400,
    body: { id: 'e-1', message: 'invalid request: all elements in history must have a message' },
    code: 'upstream_rejected',
    message: 'all elements in history',
  },
  'a prompt that is too long': {
    status: 400,
    body: { message: 'too many tokens: total number of tokens in the prompt cannot exceed 128000 - received 130000.' },
    code: 'context_length_exceeded',
  },
  'an invalid key': { status: 401, body: { message: 'invalid api token' }, code: 'upstream_authentication_failed' },
  'an invalid token, by a status of Cohere’s own': {
    status: 498,
    body: { id: 'e-2', message: 'token is not valid' },
    code: 'upstream_authentication_failed',
    retryable: false,
  },
  'a model that is not there': {
    status: 404,
    body: {
      id: 'e-3',
      message: "model 'command-x' not found, make sure the correct model ID was used and that you have access to it.",
    },
    code: 'upstream_model_not_found',
  },
  validation: {
    status: 422,
    body: { message: 'invalid type: parameter temperature is of type string but should be of type float.' },
    code: 'upstream_rejected',
    retryable: false,
  },
  'a rate limit': {
    status: 429,
    headers: { 'retry-after': '3' },
    body: { message: 'You are using a Trial key, which is limited to 20 API calls / minute.' },
    code: 'rate_limit_exceeded',
    retryable: true,
    retryAfterMs: 3000,
  },
  'the allowance of a month': {
    status: 429,
    body: { message: 'You are using a Trial key, which is limited to 1000 API calls / month.' },
    code: 'insufficient_quota',
    retryable: false,
  },
  'a failure': { status: 500, body: { message: 'internal server error' }, code: 'upstream_error', retryable: true },
  'an overload': {
    status: 503,
    body: { message: 'service unavailable' },
    code: 'upstream_overloaded',
    retryable: true,
  },
  'no body': { status: 504, body: '', code: 'upstream_timeout', retryable: true },
}
