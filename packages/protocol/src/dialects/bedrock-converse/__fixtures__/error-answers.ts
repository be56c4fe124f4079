import type { FailedAnswer } from '../../../contracts/chat-fixtures.ts'

const answer = (status: number, type: string, message: string): Pick<FailedAnswer, 'status' | 'headers' | 'body'> => ({
  status,
  headers: { 'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/` },
  body: { message },
})

/** Every type of Bedrock's, and what their wording tells apart. */
export const errorAnswers: Readonly<Record<string, FailedAnswer>> = {
  'a wrong request': {
    ...answer(400, 'ValidationException', 'The additional field top_k is not known.'),
    code: 'upstream_rejected',
    retryable: false,
    message: 'top_k',
  },
  'too long a prompt': {
    ...answer(400, 'ValidationException', 'Input is too long for requested model.'),
    code: 'context_length_exceeded',
  },
  'a wrong model': {
    ...answer(400, 'ValidationException', 'The provided model identifier is invalid.'),
    code: 'upstream_model_not_found',
  },
  'no access to a model': {
    ...answer(403, 'AccessDeniedException', "You don't have access to the model with the specified model ID."),
    code: 'upstream_permission_denied',
  },
  'a bad API key': {
    ...answer(403, 'AccessDeniedException', 'Authentication failed: Please make sure your API Key is valid.'),
    code: 'upstream_authentication_failed',
  },
  'bad credentials': {
    ...answer(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.'),
    code: 'upstream_authentication_failed',
  },
  'expired credentials': {
    ...answer(403, 'ExpiredTokenException', 'The security token included in the request is expired'),
    code: 'upstream_authentication_failed',
  },
  'a bad signature': {
    ...answer(403, 'InvalidSignatureException', 'The request signature we calculated does not match.'),
    code: 'upstream_authentication_failed',
  },
  'an unknown model': {
    ...answer(404, 'ResourceNotFoundException', 'Could not resolve the foundation model from the model identifier.'),
    code: 'upstream_model_not_found',
  },
  'a timeout of the model': {
    ...answer(408, 'ModelTimeoutException', 'The model took too long.'),
    code: 'upstream_timeout',
    retryable: true,
  },
  'a failure of the model': { ...answer(424, 'ModelErrorException', 'The model failed.'), code: 'upstream_error' },
  throttling: {
    ...answer(429, 'ThrottlingException', 'Too many tokens, please wait before trying again.'),
    code: 'rate_limit_exceeded',
    retryable: true,
  },
  'a model that is being loaded': {
    ...answer(429, 'ModelNotReadyException', 'The model is not ready.'),
    code: 'upstream_overloaded',
    retryable: true,
  },
  'an exhausted quota': {
    ...answer(400, 'ServiceQuotaExceededException', 'Your request exceeds the service quota for your account.'),
    code: 'insufficient_quota',
    retryable: false,
  },
  'a failure': { ...answer(500, 'InternalServerException', 'An internal error.'), code: 'upstream_error' },
  overload: {
    ...answer(503, 'ServiceUnavailableException', 'Bedrock is unable to process your request.'),
    headers: { 'x-amzn-errortype': 'ServiceUnavailableException', 'retry-after': '3' },
    code: 'upstream_overloaded',
    retryable: true,
    retryAfterMs: 3000,
  },
  'a type in the body': {
    status: 429,
    body: { __type: 'com.amazon.coral.service#ThrottlingException', Message: 'Rate exceeded' },
    code: 'rate_limit_exceeded',
    message: 'Rate exceeded',
  },
  'an error inside a good answer': {
    status: 200,
    body: { __type: 'InternalServerException', message: 'Failed.' },
    code: 'upstream_error',
  },
  'a page': { status: 502, body: '<html><body>Bad gateway</body></html>', code: 'upstream_error' },
  nothing: { status: 403, body: '', code: 'upstream_permission_denied' },
}
