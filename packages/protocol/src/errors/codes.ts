/**
 * The broad class of an error, from which each dialect takes its own type word.
 */
export type ErrorCategory =
  | 'authentication'
  | 'billing'
  | 'conflict'
  | 'internal'
  | 'invalid-request'
  | 'not-found'
  | 'overloaded'
  | 'permission'
  | 'rate-limit'
  | 'timeout'
  | 'too-large'
  | 'upstream'

export interface ErrorCodeRow {
  /** The HTTP status the caller sees. */
  readonly status: number
  readonly category: ErrorCategory
  /** Whether asking the same again may succeed; says both whether the gateway retries and what it tells SDKs. */
  readonly retryable: boolean
  /** What it means and the way out; shown in docs/errors.md. */
  readonly meaning: string
}

/** Every error code that Sluice can answer with. Stable: codes are added, never renamed. */
export type ErrorCode =
  | 'invalid_json'
  | 'invalid_utf8'
  | 'invalid_request'
  | 'body_too_deep'
  | 'body_too_large'
  | 'headers_too_large'
  | 'unsupported_media_type'
  | 'request_timeout'
  | 'path_not_found'
  | 'method_not_allowed'
  | 'client_closed_request'
  | 'missing_api_key'
  | 'invalid_api_key'
  | 'api_key_expired'
  | 'api_key_blocked'
  | 'permission_denied'
  | 'model_not_allowed'
  | 'provider_not_allowed'
  | 'operation_not_allowed'
  | 'address_not_allowed'
  | 'limit_exceeded'
  | 'limits_unavailable'
  | 'budget_exceeded'
  | 'price_unknown'
  | 'forbidden_host'
  | 'forbidden_origin'
  | 'model_not_found'
  | 'invalid_model_name'
  | 'provider_not_found'
  | 'no_provider_configured'
  | 'prompt_not_found'
  | 'previous_response_not_found'
  | 'response_not_found'
  | 'cache_miss'
  | 'unsupported_operation'
  | 'lossy_request'
  | 'context_length_exceeded'
  | 'content_filter'
  | 'upstream_rejected'
  | 'upstream_authentication_failed'
  | 'upstream_permission_denied'
  | 'upstream_model_not_found'
  | 'rate_limit_exceeded'
  | 'insufficient_quota'
  | 'upstream_conflict'
  | 'upstream_timeout'
  | 'upstream_unreachable'
  | 'upstream_disconnected'
  | 'upstream_invalid_response'
  | 'upstream_error'
  | 'upstream_overloaded'
  | 'empty_answer'
  | 'invalid_output'
  | 'middleware_failed'
  | 'shutting_down'
  | 'file_not_found'
  | 'batch_not_found'
  | 'resource_not_found'
  | 'conflict'
  | 'store_unavailable'
  | 'invalid_config'
  | 'internal_error'

