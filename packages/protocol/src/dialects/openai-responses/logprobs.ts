import type { TokenLogprob } from '../../ir/chat.ts'
import { decodeLogprobs as decodeChatLogprobs, encodeLogprobs as encodeChatLogprobs } from '../openai-chat/logprobs.ts'

/** The tokens of one text; none for whatever is no list. */
export function decodeLogprobs(wire: unknown): readonly TokenLogprob[] {
  return decodeChatLogprobs({ content: wire })?.content ?? []
}

export function encodeLogprobs(tokens: readonly TokenLogprob[]): unknown {
  return tokens.length === 0 ? [] : encodeChatLogprobs({ content: tokens })['content']
}
