import type { ErrorCodec } from '../../dialect.ts'
import type { SluiceError } from '../../errors/sluice-error.ts'
import { encodeSseEvent } from '../../framing/encode-sse.ts'
import { encodeError } from '../openai-chat/encode-error.ts'
import { openaiErrors } from '../openai-chat/error.ts'

/** OpenAI's error bodies; in a stream, an `error` event and the failed response, since clients look at one or the other. */
export const responsesErrors: ErrorCodec = {
  decode: openaiErrors.decode,
  encode: openaiErrors.encode,
  encodeEvent: (error, requestId) =>
    encodeFailure(error, 0, { id: `resp_${requestId}`, object: 'response', output: [] }),
}

/** @param response the members of the response that failed. */
export function encodeFailure(error: SluiceError, sequence: number, response: object): string {
  const { error: wire } = encodeError(error)
  const { type, code, message, param } = wire
  const event = {
    type: 'error',
    sequence_number: sequence,
    code,
    message,
    param,
    error: { type, code, message, param },
  }
  const failed = {
    type: 'response.failed',
    sequence_number: sequence + 1,
    response: { ...response, status: 'failed', error: { code, message } },
  }
  return (
    encodeSseEvent({ event: event.type, data: JSON.stringify(event) }) +
    encodeSseEvent({ event: failed.type, data: JSON.stringify(failed) })
  )
}
