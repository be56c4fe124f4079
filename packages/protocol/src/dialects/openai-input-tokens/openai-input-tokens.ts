import type { CodecContext, CountTokensDialect } from '../../dialect.ts'
import type { ChatRequest } from '../../ir/chat.ts'
import { isRecord, pickMembers } from '../../json/wire-object.ts'
import { responsesErrors } from '../openai-responses/error.ts'
import { openaiResponses } from '../openai-responses/openai-responses.ts'
import { createOperationDialect } from '../openai-operations/create-operation-dialect.ts'
import { countShape, readCount } from './count.ts'

/** What of a request counts; all else is refused. */
const counted = [
  'model',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'reasoning',
  'text',
  'truncation',
  'conversation',
  'previous_response_id',
  'personality',
]

/** OpenAI's counting of a response's input. https://platform.openai.com/docs/api-reference/responses/input-tokens */
export const openaiInputTokens: CountTokensDialect = Object.freeze<CountTokensDialect>({
  ...createOperationDialect({
    id: 'openai-input-tokens',
    operation: 'count-tokens',
    path: '/responses/input_tokens',
    error: responsesErrors,
    streams: false,
    ...countShape,
  }),
  request: { decode: decodeRequest, encode: encodeRequest },
  result: {
    decode: readCount,
    encode: ({ tokens }) => ({ object: 'response.input_tokens', input_tokens: tokens }),
  },
})

/** The model may be left out. */
function decodeRequest(wire: unknown, context: CodecContext): ChatRequest {
  const named = isRecord(wire) && (wire['model'] ?? null) === null ? { ...wire, model: '' } : wire
  return openaiResponses.request.decode(named, context)
}

function encodeRequest(request: ChatRequest, context: CodecContext): unknown {
  return pickMembers(openaiResponses.request.encode(request, context), counted)
}
