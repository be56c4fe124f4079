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
  | 'destination_not_allowed'
  | 'limit_exceeded'
  | 'limits_unavailable'
  | 'budget_exceeded'
  | 'price_unknown'
  | 'forbidden_host'
  | 'forbidden_origin'
  | 'sign_in_failed'
  | 'sign_in_refused'
  | 'sign_in_unavailable'
  | 'session_ended'
  | 'csrf_refused'
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
  | 'tool_failed'
  | 'shutting_down'
  | 'file_not_found'
  | 'batch_not_found'
  | 'resource_not_found'
  | 'conflict'
  | 'store_unavailable'
  | 'schema_mismatch'
  | 'invalid_config'
  | 'internal_error'

/** What each means and the way out is in `meanings.ts`. */
export const errorCodes: Readonly<Record<ErrorCode, ErrorCodeRow>> = {
  // The request itself
  invalid_json: { status: 400, category: 'invalid-request', retryable: false },
  invalid_utf8: { status: 400, category: 'invalid-request', retryable: false },
  invalid_request: { status: 400, category: 'invalid-request', retryable: false },
  body_too_deep: { status: 400, category: 'invalid-request', retryable: false },
  body_too_large: { status: 413, category: 'too-large', retryable: false },
  headers_too_large: { status: 431, category: 'too-large', retryable: false },
  unsupported_media_type: { status: 415, category: 'invalid-request', retryable: false },
  request_timeout: { status: 408, category: 'timeout', retryable: true },
  path_not_found: { status: 404, category: 'not-found', retryable: false },
  method_not_allowed: { status: 405, category: 'invalid-request', retryable: false },
  client_closed_request: { status: 499, category: 'timeout', retryable: false },

  // Who calls
  missing_api_key: { status: 401, category: 'authentication', retryable: false },
  invalid_api_key: { status: 401, category: 'authentication', retryable: false },
  api_key_expired: { status: 401, category: 'authentication', retryable: false },
  api_key_blocked: { status: 401, category: 'authentication', retryable: false },
  permission_denied: { status: 403, category: 'permission', retryable: false },
  model_not_allowed: { status: 403, category: 'permission', retryable: false },
  provider_not_allowed: { status: 403, category: 'permission', retryable: false },
  operation_not_allowed: { status: 403, category: 'permission', retryable: false },
  address_not_allowed: { status: 403, category: 'permission', retryable: false },
  destination_not_allowed: { status: 403, category: 'permission', retryable: false },
  forbidden_host: { status: 403, category: 'permission', retryable: false },
  forbidden_origin: { status: 403, category: 'permission', retryable: false },
  sign_in_failed: { status: 401, category: 'authentication', retryable: false },
  sign_in_refused: { status: 403, category: 'permission', retryable: false },
  sign_in_unavailable: { status: 503, category: 'overloaded', retryable: true },
  session_ended: { status: 401, category: 'authentication', retryable: false },
  csrf_refused: { status: 403, category: 'permission', retryable: false },

  // What callers may use
  limit_exceeded: { status: 429, category: 'rate-limit', retryable: true },
  limits_unavailable: { status: 503, category: 'overloaded', retryable: true },
  budget_exceeded: { status: 402, category: 'billing', retryable: false },
  price_unknown: { status: 402, category: 'billing', retryable: false },

  // Models and providers
  model_not_found: { status: 404, category: 'not-found', retryable: false },
  invalid_model_name: { status: 400, category: 'invalid-request', retryable: false },
  provider_not_found: { status: 404, category: 'not-found', retryable: false },
  no_provider_configured: { status: 503, category: 'internal', retryable: false },
  prompt_not_found: { status: 404, category: 'not-found', retryable: false },
  previous_response_not_found: { status: 400, category: 'invalid-request', retryable: false },
  response_not_found: { status: 404, category: 'not-found', retryable: false },
  cache_miss: { status: 504, category: 'not-found', retryable: false },
  unsupported_operation: { status: 400, category: 'invalid-request', retryable: false },
  lossy_request: { status: 400, category: 'invalid-request', retryable: false },
  context_length_exceeded: { status: 400, category: 'invalid-request', retryable: false },
  content_filter: { status: 400, category: 'invalid-request', retryable: false },

  // Upstream
  upstream_rejected: { status: 400, category: 'invalid-request', retryable: false },
  upstream_authentication_failed: { status: 502, category: 'upstream', retryable: false },
  upstream_permission_denied: { status: 403, category: 'permission', retryable: false },
  upstream_model_not_found: { status: 404, category: 'not-found', retryable: false },
  rate_limit_exceeded: { status: 429, category: 'rate-limit', retryable: true },
  insufficient_quota: { status: 429, category: 'billing', retryable: false },
  upstream_conflict: { status: 409, category: 'conflict', retryable: true },
  upstream_timeout: { status: 504, category: 'timeout', retryable: true },
  upstream_unreachable: { status: 502, category: 'upstream', retryable: true },
  upstream_disconnected: { status: 502, category: 'upstream', retryable: true },
  upstream_invalid_response: { status: 502, category: 'upstream', retryable: true },
  upstream_error: { status: 502, category: 'upstream', retryable: true },
  upstream_overloaded: { status: 503, category: 'overloaded', retryable: true },
  empty_answer: { status: 502, category: 'upstream', retryable: true },
  invalid_output: { status: 502, category: 'upstream', retryable: true },
  middleware_failed: { status: 500, category: 'internal', retryable: false },
  tool_failed: { status: 500, category: 'internal', retryable: false },

  // The gateway itself
  shutting_down: { status: 503, category: 'overloaded', retryable: true },
  file_not_found: { status: 404, category: 'not-found', retryable: false },
  batch_not_found: { status: 404, category: 'not-found', retryable: false },
  resource_not_found: { status: 404, category: 'not-found', retryable: false },
  conflict: { status: 409, category: 'conflict', retryable: false },
  store_unavailable: { status: 503, category: 'internal', retryable: true },
  schema_mismatch: { status: 503, category: 'internal', retryable: false },
  invalid_config: { status: 500, category: 'internal', retryable: false },
  internal_error: { status: 500, category: 'internal', retryable: false },
}
