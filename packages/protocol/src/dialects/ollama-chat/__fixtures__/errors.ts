import type { FailedAnswer } from '../../../contracts/chat-fixtures.ts'

export const errors: Readonly<Record<string, FailedAnswer>> = {
  'an unknown model': {
    status: 404,
    body: { error: "model 'nope' not found" },
    code: 'upstream_model_not_found',
    retryable: false,
    message: "model 'nope' not found",
  },
  'a model without tools': {
    status: 400,
    body: { error: 'registry.ollama.ai/library/gemma:2b does not support tools' },
    code: 'upstream_rejected',
    message: 'does not support tools',
  },
  'a request that is too long': {
    status: 400,
    body: { error: 'the input length exceeds the context length' },
    code: 'context_length_exceeded',
  },
  'a full queue': {
    status: 503,
    body: { error: 'server busy, please try again.  maximum pending requests exceeded' },
    code: 'upstream_overloaded',
    retryable: true,
  },
  'no memory': {
    status: 500,
    body: { error: 'model requires more system memory (9.9 GiB) than is available (3.1 GiB)' },
    code: 'upstream_error',
    message: '9.9 GiB',
  },
  'the cloud without a key': {
    status: 401,
    body: { error: 'unauthorized', signin_url: 'https://ollama.com/connect?name=x' },
    code: 'upstream_authentication_failed',
  },
  'the cloud over its limit': {
    status: 429,
    headers: { 'retry-after': '7' },
    body: { error: 'you have reached your hourly usage limit' },
    code: 'rate_limit_exceeded',
    retryAfterMs: 7000,
  },
  'a proxy in between': { status: 502, body: '<html>Bad gateway</html>', code: 'upstream_error' },
}
