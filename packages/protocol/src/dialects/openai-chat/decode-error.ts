import type { ErrorAnswer } from '../../dialect.ts'
import type { ErrorCode } from '../../errors/codes.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { errorInText, findError, type FoundError } from '../../errors/find-error.ts'
import { readReset, readRetryAfter } from './retry-after.ts'

const longestMessage = 2000

/** Reads a provider's error answer, or an error found inside a good one; never throws. */
export function decodeError(answer: ErrorAnswer): SluiceError {
  const found = findError(answer.body) ?? errorInText(answer.body)
  const status = answer.status >= 400 ? answer.status : (found.status ?? 0)
  const asked = readRetryAfter(answer.header, found.retryDelay, found.message)
  const code = classify(status, found, asked !== undefined)
  const retryAfterMs = asked ?? (code === 'rate_limit_exceeded' ? readReset(answer.header) : undefined)
  const retryable = retryableOf(answer, code, status)
  const requestId = findRequestId(answer) ?? found.requestId
  return new SluiceError(code, messageFor(code, status, found), {
    param: found.param,
    status: code === 'upstream_rejected' && status >= 400 && status < 500 ? status : undefined,
    retryable,
    retryAfterMs,
    upstream: {
      status: answer.status,
      ...(found.type === undefined ? undefined : { type: found.type }),
      ...(found.code === undefined ? undefined : { code: found.code }),
      ...(requestId === undefined ? undefined : { requestId }),
    },
  })
}

/** OpenAI's SDKs obey this header before all else. A request too large for a limit stays too large. */
function retryableOf(answer: ErrorAnswer, code: ErrorCode, status: number): boolean | undefined {
  const told = answer.header('x-should-retry')
  if (told === 'true') return true
  if (told === 'false') return false
  if (code === 'rate_limit_exceeded' && status === 413) return false
  return code === 'upstream_error' && status === 501 ? false : undefined
}

const requestIdHeaders = [
  'x-request-id',
  'request-id',
  'apim-request-id',
  'x-amzn-requestid',
  'mistral-correlation-id',
  'cf-ray',
]

function findRequestId(answer: ErrorAnswer): string | undefined {
  return requestIdHeaders.map((name) => answer.header(name)).find((id) => id !== undefined && id !== '')
}

/** First match wins; a word of the provider counts before its status, which some get wrong. */
const codeWords: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^(context_length_exceeded|exceed_context_size(_error)?|1261)$/i, 'context_length_exceeded'],
  [
    /^(content_filter(ed)?|content_policy_violation|responsibleaipolicyviolation|data_?inspection_?failed|1301)$/i,
    'content_filter',
  ],
  [
    /^(insufficient_(quota|balance|credits?|funds)|exceeded_current_quota(_error)?|arrearage|billing_(error|hard_limit_reached)|1113)$/i,
    'insufficient_quota',
  ],
  [
    /^(invalid_?api_?key|authentication_error|invalid_authentication(_error)?|unauthenticated|unauthorized|100[0-4])$/i,
    'upstream_authentication_failed',
  ],
  [/^(model_?not_?found|deploymentnotfound|model_not_exist|1211|5007)$/i, 'upstream_model_not_found'],
  [
    /^(engine_overloaded(_error)?|overloaded(_error)?|provider_overloaded|queue_exceeded|unavailable(_error)?)$/i,
    'upstream_overloaded',
  ],
  [
    /^(rate_limit(_exceeded|_error|_reached_error)?|too_many_requests|resource_exhausted|throttling.*|130[235]|3036)$/i,
    'rate_limit_exceeded',
  ],
]

const tooLong =
  /maximum context length|context_length_exceeded|prompt is too long|exceeds the maximum number of tokens|input token count|too many tokens|exceed_context_size|input is too long for requested model|reduce the length/i
const badKey =
  /(incorrect|invalid|no valid|missing) api[ -]?key|api[ -]?key (is )?(not valid|invalid|incorrect|missing)/i
const outOfCredit = /exceeded your current quota|insufficient (quota|balance|credit|funds)|out of credits?/i

function classify(status: number, found: FoundError, saysWhen: boolean): ErrorCode {
  const message = found.message ?? ''
  const mayBeTooLong = status === 0 || status === 400 || status === 413 || status === 422
  if (mayBeTooLong && tooLong.test(message)) return 'context_length_exceeded'
  if (found.flagged) return 'content_filter'
  for (const [pattern, code] of codeWords) if (found.words.some((word) => pattern.test(word))) return code
  if (status === 401 || (status <= 403 && badKey.test(message))) return 'upstream_authentication_failed'
  if (status === 402 || (!saysWhen && outOfCredit.test(message))) return 'insufficient_quota'
  return byStatus(status, message) ?? byClass(found.words)
}

function byStatus(status: number, message: string): ErrorCode | undefined {
  switch (status) {
    case 403:
      return 'upstream_permission_denied'
    case 404:
      return /model|deployment/i.test(message) ? 'upstream_model_not_found' : 'upstream_rejected'
    case 408:
    case 504:
    case 524:
      return 'upstream_timeout'
    case 409:
      return 'upstream_conflict'
    case 429:
      return 'rate_limit_exceeded'
    case 424:
    case 499:
      return 'upstream_error'
    case 498:
    case 503:
    case 529:
      return 'upstream_overloaded'
    default:
      if (status >= 500) return 'upstream_error'
      return status >= 400 ? 'upstream_rejected' : undefined
  }
}

/** For errors inside a good answer, which have no status. */
function byClass(words: readonly string[]): ErrorCode {
  const all = words.join(' ').toLowerCase()
  if (/invalid_request|bad_request|validation/.test(all)) return 'upstream_rejected'
  if (/permission|forbidden/.test(all)) return 'upstream_permission_denied'
  return /timeout|timed_out/.test(all) ? 'upstream_timeout' : 'upstream_error'
}

function messageFor(code: ErrorCode, status: number, found: FoundError): string {
  // The provider's own words may quote the key.
  if (code === 'upstream_authentication_failed') {
    return 'The provider refused the API key that is configured for it. Whoever set it up must correct the key.'
  }
  if (found.message === undefined) {
    return status === 0
      ? 'The provider reported an error without a message.'
      : `The provider answered with status ${status} and no message.`
  }
  const message = found.message.length > longestMessage ? `${found.message.slice(0, longestMessage)}…` : found.message
  return message.replace(secrets, '[secret]')
}

/**
 * What looks like a key: a vendor's prefix and a long word, or a bearer's value. Prefixes that also begin names,
 * such as `hf-internal-testing`, count only before a word with a digit or a mask in it.
 */
const secrets =
  /\b(?:(?:sk|gsk|xai|nvapi|pplx)[-_][\w*.…-]{8,}|(?:pk|rk|csk|hf|fw|tgp|r8)[-_](?=[\w.…-]*[\d*…])[\w*.…-]{8,}|AIza[\w-]{20,}|Bearer\s+[\w.~+/=-]{8,})/g
