import type { ChatChoice, TokenLogprob } from '../../ir/chat.ts'
import { isArray, isNumber, isRecord, isString, type WireObject } from './wire.ts'

type Logprobs = NonNullable<ChatChoice['logprobs']>

/** Reads `[{text, token_ids, logprobs}]`, each entry a chunk of text with the tokens that it is made of. */
export function decodeLogprobs(wire: unknown): Logprobs | undefined {
  return isArray(wire) ? { content: wire.filter(isRecord).map(decodeItem) } : undefined
}

/** A chunk is as probable as its tokens are together. */
export function decodeItem({ text, logprobs }: WireObject): TokenLogprob {
  const each = isArray(logprobs) ? logprobs.filter(isNumber) : []
  const logprob = each.reduce((sum, value) => sum + value, 0)
  return { token: isString(text) ? text : '', logprob, bytes: null, top: [] }
}

/** Token ids are known to the provider only. */
export function encodeItem({ token, logprob }: TokenLogprob): WireObject {
  return { text: token, token_ids: [], logprobs: [logprob] }
}

/** The provider's own list where it still says the same. */
export function encodeLogprobs(logprobs: Logprobs, wire: unknown): unknown {
  if (JSON.stringify(decodeLogprobs(wire)) === JSON.stringify(logprobs)) return wire
  return [...(logprobs.content ?? []), ...(logprobs.refusal ?? [])].map(encodeItem)
}
