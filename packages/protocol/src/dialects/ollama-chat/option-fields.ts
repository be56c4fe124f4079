import type { ChatRequest } from '../../ir/chat.ts'
import { isArray, isNumber, isString } from './wire.ts'

/** Members of `options` that others have too: wire name, neutral name, whether a value has the expected type. */
export const optionFields: readonly (readonly [
  wire: string,
  neutral: keyof ChatRequest,
  isType: (value: unknown) => boolean,
])[] = [
  // Numbers below 1 are no limit: -1 goes on for ever, -2 to the end of the context.
  ['num_predict', 'maxOutputTokens', (value) => isNumber(value) && value >= 1],
  ['temperature', 'temperature', isNumber],
  ['top_p', 'topP', isNumber],
  ['top_k', 'topK', isNumber],
  ['frequency_penalty', 'frequencyPenalty', isNumber],
  ['presence_penalty', 'presencePenalty', isNumber],
  ['stop', 'stop', (value) => isString(value) || (isArray(value) && value.every(isString))],
  ['seed', 'seed', isNumber],
]