export const errorCodes: Readonly<Record<ErrorCode, ErrorCodeRow>> = {
  // The request itself
  invalid_json: {
    status: 400,
    category: 'invalid-request',
    retryable: false,
    meaning: 'The body is not valid JSON. The message says at which byte; correct the body.',
  },
  invalid_utf8: {
    status: 400,
    category: 'invalid-request',
    retryable: false,
    meaning: 'The body is not valid UTF-8. Encode it as UTF-8.',
  },
  invalid_request: {
    status: 400,
    category: 'invalid-request',
    retryable: false,
    meaning: 'A field is missing, or has the wrong type or value; `param` names it.',
  },
  body_too_deep: {
    status: 400,
    category: 'invalid-request',
    retryable: false,
    meaning: 'The JSON is nested deeper than the limit. Flatten it.',
  },
  body_too_large: {
    status: 413,
    category: 'too-large',
    retryable: false,
    meaning: 'The body is larger than `server.max_body_bytes`. Send less, or raise the limit.',
  },
  headers_too_large: {
    status: 431,
    category: 'too-large',
    retryable: false,
    meaning: 'The request headers are larger than the limit. Send fewer or shorter ones.',
  },
  unsupported_media_type: {
    status: 415,
    category: 'invalid-request',
    retryable: false,
    meaning: 'The content type is not JSON. Send `content-type: application/json`.',
  },
  request_timeout: {
    status: 408,
    category: 'timeout',
    retryable: true,
    meaning:
      'The request did not arrive whole within the time limit. Send it faster, or raise `server.request_timeout`.',
  },
  path_not_found: {
    status: 404,
    category: 'not-found',
    retryable: false,
    meaning: 'Nothing is served at this path. Check the base URL; the message lists what is served.',
  },
  method_not_allowed: {
    status: 405,
    category: 'invalid-request',
    retryable: false,
    meaning: 'The path exists but not with this method; `allow` names the methods.',
  },
  client_closed_request: {
    status: 499,
    category: 'timeout',
    retryable: false,
    meaning: 'The caller went away before the answer was whole.',
  },

  // Who calls
  missing_api_key: {
    status: 401,
    category: 'authentication',
    retryable: false,
    meaning: 'No caller key was sent. Send `Authorization: Bearer KEY`, `x-api-key` or `api-key`.',
  },
  invalid_api_key: {
    status: 401,
    category: 'authentication',
    retryable: false,
    meaning: 'The caller key is not known to this gateway. Check the key; provider keys are not accepted here.',
  },
  api_key_expired: {
    status: 401,
    category: 'authentication',
    retryable: false,
    meaning: 'The caller key was valid until a time that has passed. Ask for a new one, or have its end moved.',
  },
  api_key_blocked: {
    status: 401,
    category: 'authentication',
    retryable: false,
    meaning: 'The caller key, or the user it belongs to, was blocked. Who manages the keys can unblock it.',
  },
  permission_denied: {
    status: 403,
    category: 'permission',
    retryable: false,
    meaning: 'The caller key may not do this.',
  },
  model_not_allowed: {
    status: 403,
    category: 'permission',
    retryable: false,
    meaning:
      'The caller key may not use this model. `GET /v1/models` lists those that it may use; who manages the keys can allow others.',
  },
  provider_not_allowed: {
    status: 403,
    category: 'permission',
    retryable: false,
    meaning:
      'The caller key may not use any of the providers that this would go to. Ask for another model, or have the provider allowed.',
  },
  operation_not_allowed: {
    status: 403,
    category: 'permission',
    retryable: false,
    meaning: 'The caller key may not be used for this kind of request.',
  },
  address_not_allowed: {
    status: 403,
    category: 'permission',
    retryable: false,
    meaning:
      'The caller key may be used from certain addresses only, and this is none of them. Behind a proxy, name it in `server.trusted_proxies`.',
  },
  forbidden_host: {
    status: 403,
    category: 'permission',
    retryable: false,
    meaning:
      'The Host header is not a loopback name, and this gateway is open to its own machine only. Call it by 127.0.0.1 or localhost, or configure caller keys.',
  },
  forbidden_origin: {
    status: 403,
    category: 'permission',
    retryable: false,
    meaning:
      'A web page of another origin called a gateway that has no caller keys. Configure caller keys to allow it.',
  },

  // What callers may use
  limit_exceeded: {
    status: 429,
    category: 'rate-limit',
    retryable: true,
    meaning:
      'A limit of this gateway is used up: requests, tokens, or requests at once; the message says which. Wait for `retry-after`, or ask for a higher limit.',
  },
  limits_unavailable: {
    status: 503,
    category: 'overloaded',
    retryable: true,
    meaning:
      'What counts the limits (Redis, or the database for budgets) cannot be reached, and this gateway lets nobody in without it. Ask again in a moment.',
  },
  budget_exceeded: {
    status: 402,
    category: 'billing',
    retryable: false,
    meaning:
      'A budget has no room for this request; the message says which, what is left, and when it begins anew. Ask for less (`max_tokens`, a cheaper model), or have the budget raised.',
  },
  price_unknown: {
    status: 402,
    category: 'billing',
    retryable: false,
    meaning:
      'A budget applies, and the price of this model is not known. Ask for another model, have its price written into the config, or have models without a price allowed (`budgets.unpriced`).',
  },

  // Models and providers
  model_not_found: {
    status: 404,
    category: 'not-found',
    retryable: false,
    meaning: 'No configured provider serves this model. The message names near matches; `sluice models` lists all.',
  },
  invalid_model_name: {
    status: 400,
    category: 'invalid-request',
    retryable: false,
    meaning: 'The model name is empty, too long, or has characters that no model name has.',
  },
  provider_not_found: {
    status: 404,
    category: 'not-found',
    retryable: false,
    meaning: 'No provider of this id is configured.',
  },
  no_provider_configured: {
    status: 503,
    category: 'internal',
    retryable: false,
    meaning: 'No AI provider configured. Set a key such as OPENAI_API_KEY, or add one to the config.',
  },
  prompt_not_found: {
    status: 404,
    category: 'not-found',
    retryable: false,
    meaning: 'No prompt of this name and version is configured. The message names near ones; `GET /v1/models` lists all.',
  },
  previous_response_not_found: {
    status: 400,
    category: 'invalid-request',
    retryable: false,
    meaning:
      'The response that the request continues is not kept here: never was (`store: false`), was deleted, has expired, or is of another caller. Send the whole conversation as `input`.',
  },
  response_not_found: {
    status: 404,
    category: 'not-found',
    retryable: false,
    meaning:
      'No response of this id is kept here for this caller: it was asked with `store: false`, was deleted, has expired, or is of another caller.',
  },
  cache_miss: {
    status: 504,
    category: 'not-found',
    retryable: false,
    meaning:
      'The request wants a kept answer only (`Cache-Control: only-if-cached`), and there is none. Leave that out to ask a provider.',
  },
  unsupported_operation: {
    status: 400,
    category: 'invalid-request',
    retryable: false,
    meaning: 'The provider of this model speaks no dialect for this operation. Choose another model.',
  },
  lossy_request: {
    status: 400,
    category: 'invalid-request',
    retryable: false,
    meaning:
      'Something in the request cannot be said to the provider of this model, and `strict` forbids leaving it out or changing it; the message names it. Leave it out yourself, or choose another model.',
  },
  context_length_exceeded: {
    status: 400,
    category: 'invalid-request',
    retryable: false,
    meaning: 'The request is longer than the model can read. Shorten it or choose a model with a larger context.',
  },
  content_filter: {
    status: 400,
    category: 'invalid-request',
    retryable: false,
    meaning: 'The provider refused the content by its policy.',
  },

  // Upstream
  upstream_rejected: {
    status: 400,
    category: 'invalid-request',
    retryable: false,
    meaning: 'The provider refused the request as wrong; its message is passed on.',
  },
  upstream_authentication_failed: {
    status: 502,
    category: 'upstream',
    retryable: false,
    meaning: 'The provider refused the key that this gateway holds for it. The operator must correct that key.',
  },
  upstream_permission_denied: {
    status: 403,
    category: 'permission',
    retryable: false,
    meaning: 'The provider does not allow this for the key that this gateway holds.',
  },
  upstream_model_not_found: {
    status: 404,
    category: 'not-found',
    retryable: false,
    meaning: 'The provider does not know this model.',
  },
  rate_limit_exceeded: {
    status: 429,
    category: 'rate-limit',
    retryable: true,
    meaning: 'Too many requests or tokens; wait for `retry-after`.',
  },
  insufficient_quota: {
    status: 429,
    category: 'billing',
    retryable: false,
    meaning: 'The account at the provider is out of credit or quota. Waiting does not help.',
  },
  upstream_conflict: {
    status: 409,
    category: 'conflict',
    retryable: true,
    meaning: 'The provider reported a conflict with another request.',
  },
  upstream_timeout: {
    status: 504,
    category: 'timeout',
    retryable: true,
    meaning:
      'The provider did not answer in time (connect, first byte, or between two chunks; the message says which).',
  },
  upstream_unreachable: {
    status: 502,
    category: 'upstream',
    retryable: true,
    meaning: 'No connection to the provider could be made.',
  },
  upstream_disconnected: {
    status: 502,
    category: 'upstream',
    retryable: true,
    meaning: 'The provider cut the connection before its answer was whole.',
  },
  upstream_invalid_response: {
    status: 502,
    category: 'upstream',
    retryable: true,
    meaning: 'The provider answered with something that is not its API (HTML, broken JSON, an unknown shape).',
  },
  upstream_error: { status: 502, category: 'upstream', retryable: true, meaning: 'The provider failed.' },
  upstream_overloaded: { status: 503, category: 'overloaded', retryable: true, meaning: 'The provider is overloaded.' },
  empty_answer: {
    status: 502,
    category: 'upstream',
    retryable: true,
    meaning: 'The model answered with nothing, and the route asks for something.',
  },
  invalid_output: {
    status: 502,
    category: 'upstream',
    retryable: true,
    meaning: 'The answer does not fit the JSON schema that was asked for, and the route asks for one that does.',
  },
  middleware_failed: {
    status: 500,
    category: 'internal',
    retryable: false,
    meaning:
      'A middleware of this installation threw something that is no error of Sluice, or broke its contract; the message or the `cause` says what. A route goes on to its next target.',
  },

  // The gateway itself
  shutting_down: {
    status: 503,
    category: 'overloaded',
    retryable: true,
    meaning: 'This gateway is shutting down and takes no new requests. Ask again; another instance will answer.',
  },
  file_not_found: {
    status: 404,
    category: 'not-found',
    retryable: false,
    meaning:
      'No file of this id is kept for this caller: it never was, was deleted, has expired, or is of another caller.',
  },
  batch_not_found: {
    status: 404,
    category: 'not-found',
    retryable: false,
    meaning: 'There is no batch of this id, or it is of another caller.',
  },
  resource_not_found: {
    status: 404,
    category: 'not-found',
    retryable: false,
    meaning: 'There is no such key, user, workspace or organisation, or it is not yours to see.',
  },
  conflict: {
    status: 409,
    category: 'conflict',
    retryable: false,
    meaning:
      'What is there does not go with this change, or the same idempotency key was used for another request; the message says which.',
  },
  store_unavailable: {
    status: 503,
    category: 'internal',
    retryable: true,
    meaning:
      'What this gateway keeps on disk (files, batches, stored responses) cannot be read or written. Check `server.data_dir` and its space.',
  },
  invalid_config: {
    status: 500,
    category: 'internal',
    retryable: false,
    meaning: 'The configuration is wrong; the message names the path and the fix.',
  },
  internal_error: {
    status: 500,
    category: 'internal',
    retryable: false,
    meaning: 'A defect in Sluice. Please report it with the request id.',
  },
}
