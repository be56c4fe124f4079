import type { FinishReason } from '../../ir/finish-reason.ts'

/** https://ai.google.dev/api/generate-content#FinishReason; any other word means that the model was done. */
const meanings: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['CONTINUATION', 'length'],
  ['SAFETY', 'content-filter'],
  ['RECITATION', 'content-filter'],
  ['BLOCKLIST', 'content-filter'],
  ['PROHIBITED_CONTENT', 'content-filter'],
  ['SPII', 'content-filter'],
  ['IMAGE_SAFETY', 'content-filter'],
  ['IMAGE_PROHIBITED_CONTENT', 'content-filter'],
  ['IMAGE_RECITATION', 'content-filter'],
  ['MALFORMED_FUNCTION_CALL', 'error'],
  ['UNEXPECTED_TOOL_CALL', 'error'],
  ['TOO_MANY_TOOL_CALLS', 'error'],
  ['MALFORMED_RESPONSE', 'error'],
])

/** Gemini says `STOP` too when the answer waits for the results of its calls. */
export function finishReasonOf(word: string, hasCalls: boolean): FinishReason {
  const reason = meanings.get(word) ?? 'stop'
  return reason === 'stop' && hasCalls ? 'tool-calls' : reason
}

const words: Readonly<Record<FinishReason, string>> = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  'tool-calls': 'STOP',
  'content-filter': 'SAFETY',
  error: 'MALFORMED_RESPONSE',
}

/** The provider's own word where it is one of Gemini's and says the same. */
export function finishWord(reason: FinishReason, providerWord: string | undefined): string {
  if (providerWord === undefined || !/^[A-Z][A-Z_]+$/.test(providerWord)) return words[reason]
  const same = finishReasonOf(providerWord, false) === reason || finishReasonOf(providerWord, true) === reason
  return same ? providerWord : words[reason]
}

/** To be kept beside our word, where it says more. */
export function providerWord(word: string, reason: FinishReason): string | undefined {
  return words[reason] === word ? undefined : word
}
