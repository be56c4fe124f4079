import type { ErrorAnswer, ErrorCodec } from '../../dialect.ts'
import type { SluiceError } from '../../errors/sluice-error.ts'
import { encodeSseLine } from '../../framing/encode-sse.ts'
import { openaiErrors } from '../openai-chat/error.ts'
import { isArray, isNumber, isRecord, isString, type WireObject } from './wire.ts'

/** Google's `{error: {code, message, status, details}}`. https://google.aip.dev/193 */
export const geminiErrors: ErrorCodec = { decode: decodeError, encode: encodeError, encodeEvent }

/** The error in a body, which Google sometimes puts into an array. */
export function findGoogleError(body: unknown): WireObject | undefined {
  const wire: unknown = isArray(body) ? body[0] : body
  const error = isRecord(wire) ? wire['error'] : undefined
  return isRecord(error) ? error : undefined
}

export function readErrorBody(body: unknown): SluiceError {
  return decodeError({ status: 200, header: () => undefined, body })
}

/** Reads Google's errors, and by the general reader whatever else a gateway in between may say. */
function decodeError(answer: ErrorAnswer): SluiceError {
  const error = findGoogleError(answer.body)
  if (error === undefined) return openaiErrors.decode(answer)
  const { code, message, status: word } = error
  const details = isArray(error['details']) ? error['details'].filter(isRecord) : []
  // A bad key is a 400 like any other bad argument; only the reason tells.
  const badKey = details.some(
    (detail) => isString(detail['reason']) && /^API_KEY_|^ACCESS_TOKEN_/.test(detail['reason']),
  )
  const status = isNumber(code) ? code : statusOf(word)
  const plain = {
    error: {
      message,
      code: badKey ? 'UNAUTHENTICATED' : (word ?? null),
      status: status ?? answer.status,
      param: details.map(fieldOf).find(isString) ?? null,
      details: error['details'],
    },
  }
  return openaiErrors.decode({ ...answer, body: plain })
}

/** Of `google.rpc.BadRequest`. */
function fieldOf({ fieldViolations }: WireObject): unknown {
  const first: unknown = isArray(fieldViolations) ? fieldViolations[0] : undefined
  return isRecord(first) ? first['field'] : undefined
}

/** https://cloud.google.com/apis/design/errors#handling_errors */
const words: readonly (readonly [word: string, status: number])[] = [
  ['INVALID_ARGUMENT', 400],
  ['FAILED_PRECONDITION', 400],
  ['OUT_OF_RANGE', 400],
  ['UNAUTHENTICATED', 401],
  ['PERMISSION_DENIED', 403],
  ['NOT_FOUND', 404],
  ['ABORTED', 409],
  ['ALREADY_EXISTS', 409],
  ['RESOURCE_EXHAUSTED', 429],
  ['CANCELLED', 499],
  ['INTERNAL', 500],
  ['UNKNOWN', 500],
  ['DATA_LOSS', 500],
  ['UNIMPLEMENTED', 501],
  ['UNAVAILABLE', 503],
  ['DEADLINE_EXCEEDED', 504],
]

function statusOf(word: unknown): number | undefined {
  return words.find(([candidate]) => candidate === word)?.[1]
}

function wordOf(status: number): string {
  // Google has no word for want of money: so it calls what waits for billing, and nothing to ask again for.
  if (status === 402) return 'FAILED_PRECONDITION'
  const word = words.find(([, candidate]) => candidate === status)?.[0]
  return word ?? (status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT')
}

function encodeError(error: SluiceError, requestId?: string): { readonly error: WireObject } {
  const { message, status, retryAfterMs, param } = error
  const type = (name: string): string => `type.googleapis.com/google.rpc.${name}`
  return {
    error: {
      code: status,
      message,
      status: wordOf(status),
      details: [
        { '@type': type('ErrorInfo'), reason: error.code.toUpperCase(), domain: 'sluice' },
        ...(param === undefined
          ? []
          : [{ '@type': type('BadRequest'), fieldViolations: [{ field: param, description: message }] }]),
        ...(retryAfterMs === undefined ? [] : [{ '@type': type('RetryInfo'), retryDelay: `${retryAfterMs / 1000}s` }]),
        ...(requestId === undefined ? [] : [{ '@type': type('RequestInfo'), requestId }]),
      ],
    },
  }
}

/** The event that ends a stream that failed. */
function encodeEvent(error: SluiceError, requestId?: string): string {
  return encodeSseLine(JSON.stringify(encodeError(error, requestId)))
}

export function encodeErrorEvent(error: SluiceError): string {
  return encodeEvent(error)
}
