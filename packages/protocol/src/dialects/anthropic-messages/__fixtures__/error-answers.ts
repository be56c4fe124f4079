import type { FailedAnswer } from '../../../contracts/chat-fixtures.ts'

const answer = (status: number, type: string, message: string): Pick<FailedAnswer, 'status' | 'body'> => ({
  status,
  body: { type: 'error', error: { type, message, details: null }, request_id: 'req_011CS' },
})

/** Every type of Anthropic's, and what their wording tells apart. */
export const errorAnswers: Readonly<Record<string, FailedAnswer>> = {
  'a wrong request': {
    ...answer(400, 'invalid_request_error', 'max_tokens: Field required'),
    code: 'upstream_rejected',
    retryable: false,
    message: 'Field required',
  },
  'too long a prompt': {
    ...answer(400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'),
    code: 'context_length_exceeded',
    message: '210000 tokens',
  },
  'a bad key': { ...answer(401, 'authentication_error', 'invalid x-api-key'), code: 'upstream_authentication_failed' },
  'no credit': {
    ...answer(402, 'billing_error', 'Your account has no credit.'),
    code: 'insufficient_quota',
    retryable: false,
  },
  'no permission': {
    ...answer(403, 'permission_error', 'Your API key may not use this.'),
    code: 'upstream_permission_denied',
  },
  'an unknown model': { ...answer(404, 'not_found_error', 'model: claude-9'), code: 'upstream_model_not_found' },
  'a conflict': { ...answer(409, 'conflict_error', 'Changed meanwhile.'), code: 'upstream_conflict', retryable: true },
  'too large a request': {
    ...answer(413, 'request_too_large', 'Request exceeds the maximum size'),
    code: 'upstream_rejected',
    retryable: false,
  },
  'a rate limit': {
    ...answer(429, 'rate_limit_error', 'This request would exceed the rate limit for your organization'),
    headers: { 'retry-after': '17' },
    code: 'rate_limit_exceeded',
    retryable: true,
    retryAfterMs: 17_000,
  },
  'a spend limit': {
    ...answer(429, 'rate_limit_error', 'You have reached your specified API usage limits.'),
    code: 'insufficient_quota',
    retryable: false,
  },
  'a failure': { ...answer(500, 'api_error', 'Internal server error'), code: 'upstream_error', retryable: true },
  'a timeout': { ...answer(504, 'timeout_error', 'The request timed out'), code: 'upstream_timeout' },
  overload: { ...answer(529, 'overloaded_error', 'Overloaded'), code: 'upstream_overloaded', retryable: true },
  'overload inside a good answer': { ...answer(200, 'overloaded_error', 'Overloaded'), code: 'upstream_overloaded' },
  'a missing page': { status: 404, body: 'Not Found', code: 'upstream_rejected', message: 'Not Found' },
  'a proxy in between': { status: 502, body: '<html>Bad gateway</html>', code: 'upstream_error' },
}
