import { isArray, isNumber, isRecord, isString, type WireObject } from '../json/wire-object.ts'

/** What a provider's error body says, whatever its shape. */
export interface FoundError {
  readonly message: string | undefined
  /** The class and code words, in the order of how exact they are; numbers as text. */
  readonly words: readonly string[]
  readonly type: string | undefined
  readonly code: string | undefined
  readonly param: string | undefined
  /** An HTTP status that the body names, for errors inside a good answer. */
  readonly status: number | undefined
  readonly requestId: string | undefined
  /** Go-like duration: `34.07s`. */
  readonly retryDelay: string | undefined
  /** The provider's own moderation stopped the request. */
  readonly flagged: boolean
}

/**
 * Finds the error in a body: `{error: {…}}`, `{error: "text"}`, flat `{message, type, code}`, `{detail}`
 * (FastAPI, problem+json), `{fault}` (Apigee), `{errors: […]}` (Cloudflare), `{base_resp}` (MiniMax) and any of
 * them in an array (Gemini). `undefined` when there is none.
 */
export function findError(body: unknown): FoundError | undefined {
  const wire: unknown = isArray(body) ? body[0] : body
  if (!isRecord(wire)) return undefined
  const { error, base_resp: base, fault, errors, detail } = wire
  if (isRecord(error)) return fromObject(error, wire)
  if (isString(error)) return fromObject({ ...wire, message: error }, wire)
  if (isRecord(base) && base['status_code'] !== 0 && base['status_code'] !== undefined) {
    const type = miniMaxMeanings.get(base['status_code']) ?? 'server_error'
    return fromObject({ message: base['status_msg'], type }, wire)
  }
  if (isRecord(fault)) {
    const code = isRecord(fault['detail']) ? fault['detail']['errorcode'] : undefined
    return fromObject({ message: fault['faultstring'], code }, wire)
  }
  if (isArray(errors) && isRecord(errors[0])) return fromObject(errors[0], wire)
  if (detail !== undefined && detail !== null) return fromDetail(detail, wire)
  return isString(wire['message']) && !('choices' in wire) ? fromObject(wire, wire) : undefined
}

/** Of a body that is no JSON: plain text is a message, a page is none. */
export function errorInText(body: unknown): FoundError {
  const text = isString(body) ? body.trim() : ''
  return fromObject({ message: text.startsWith('<') ? '' : text }, {})
}

/** Whether what is no answer is an error. */
export function isErrorAnswer(wire: unknown): boolean {
  return hasError(wire) || findError(wire) !== undefined
}

/** Whether a body has an error of whatever form where most have it. */
export function hasError(wire: unknown): boolean {
  return isRecord(wire) && 'error' in wire && wire['error'] !== null
}

/** MiniMax's numbers, by their documentation; other providers use the same ones otherwise. */
const miniMaxMeanings: ReadonlyMap<unknown, string> = new Map([
  [1002, 'rate_limit_exceeded'],
  [1004, 'invalid_api_key'],
  [1008, 'insufficient_balance'],
  [1026, 'content_filter'],
  [1027, 'content_filter'],
  [1039, 'rate_limit_exceeded'],
  [2013, 'invalid_request_error'],
])

function fromObject(error: WireObject, body: WireObject): FoundError {
  const metadata = isRecord(error['metadata']) ? error['metadata'] : {}
  const innerError = isRecord(error['innererror']) ? error['innererror'] : {}
  const type = word(error['type'])
  const code = word(error['code'] ?? body['code'])
  const words = [innerError['code'], metadata['error_type'], code, type, error['status'], error['reason']]
  return {
    message: messageOf(error),
    words: words.map(word).filter((value) => value !== undefined),
    type,
    code,
    param: isString(error['param']) ? error['param'] : undefined,
    status:
      httpStatus(error['code']) ??
      httpStatus(error['status']) ??
      httpStatus(body['status_code']) ??
      httpStatus(body['status']),
    requestId: word(error['request_id'] ?? body['request_id'] ?? body['requestId']),
    retryDelay: findRetryDelay(error['details']),
    flagged: metadata['flagged_input'] !== undefined || isArray(metadata['reasons']),
  }
}

/** The message; where a router passes another provider's error on, the cause says more than "Provider returned error". */
function messageOf(error: WireObject): string | undefined {
  const { message } = error
  if (isString(message) && message !== '') return message
  if (isRecord(message) || isArray(message)) return JSON.stringify(message)
  return undefined
}

/** A string, a list of FastAPI's `{loc, msg}`, or an object with an error of its own. */
function fromDetail(detail: unknown, body: WireObject): FoundError {
  if (isString(detail)) {
    const title = body['title']
    return fromObject({ ...body, message: isString(title) && title !== detail ? `${title}: ${detail}` : detail }, body)
  }
  if (isRecord(detail)) return findError(detail) ?? fromObject({ message: JSON.stringify(detail) }, body)
  const problems = isArray(detail) ? detail.filter(isRecord) : []
  const paths = problems.map((problem) => locationOf(problem['loc']))
  const lines = problems.map((problem, index) => [paths[index], problem['msg']].filter(isString).join(': '))
  return fromObject(
    { message: lines.length === 0 ? undefined : lines.join('; '), type: problems[0]?.['type'], param: paths[0] },
    body,
  )
}

function locationOf(location: unknown): string | undefined {
  if (!isArray(location)) return undefined
  const steps = location[0] === 'body' ? location.slice(1) : location
  return steps.length === 0 ? undefined : steps.join('.')
}

function word(value: unknown): string | undefined {
  if (isNumber(value)) return String(value)
  return isString(value) && value !== '' ? value : undefined
}

function httpStatus(value: unknown): number | undefined {
  const status = isString(value) ? Number(value) : value
  return isNumber(status) && Number.isInteger(status) && status >= 400 && status < 600 ? status : undefined
}

/** Google's `RetryInfo`. */
function findRetryDelay(details: unknown): string | undefined {
  if (!isArray(details)) return undefined
  for (const entry of details) if (isRecord(entry) && isString(entry['retryDelay'])) return entry['retryDelay']
  return undefined
}
