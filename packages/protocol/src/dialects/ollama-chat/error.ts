import type { ErrorAnswer, ErrorCodec } from '../../dialect.ts'
import type { SluiceError } from '../../errors/sluice-error.ts'
import { openaiErrors } from '../openai-chat/error.ts'
import { isRecord, isString, type WireObject } from './wire.ts'

/** Ollama's `{error: "text"}`. https://docs.ollama.com/api/errors */
export const ollamaErrors: ErrorCodec = { decode: decodeError, encode: encodeError, encodeEvent: encodeErrorLine }

const tooLong = /exceed\w* (?:the )?(?:available |model's )?context (?:length|size|window)/i

function decodeError(answer: ErrorAnswer): SluiceError {
  const { body } = answer
  const text = isRecord(body) ? body['error'] : undefined
  if (!isString(text) || !tooLong.test(text)) return openaiErrors.decode(answer)
  return openaiErrors.decode({ ...answer, body: { error: { message: text, code: 'context_length_exceeded' } } })
}

/** The error that a line or an answer is. */
export function findOllamaError(body: unknown): WireObject | undefined {
  const error = isRecord(body) ? body['error'] : undefined
  return error === undefined || error === null || error === '' ? undefined : (body as WireObject)
}

export function readErrorBody(body: unknown): SluiceError {
  return decodeError({ status: 200, header: () => undefined, body })
}

/** Clients read `error`; our code and the request's id stand beside it for those who look. */
function encodeError(error: SluiceError, requestId?: string): WireObject {
  const { message, code, param } = error
  return {
    error: message,
    code,
    ...(param !== undefined && { param }),
    ...(requestId !== undefined && { request_id: requestId }),
  }
}

/** The line that ends a stream that failed. */
export function encodeErrorLine(error: SluiceError, requestId?: string): string {
  return `${JSON.stringify(encodeError(error, requestId))}\n`
}
