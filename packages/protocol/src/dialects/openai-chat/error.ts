import type { ErrorCodec } from '../../dialect.ts'
import { decodeError } from './decode-error.ts'
import { encodeError, encodeErrorEvent } from './encode-error.ts'

/** OpenAI's `{error: {message, type, param, code}}`; reads the error bodies of all who speak this dialect. */
export const openaiErrors: ErrorCodec = { decode: decodeError, encode: encodeError, encodeEvent: encodeErrorEvent }
