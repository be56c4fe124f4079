import type { ErrorAnswer, ErrorCodec } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { openaiErrors } from '../openai-chat/error.ts'
import { frame } from './frame.ts'
import { inner, isRecord, isString, type WireObject } from './wire.ts'

/** `{message, id?}`. https://docs.cohere.com/v2/reference/errors */
export const cohereErrors: ErrorCodec = { decode: decodeError, encode: encodeError, encodeEvent: encodeErrorEvent }

/** A trial key's allowance for the month, which no waiting renews in time. */
const monthly = /\bcalls ?\/ ?month\b/i

/** Reads Cohere's errors, the one that ends a stream too, and by the general reader whatever else may be said. */
export function decodeError(answer: ErrorAnswer): SluiceError {
  // 498 is an invalid token here and an overload elsewhere.
  const status = answer.status === 498 ? 401 : answer.status
  const header = (name: string): string | undefined =>
    answer.header(name) ?? (name === 'x-request-id' ? answer.header('x-debug-trace-id') : undefined)
  const error = openaiErrors.decode({ status, header, body: plainBody(answer.body) })
  const spent = error.code === 'rate_limit_exceeded' && monthly.test(error.message)
  if (!spent && status === answer.status) return error
  return new SluiceError(spent ? 'insufficient_quota' : error.code, error.message, {
    upstream: { ...error.upstream, status: answer.status },
  })
}

function plainBody(body: unknown): unknown {
  if (!isRecord(body)) return body
  const delta = inner(body, 'delta')
  if (isString(delta?.['error'])) return { message: delta['error'], type: delta['finish_reason'] }
  return isString(body['message']) && isString(body['id']) ? { ...body, request_id: body['id'] } : body
}

/** Our stable code stands beside what Cohere says. */
function encodeError(error: SluiceError, requestId?: string): WireObject {
  return { ...(requestId !== undefined && { id: requestId }), message: error.message, code: error.code }
}

/** A stream that failed ends as any other, with the error in its last event. */
export function encodeErrorEvent(error: SluiceError): string {
  const delta = { finish_reason: 'ERROR', error: error.message }
  return frame('message-end', `"delta":${JSON.stringify(delta)}`)
}
