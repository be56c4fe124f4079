import type { FinishReason } from '../../ir/finish-reason.ts'

const meanings: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool-calls'],
  ['content_filtered', 'content-filter'],
  ['guardrail_intervened', 'content-filter'],
  ['malformed_model_output', 'error'],
  ['malformed_tool_use', 'error'],
])

/** What a `stopReason` means; unknown words mean `stop`. */
export function decodeStopReason(word: string): FinishReason {
  return meanings.get(word) ?? 'stop'
}

const words: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'content_filtered',
  error: 'malformed_model_output',
}

/** The provider's own word where it is of this dialect and still says the same. */
export function stopWord(reason: FinishReason, word: unknown): string {
  return typeof word === 'string' && decodeStopReason(word) === reason ? word : words[reason]
}

/** Whether the neutral word gives back this one. */
export function isUsual(word: string): boolean {
  return words[decodeStopReason(word)] === word
}
