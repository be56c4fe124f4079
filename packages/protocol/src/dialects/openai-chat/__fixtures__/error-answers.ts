import type { FailedAnswer } from '../../../contracts/chat-fixtures.ts'

/** Error answers of many providers, in the shapes that they send. */
export const errorAnswers: Readonly<Record<string, FailedAnswer>> = {
  'OpenAI: unknown parameter': {
    status: 400,
    body: {
      error: {
        message: 'Unrecognized request argument supplied: foo',
        type: 'invalid_request_error',
        param: 'foo',
        code: 'unknown_parameter',
      },
    },
    code: 'upstream_rejected',
    retryable: false,
    param: 'foo',
    message: 'Unrecognized request argument',
  },
  'OpenAI: bad key': {
    status: 401,
    body: {
      error: {
        message: 'Incorrect API key provided: sk-proj-abc*****xyz.',
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_api_key',
      },
    },
    code: 'upstream_authentication_failed',
    message: 'must correct the key',
  },
  'OpenAI: quota': {
    status: 429,
    body: {
      error: {
        message: 'You exceeded your current quota, please check your plan.',
        type: 'insufficient_quota',
        param: null,
        code: 'insufficient_quota',
      },
    },
    code: 'insufficient_quota',
    retryable: false,
  },
  'OpenAI: rate limit with milliseconds': {
    status: 429,
    headers: { 'retry-after-ms': '1234.5', 'retry-after': '2' },
    body: {
      error: {
        message: 'Rate limit reached. Please try again in 9s.',
        type: 'requests',
        param: null,
        code: 'rate_limit_exceeded',
      },
    },
    code: 'rate_limit_exceeded',
    retryable: true,
    retryAfterMs: 1235,
  },
  'OpenAI: rate limit in the text only': {
    status: 429,
    body: {
      error: {
        message: 'Rate limit reached for gpt-5.1 on tokens per min. Please try again in 1m2.5s. Visit us.',
        type: 'tokens',
        code: 'rate_limit_exceeded',
      },
    },
    code: 'rate_limit_exceeded',
    retryAfterMs: 62_500,
  },
  'OpenAI: told not to retry': {
    status: 500,
    headers: { 'x-should-retry': 'false' },
    body: { error: { message: 'The server had an error.', type: 'server_error', param: null, code: null } },
    code: 'upstream_error',
    retryable: false,
  },
  'retry-after as a date': {
    status: 503,
    headers: { 'retry-after': 'Sat, 21 Nov 2026 10:00:30 GMT', date: 'Sat, 21 Nov 2026 10:00:00 GMT' },
    body: { error: { message: 'Overloaded' } },
    code: 'upstream_overloaded',
    retryable: true,
    retryAfterMs: 30_000,
  },
  'retry-after that makes no sense': {
    status: 503,
    headers: { 'retry-after': '-5' },
    body: { error: {} },
    code: 'upstream_overloaded',
  },
  'OpenAI: context': {
    status: 400,
    body: {
      error: {
        message: "This model's maximum context length is 128000 tokens.",
        type: 'invalid_request_error',
        param: 'messages',
        code: 'context_length_exceeded',
      },
    },
    code: 'context_length_exceeded',
    param: 'messages',
  },
  'Azure: content filter': {
    status: 400,
    body: {
      error: {
        message: 'The response was filtered.',
        type: null,
        param: 'prompt',
        code: 'content_filter',
        status: 400,
        innererror: { code: 'ResponsibleAIPolicyViolation' },
      },
    },
    code: 'content_filter',
    param: 'prompt',
  },
  'Azure: gateway': {
    status: 401,
    body: { error: { code: '401', message: 'Access denied due to invalid subscription key 0123.' } },
    code: 'upstream_authentication_failed',
  },
  'Azure: deployment': {
    status: 404,
    body: { error: { code: 'DeploymentNotFound', message: 'The API deployment for this resource does not exist.' } },
    code: 'upstream_model_not_found',
  },
  'OpenRouter: credits': {
    status: 402,
    body: { error: { code: 402, message: 'Insufficient credits.' }, user_id: 'u' },
    code: 'insufficient_quota',
    retryable: false,
  },
  'OpenRouter: moderation': {
    status: 403,
    body: {
      error: {
        code: 403,
        message: 'Your chosen model requires moderation.',
        metadata: { reasons: ['violence'], flagged_input: '…' },
      },
    },
    code: 'content_filter',
  },
  'OpenRouter: inside a 200': {
    status: 200,
    body: { error: { code: 429, message: 'Provider returned error', metadata: { provider_name: 'X' } } },
    code: 'rate_limit_exceeded',
    retryable: true,
  },
  'Groq: too large for the limit': {
    status: 413,
    body: {
      error: {
        message:
          'Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 9000, please reduce your message size.',
        type: 'tokens',
        code: 'rate_limit_exceeded',
      },
    },
    code: 'rate_limit_exceeded',
    retryable: false,
  },
  'Groq: flex capacity': {
    status: 498,
    body: { error: { message: 'Flex tier capacity exceeded', type: 'capacity' } },
    code: 'upstream_overloaded',
  },
  'Mistral: flat': {
    status: 400,
    body: { object: 'error', message: 'Invalid model: x', type: 'invalid_model', param: null, code: '1500' },
    code: 'upstream_rejected',
    message: 'Invalid model',
  },
  'Mistral: validation': {
    status: 422,
    body: { detail: [{ loc: ['body', 'messages', 0, 'role'], msg: 'Input should be user', type: 'enum' }] },
    code: 'upstream_rejected',
    param: 'messages.0.role',
    message: 'messages.0.role: Input should be user',
  },
  'Mistral: key': {
    status: 401,
    body: { message: 'Unauthorized', request_id: 'r' },
    code: 'upstream_authentication_failed',
  },
  'Mistral: limit': { status: 429, body: { message: 'Requests rate limit exceeded' }, code: 'rate_limit_exceeded' },
  'xAI: string error': {
    status: 400,
    body: { code: 'Client specified an invalid argument', error: 'Incorrect API key provided: xa***zz.' },
    code: 'upstream_authentication_failed',
  },
  'xAI: string error, other': {
    status: 400,
    body: { code: 'invalid_argument', error: 'Argument not supported: stop' },
    code: 'upstream_rejected',
    message: 'Argument not supported: stop',
  },
  'Fireworks: fault': {
    status: 404,
    body: { fault: { faultstring: 'Model not found', detail: { errorcode: 'x' } } },
    code: 'upstream_model_not_found',
    message: 'Model not found',
  },
  'llama.cpp: context': {
    status: 400,
    body: {
      error: {
        code: 400,
        message: 'the request exceeds the available context size',
        type: 'exceed_context_size_error',
        n_prompt_tokens: 9,
        n_ctx: 8,
      },
    },
    code: 'context_length_exceeded',
  },
  'llama.cpp: loading': {
    status: 503,
    body: { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } },
    code: 'upstream_overloaded',
    retryable: true,
  },
  'Ollama: queue': {
    status: 503,
    body: { error: 'server busy, please try again' },
    code: 'upstream_overloaded',
    message: 'server busy',
  },
  'NIM: problem': {
    status: 402,
    body: { type: 'urn:x', status: 402, title: 'Payment Required', detail: 'Account credits expired', requestId: 'n' },
    code: 'insufficient_quota',
    message: 'Payment Required: Account credits expired',
  },
  'DeepInfra: nested detail': {
    status: 500,
    body: { detail: { error: 'inference prohibited' } },
    code: 'upstream_error',
    message: 'inference prohibited',
  },
  'Moonshot: overload as 429': {
    status: 429,
    body: { error: { message: 'The engine is currently overloaded', type: 'engine_overloaded_error' } },
    code: 'upstream_overloaded',
    retryable: true,
  },
  'Moonshot: quota': {
    status: 429,
    body: { error: { message: 'Your account is suspended', type: 'exceeded_current_quota_error' } },
    code: 'insufficient_quota',
    retryable: false,
  },
  'Zhipu: balance': { status: 429, body: { error: { code: '1113', message: '余额不足' } }, code: 'insufficient_quota' },
  'DashScope: inspection': {
    status: 400,
    body: { code: 'DataInspectionFailed', message: 'Input data may contain inappropriate content.', request_id: 'r' },
    code: 'content_filter',
  },
  'DashScope: throttling': {
    status: 429,
    body: { code: 'Throttling.RateQuota', message: 'Requests rate limit exceeded' },
    code: 'rate_limit_exceeded',
  },
  'MiniMax: key, in a 200': {
    status: 200,
    body: { base_resp: { status_code: 1004, status_msg: 'login fail' } },
    code: 'upstream_authentication_failed',
  },
  'Workers AI': {
    status: 400,
    body: { success: false, errors: [{ code: 5007, message: 'No such model' }], result: null },
    code: 'upstream_model_not_found',
  },
  'Gemini: in an array, with a delay': {
    status: 429,
    body: [
      {
        error: {
          code: 429,
          message: 'You exceeded your current quota.',
          status: 'RESOURCE_EXHAUSTED',
          details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.07s' }],
        },
      },
    ],
    code: 'rate_limit_exceeded',
    retryable: true,
    retryAfterMs: 34_070,
  },
  'Cerebras: in a chunk': {
    status: 200,
    body: { error: { message: 'Queue is full', type: 'too_many_requests', code: 'queue_exceeded' }, status_code: 429 },
    code: 'upstream_overloaded',
  },
  'a page': {
    status: 502,
    body: '<html><body>Bad Gateway</body></html>',
    code: 'upstream_error',
    message: 'status 502',
  },
  'plain text': {
    status: 500,
    body: 'upstream connect error',
    code: 'upstream_error',
    message: 'upstream connect error',
  },
  'nothing at all': { status: 504, body: undefined, code: 'upstream_timeout', message: 'status 504' },
  'a key in another message': {
    status: 403,
    body: { error: { message: 'Key sk-ant-REDACTED may not use this.' } },
    code: 'upstream_permission_denied',
    message: 'Key [secret] may not',
  },
  'a name that only begins like a key': {
    status: 404,
    body: { error: { message: 'The model hf-internal-testing/tiny-random does not exist.' } },
    code: 'upstream_model_not_found',
    message: 'hf-internal-testing/tiny-random',
  },
}
