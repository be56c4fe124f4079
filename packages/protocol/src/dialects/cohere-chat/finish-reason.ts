import type { FinishReason } from '../../ir/finish-reason.ts'

/**
 * https://docs.cohere.com/v2/reference/chat#response.body.finish_reason, and the words of the first version's that
 * say more. Any other `ERROR…` is an error; any other word means that the model was done.
 */
const meanings: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['COMPLETE', 'stop'],
  ['STOP_SEQUENCE', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['TOOL_CALL', 'tool-calls'],
  ['ERROR_TOXIC', 'content-filter'],
  ['ERROR_LIMIT', 'length'],
  ['TIMEOUT', 'error'],
])

export function finishReasonOf(word: string): FinishReason {
  return meanings.get(word) ?? (word.startsWith('ERROR') ? 'error' : 'stop')
}

/** The second version has no word for an answer that was filtered; its clients know that of the first. */
const words: Readonly<Record<FinishReason, string>> = {
  stop: 'COMPLETE',
  length: 'MAX_TOKENS',
  'tool-calls': 'TOOL_CALL',
  'content-filter': 'ERROR_TOXIC',
  error: 'ERROR',
}

/** The provider's own word where it is one of Cohere's and says the same. */
export function finishWord(reason: FinishReason, providerWord: string | undefined): string {
  const own = providerWord !== undefined && /^[A-Z][A-Z_]+$/.test(providerWord) ? providerWord : undefined
  const known = own !== undefined && (meanings.has(own) || own.startsWith('ERROR'))
  return known && finishReasonOf(own) === reason ? own : words[reason]
}

interface Finish {
  readonly finishReason: FinishReason
  readonly providerFinishReason?: string
}

/** The provider's word is kept where it says more than ours. */
export function finishOf(word: string): Finish {
  const finishReason = finishReasonOf(word)
  return { finishReason, ...(words[finishReason] !== word && { providerFinishReason: word }) }
}
