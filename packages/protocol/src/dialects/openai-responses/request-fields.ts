import type { ChatRequest } from '../../ir/chat.ts'
import { requestFields as chatFields } from '../openai-chat/request-fields.ts'

const shared: readonly string[] = [
  'stream',
  'temperature',
  'top_p',
  'top_logprobs',
  'parallel_tool_calls',
  'user',
  'metadata',
  'service_tier',
  'store',
]

/** Members that mean the same in Chat Completions. */
export const requestFields: typeof chatFields = chatFields.filter(([name]) => shared.includes(name))

/** What only other dialects can ask for. */
export const unsaid: readonly (keyof ChatRequest)[] = [
  'topK',
  'frequencyPenalty',
  'presencePenalty',
  'stop',
  'seed',
  'logitBias',
  'modalities',
  'audio',
]
