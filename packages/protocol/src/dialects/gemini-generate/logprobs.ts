import type { ChatChoice, TokenLogprob } from '../../ir/chat.ts'
import { isArray, isNumber, isRecord, isString, type WireObject } from './wire.ts'

export type Logprobs = NonNullable<ChatChoice['logprobs']>

/** Reads `logprobsResult: {chosenCandidates, topCandidates}`; one entry for each token of the answer. */
export function decodeLogprobs(wire: unknown): Logprobs | undefined {
  if (!isRecord(wire) || !isArray(wire['chosenCandidates'])) return undefined
  const tops = isArray(wire['topCandidates']) ? wire['topCandidates'] : []
  const content = wire['chosenCandidates'].filter(isRecord).map((chosen, index): TokenLogprob => {
    const top = tops[index]
    const rivals = isRecord(top) && isArray(top['candidates']) ? top['candidates'].filter(isRecord) : []
    return { ...decodeToken(chosen), top: rivals.map(decodeToken) }
  })
  return { content }
}

function decodeToken({ token, logProbability }: WireObject): Omit<TokenLogprob, 'top'> {
  return {
    token: isString(token) ? token : '',
    logprob: isNumber(logProbability) ? logProbability : -9999,
    bytes: null,
  }
}

/** `undefined` where only a refusal has them. */
export function encodeLogprobs({ content }: Logprobs): WireObject | undefined {
  if (content === undefined) return undefined
  const write = ({ token, logprob }: { token: string; logprob: number }): WireObject => ({
    token,
    logProbability: logprob,
  })
  const tops = content.some(({ top }) => top.length > 0)
  return {
    chosenCandidates: content.map(write),
    ...(tops && { topCandidates: content.map(({ top }) => ({ candidates: top.map(write) })) }),
  }
}
