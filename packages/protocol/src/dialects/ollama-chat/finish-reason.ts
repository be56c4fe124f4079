import type { FinishReason } from '../../ir/finish-reason.ts'

const meanings: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['stop', 'stop'],
  ['load', 'stop'],
  ['unload', 'stop'],
  ['length', 'length'],
  ['content_filter', 'content-filter'],
  ['error', 'error'],
])

/** What a `done_reason` means. Ollama has no word of its own for an answer that waits for the results of its calls. */
export function decodeFinishReason(word: unknown, hasCalls: boolean): FinishReason {
  const reason = (typeof word === 'string' ? meanings.get(word) : undefined) ?? 'stop'
  return reason === 'stop' && hasCalls ? 'tool-calls' : reason
}

/** `stop` and `length` are Ollama's; the other words are said as OpenAI has them, the member being open. */
const words: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'stop',
  'content-filter': 'content_filter',
  error: 'error',
}

/** @param own the word that this wire said; it is kept where it still means the same. */
export function encodeFinishReason(reason: FinishReason, own: unknown): string {
  const same = typeof own === 'string' && decodeFinishReason(own, reason === 'tool-calls') === reason
  return same ? own : words[reason]
}

/** The provider's own word, where ours would be another. */
export function providerWord(word: unknown, reason: FinishReason): string | undefined {
  return typeof word === 'string' && words[reason] !== word ? word : undefined
}
