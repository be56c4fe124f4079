import type { ChatChoice, TokenLogprob } from '../../ir/chat.ts'
import { isNumber, isRecord, isString, type WireObject } from './wire.ts'

export type Logprobs = NonNullable<ChatChoice['logprobs']>

/** Reads `{content, refusal}`; `undefined` for `null` and for the shapes of other, older APIs. */
export function decodeLogprobs(wire: unknown): Logprobs | undefined {
  if (!isRecord(wire)) return undefined
  const content = decodeTokens(wire['content'])
  const refusal = decodeTokens(wire['refusal'])
  if (content === undefined && refusal === undefined) return undefined
  return {
    ...(content === undefined ? undefined : { content }),
    ...(refusal === undefined ? undefined : { refusal }),
  }
}

export function encodeLogprobs(logprobs: Logprobs): WireObject {
  return {
    content: logprobs.content?.map(encodeToken) ?? null,
    refusal: logprobs.refusal?.map(encodeToken) ?? null,
  }
}

function decodeTokens(wire: unknown): TokenLogprob[] | undefined {
  return Array.isArray(wire) ? wire.filter(isRecord).map(decodeToken) : undefined
}

function decodeToken(wire: WireObject): TokenLogprob {
  const top = wire['top_logprobs']
  return { ...decodeRival(wire), top: Array.isArray(top) ? top.filter(isRecord).map(decodeRival) : [] }
}

type Rival = TokenLogprob['top'][number]

function decodeRival(wire: WireObject): Rival {
  const { token, logprob, bytes } = wire
  return {
    token: isString(token) ? token : '',
    // OpenAI's value for "too improbable to say"; JSON has no minus infinity.
    logprob: isNumber(logprob) ? logprob : -9999,
    bytes: Array.isArray(bytes) ? bytes.filter(isNumber) : null,
  }
}

function encodeToken({ token, logprob, bytes, top }: TokenLogprob): WireObject {
  return { token, logprob, bytes, top_logprobs: top }
}
