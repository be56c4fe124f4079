import type { CodecContext, CountTokensDialect } from '../../dialect.ts'
import type { ChatRequest } from '../../ir/chat.ts'
import { anthropicMessages } from '../anthropic-messages/anthropic-messages.ts'
import { anthropicErrors } from '../anthropic-messages/error.ts'
import { pickMembers } from '../../json/wire-object.ts'
import { createOperationDialect } from '../openai-operations/create-operation-dialect.ts'
import { countShape, readCount } from '../openai-input-tokens/count.ts'

/** What of a request counts; all else is refused. */
const counted = ['model', 'messages', 'system', 'tools', 'tool_choice', 'thinking', 'output_config', 'cache_control']

/** Anthropic's counting of a request's tokens. https://platform.claude.com/docs/en/api/messages-count-tokens */
export const anthropicCountTokens: CountTokensDialect = Object.freeze<CountTokensDialect>({
  ...createOperationDialect({
    id: 'anthropic-count-tokens',
    operation: 'count-tokens',
    path: '/messages/count_tokens',
    error: anthropicErrors,
    streams: false,
    ...countShape,
  }),
  headers: anthropicMessages.headers!,
  forwardedHeaders: anthropicMessages.forwardedHeaders!,
  request: { decode: anthropicMessages.request.decode, encode: encodeRequest },
  result: { decode: readCount, encode: ({ tokens }) => ({ input_tokens: tokens }) },
})

function encodeRequest(request: ChatRequest, context: CodecContext): unknown {
  return pickMembers(anthropicMessages.request.encode(request, context), counted)
}
