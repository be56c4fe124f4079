import type { ErrorCode } from './codes.ts'

/** What each error code means and the way out: the words of docs/errors.md, which no program needs. */
export const errorMeanings: Readonly<Record<ErrorCode, string>> = {
  // The request itself
  invalid_json: 'The body is not valid JSON. The message says at which byte; correct the body.',
  invalid_utf8: 'The body is not valid UTF-8. Encode it as UTF-8.',
  invalid_request: 'A field is missing, or has the wrong type or value; `param` names it.',
  body_too_deep: 'The JSON is nested deeper than the limit. Flatten it.',
  body_too_large: 'The body is larger than `server.max_body_bytes`. Send less, or raise the limit.',
  headers_too_large: 'The request headers are larger than the limit. Send fewer or shorter ones.',
  unsupported_media_type: 'The content type is not JSON. Send `content-type: application/json`.',
  request_timeout:
    'The request did not arrive whole within the time limit. Send it faster, or raise `server.request_timeout`.',
  path_not_found: 'Nothing is served at this path. Check the base URL; the message lists what is served.',
  method_not_allowed: 'The path exists but not with this method; `allow` names the methods.',
  client_closed_request: 'The caller went away before the answer was whole.',

  // Who calls
  missing_api_key: 'No caller key was sent. Send `Authorization: Bearer KEY`, `x-api-key` or `api-key`.',
  invalid_api_key: 'The caller key is not known to this gateway. Check the key; provider keys are not accepted here.',
  api_key_expired: 'The caller key was valid until a time that has passed. Ask for a new one, or have its end moved.',
  api_key_blocked: 'The caller key, or the user it belongs to, was blocked. Who manages the keys can unblock it.',
  permission_denied: 'The caller key may not do this.',
  model_not_allowed:
    'The caller key may not use this model. `GET /v1/models` lists those that it may use; who manages the keys can allow others.',
  provider_not_allowed:
    'The caller key may not use any of the providers that this would go to. Ask for another model, or have the provider allowed.',
  operation_not_allowed: 'The caller key may not be used for this kind of request.',
  address_not_allowed:
    'The caller key may be used from certain addresses only, and this is none of them. Behind a proxy, name it in `server.trusted_proxies`.',
  destination_not_allowed:
    'An address that a site names for its provider leads where no tenant may point the gateway: into a private network, to this machine, without TLS or to another port. The operator can allow it in `server.outbound`.',
  forbidden_host:
    'The Host header is not a loopback name, and this gateway is open to its own machine only. Call it by 127.0.0.1 or localhost, or configure caller keys.',
  forbidden_origin:
    'A web page of another origin called a gateway that has no caller keys. Configure caller keys to allow it.',
  sign_in_failed:
    'What came back from the identity provider does not belong to a sign-in that this browser began, was used before, came too late, or is not signed for this gateway. Sign in again; if that does not help, the message says what the operator must look at.',
  sign_in_refused:
    'The identity provider knows the person, but they may not use this gateway: no role is mapped to them, their e-mail address is not let in, they are blocked, or they declined.',
  sign_in_unavailable:
    'The identity provider cannot be reached, or answers what it should not. Sign in by an admin key, or again in a moment.',
  session_ended:
    'The session is over: by time, by signing out, or because the user or the key was blocked or given a lesser role. Sign in again.',
  csrf_refused:
    "A change was asked for by a session's cookie from another origin, or without the session's token. Send it as `x-sluice-csrf` from a page of the gateway; `GET /api/admin/session` tells it. Requests by key need none.",

  // What callers may use
  limit_exceeded:
    'A limit of this gateway is used up: requests, tokens, or requests at once; the message says which. Wait for `retry-after`, or ask for a higher limit.',
  limits_unavailable:
    'What counts the limits (Redis, or the database for budgets) cannot be reached, and this gateway lets nobody in without it. Ask again in a moment.',
  budget_exceeded:
    'A budget has no room for this request; the message says which, what is left, and when it begins anew. Ask for less (`max_tokens`, a cheaper model), or have the budget raised.',
  price_unknown:
    'A budget applies, and the price of this model is not known. Ask for another model, have its price written into the config, or have models without a price allowed (`budgets.unpriced`).',

  // Models and providers
  model_not_found:
    'No configured provider serves this model. The message names near matches; `sluice models` lists all.',
  invalid_model_name: 'The model name is empty, too long, or has characters that no model name has.',
  provider_not_found: 'No provider of this id is configured.',
  no_provider_configured: 'No AI provider configured. Set a key such as OPENAI_API_KEY, or add one to the config.',
  prompt_not_found:
    'No prompt of this name and version is configured. The message names near ones; `GET /v1/models` lists all.',
  previous_response_not_found:
    'The response that the request continues is not kept here: never was (`store: false`), was deleted, has expired, or is of another caller. Send the whole conversation as `input`.',
  response_not_found:
    'No response of this id is kept here for this caller: it was asked with `store: false`, was deleted, has expired, or is of another caller.',
  cache_miss:
    'The request wants a kept answer only (`Cache-Control: only-if-cached`), and there is none. Leave that out to ask a provider.',
  unsupported_operation: 'The provider of this model speaks no dialect for this operation. Choose another model.',
  lossy_request:
    'Something in the request cannot be said to the provider of this model, and `strict` forbids leaving it out or changing it; the message names it. Leave it out yourself, or choose another model.',
  context_length_exceeded:
    'The request is longer than the model can read. Shorten it or choose a model with a larger context.',
  content_filter: 'The provider refused the content by its policy.',

  // Upstream
  upstream_rejected: 'The provider refused the request as wrong; its message is passed on.',
  upstream_authentication_failed:
    'The provider refused the key that this gateway holds for it. The operator must correct that key.',
  upstream_permission_denied: 'The provider does not allow this for the key that this gateway holds.',
  upstream_model_not_found: 'The provider does not know this model.',
  rate_limit_exceeded: 'Too many requests or tokens; wait for `retry-after`.',
  insufficient_quota: 'The account at the provider is out of credit or quota. Waiting does not help.',
  upstream_conflict: 'The provider reported a conflict with another request.',
  upstream_timeout:
    'The provider did not answer in time (connect, first byte, or between two chunks; the message says which).',
  upstream_unreachable: 'No connection to the provider could be made.',
  upstream_disconnected: 'The provider cut the connection before its answer was whole.',
  upstream_invalid_response:
    'The provider answered with something that is not its API (HTML, broken JSON, an unknown shape).',
  upstream_error: 'The provider failed.',
  upstream_overloaded: 'The provider is overloaded.',
  empty_answer: 'The model answered with nothing, and the route asks for something.',
  invalid_output: 'The answer does not fit the JSON schema that was asked for, and the route asks for one that does.',
  middleware_failed:
    'A middleware of this installation threw something that is no error of Sluice, or broke its contract; the message or the `cause` says what. A route goes on to its next target.',
  tool_failed:
    'A tool that the library called for a model threw; the `cause` is what. It is told to the model instead where `runTools.failures` says so.',

  // The gateway itself
  shutting_down: 'This gateway is shutting down and takes no new requests. Ask again; another instance will answer.',
  file_not_found:
    'No file of this id is kept for this caller: it never was, was deleted, has expired, or is of another caller.',
  batch_not_found: 'There is no batch of this id, or it is of another caller.',
  resource_not_found: 'There is no such key, user, workspace or organisation, or it is not yours to see.',
  conflict:
    'What is there does not go with this change, or the same idempotency key was used for another request; the message says which.',
  store_unavailable:
    'What this gateway keeps (files, batches, stored responses, keys) cannot be read or written: the database is away, or the disk is full. Check `server.data_dir` or `server.database_url`.',
  schema_mismatch:
    'The schema of the database is not the one of this version: newer, behind, or migrated by half; the message says which, and what to do.',
  invalid_config: 'The configuration is wrong; the message names the path and the fix.',
  internal_error: 'A defect in Sluice. Please report it with the request id.',
}
