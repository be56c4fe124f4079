import type { TokenLogprob } from '../../ir/chat.ts'
import { decodeLogprobs as decodeOpenaiLogprobs } from '../openai-chat/logprobs.ts'
import { isArray, type WireObject } from './wire.ts'

/** Reads `[{token, logprob, bytes?, top_logprobs?}]`: what OpenAI has in `logprobs.content`. */
export function decodeLogprobs(wire: unknown): readonly TokenLogprob[] | undefined {
  return isArray(wire) ? decodeOpenaiLogprobs({ content: wire })?.content : undefined
}

export function encodeLogprobs(logprobs: readonly TokenLogprob[]): readonly WireObject[] {
  return logprobs.map(({ top, ...token }) => ({
    ...rival(token),
    ...(top.length > 0 && { top_logprobs: top.map(rival) }),
  }))
}

function rival({ token, logprob, bytes }: Omit<TokenLogprob, 'top'>): WireObject {
  return { token, logprob, ...(bytes !== null && { bytes }) }
}
