import { isArray, isNumber, isRecord, isString, type WireObject } from '../../json/wire-object.ts'

/** As chat completions write them. `undefined` where the wire has none; the offsets follow from the tokens. */
export function chatLogprobs(wire: unknown): WireObject | null | undefined {
  if (!isRecord(wire)) return wire === null ? null : undefined
  const { tokens, token_logprobs: values, top_logprobs: tops } = wire
  if (!isArray(tokens)) return undefined
  const content = tokens.map((token, index) => ({
    token: isString(token) ? token : '',
    logprob: isArray(values) ? values[index] : undefined,
    bytes: null,
    top_logprobs: rivals(isArray(tops) ? tops[index] : undefined),
  }))
  return { content, refusal: null }
}

function rivals(top: unknown): readonly WireObject[] {
  if (!isRecord(top)) return []
  return Object.entries(top).map(([token, logprob]) => ({ token, logprob, bytes: null }))
}

/**
 * Four lists of the same length.
 * @param offset of the first token in the text.
 */
export function completionLogprobs(chat: unknown, offset = 0): WireObject | null {
  const content = isRecord(chat) ? (chat['content'] ?? chat['refusal']) : undefined
  if (!isArray(content)) return null
  const entries = content.filter(isRecord)
  const tokens = entries.map(({ token }) => (isString(token) ? token : ''))
  let at = offset
  return {
    tokens,
    token_logprobs: entries.map(({ logprob }) => (isNumber(logprob) ? logprob : null)),
    top_logprobs: entries.some(hasRivals) ? entries.map(topOf) : null,
    text_offset: tokens.map((token) => (at += token.length) - token.length),
  }
}

function hasRivals({ top_logprobs: top }: WireObject): boolean {
  return isArray(top) && top.length > 0
}

function topOf({ top_logprobs: top }: WireObject): WireObject {
  const rows = isArray(top) ? top.filter(isRecord) : []
  return Object.fromEntries(rows.map(({ token, logprob }) => [String(token), logprob]))
}
