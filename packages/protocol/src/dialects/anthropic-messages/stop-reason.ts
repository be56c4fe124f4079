import type { FinishReason } from '../../ir/finish-reason.ts'

const meanings: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool-calls'],
  ['refusal', 'content-filter'],
])

/** What a `stop_reason` means; unknown words, and those after which a turn may go on, mean `stop`. */
export function decodeStopReason(word: string): FinishReason {
  return meanings.get(word) ?? 'stop'
}

const words: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  error: 'end_turn',
}

export function encodeStopReason(reason: FinishReason): string {
  return words[reason]
}

/** The provider's own word where it is of this dialect and still says the same. */
export function stopWord(reason: FinishReason, word: unknown): string {
  return typeof word === 'string' && decodeStopReason(word) === reason ? word : encodeStopReason(reason)
}
