import { type Ask, type AskedTool, RequestRefused } from '../../dialect.ts'
import type { RecordedRequest } from '../../recording.ts'
import { words } from '../../reply/fragments.ts'
import { validate } from './validate.ts'
import { isObject, isObjects, textOf, type WireObject, type WireRequest } from './wire.ts'

/** Throws `RequestRefused`. */
export function readRequest(record: RecordedRequest): Ask {
  const request = validate(parse(record))
  const messages = request.messages as readonly WireObject[]
  const format = isObject(request.response_format) ? request.response_format : {}
  return {
    model: request.model as string,
    stream: request.stream === true,
    said: textOf(messages.findLast((message) => message['role'] === 'user')?.['content']),
    toolResults: toolResults(messages),
    tools: toolsOf(request),
    toolChoice: request.tool_choice === 'REQUIRED' ? 'required' : request.tool_choice === 'NONE' ? 'none' : 'auto',
    ...(format['type'] === 'json_object' && { json: { schema: format['json_schema'] } }),
    audio: false,
    logprobs: request.logprobs === true,
    ...(typeof request.max_tokens === 'number' && { maxTokens: request.max_tokens }),
    stop: Array.isArray(request.stop_sequences) ? (request.stop_sequences as string[]) : [],
    choiceCount: 1,
    promptTokens: messages.reduce((sum, message) => sum + 3 + words(textOf(message['content'])).length, 0),
  }
}

function parse(record: RecordedRequest): unknown {
  try {
    return record.json()
  } catch {
    throw new RequestRefused({ status: 400, message: 'invalid json syntax' })
  }
}

function toolResults(messages: readonly WireObject[]): readonly string[] {
  const from = messages.findLastIndex((message) => message['role'] !== 'tool')
  return messages.slice(from + 1).map((message) => textOf(message['content']))
}

function toolsOf({ tools }: WireRequest): readonly AskedTool[] {
  if (!isObjects(tools)) return []
  return tools
    .map((tool) => tool['function'])
    .filter(isObject)
    .map(({ name, parameters }) => ({ kind: 'function', name: name as string, schema: parameters }))
}
