import type { FinishReason } from '../../ir/finish-reason.ts'

const meanings: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['stop', 'stop'],
  ['eos', 'stop'],
  ['end_turn', 'stop'],
  ['complete', 'stop'],
  ['length', 'length'],
  ['max_length', 'length'],
  ['max_tokens', 'length'],
  ['model_length', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_calls', 'tool-calls'],
  ['tool_use', 'tool-calls'],
  ['function_call', 'tool-calls'],
  ['content_filter', 'content-filter'],
  ['content_filtered', 'content-filter'],
  ['safety', 'content-filter'],
  ['sensitive', 'content-filter'],
  ['refusal', 'content-filter'],
  ['error', 'error'],
  ['network_error', 'error'],
  ['insufficient_system_resource', 'error'],
  ['abort', 'error'],
])

/** What a provider's `finish_reason` means; letter case does not matter and unknown words mean `stop`. */
export function decodeFinishReason(word: string): FinishReason {
  return meanings.get(word) ?? meanings.get(word.toLowerCase()) ?? 'stop'
}

const words: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  error: 'error',
}

export function encodeFinishReason(reason: FinishReason): string {
  return words[reason]
}

/** Some providers, and OpenAI when a tool was forced, say `stop` though the answer waits for its calls. */
export function finishReasonOf(word: string, hasCalls: boolean): FinishReason {
  const reason = decodeFinishReason(word)
  return reason === 'stop' && hasCalls ? 'tool-calls' : reason
}
