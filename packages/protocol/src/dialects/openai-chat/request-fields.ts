import type { ChatRequest } from '../../ir/chat.ts'
import { isArray, isBoolean, isNumber, isRecord, isString } from './wire.ts'

/** Members that mean the same under another name: wire name, neutral name, whether a value has the expected type. */
export const requestFields: readonly (readonly [
  wire: string,
  neutral: keyof ChatRequest,
  isType: (value: unknown) => boolean,
])[] = [
  ['stream', 'stream', orNull(isBoolean)],
  ['temperature', 'temperature', orNull(isNumber)],
  ['top_p', 'topP', orNull(isNumber)],
  ['top_k', 'topK', orNull(isNumber)],
  ['frequency_penalty', 'frequencyPenalty', orNull(isNumber)],
  ['presence_penalty', 'presencePenalty', orNull(isNumber)],
  ['stop', 'stop', orNull((value) => isString(value) || isListOf(value, isString))],
  ['seed', 'seed', orNull(isNumber)],
  ['n', 'choiceCount', orNull(isNumber)],
  ['logit_bias', 'logitBias', orNull((value) => isMapOf(value, isNumber))],
  ['logprobs', 'logprobs', orNull(isBoolean)],
  ['top_logprobs', 'topLogprobs', orNull(isNumber)],
  ['parallel_tool_calls', 'parallelToolCalls', isBoolean],
  ['verbosity', 'verbosity', orNull(isString)],
  ['modalities', 'modalities', orNull((value) => isListOf(value, isString))],
  ['audio', 'audio', orNull((value) => isRecord(value) && isString(value['format']) && 'voice' in value)],
  ['user', 'user', orNull(isString)],
  ['metadata', 'metadata', orNull((value) => isMapOf(value, isString))],
  ['service_tier', 'serviceTier', orNull(isString)],
  ['store', 'store', orNull(isBoolean)],
]

function orNull(isType: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === null || isType(value)
}

function isListOf(value: unknown, isType: (item: unknown) => boolean): boolean {
  return isArray(value) && value.every(isType)
}

function isMapOf(value: unknown, isType: (item: unknown) => boolean): boolean {
  return isRecord(value) && Object.values(value).every(isType)
}
