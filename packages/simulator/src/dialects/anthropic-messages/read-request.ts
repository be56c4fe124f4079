import { type Ask, type AskedTool, RequestRefused } from '../../dialect.ts'
import type { RecordedRequest } from '../../recording.ts'
import { words } from '../../reply/fragments.ts'
import { validate } from './validate.ts'
import { blocksOf, isObject, isObjects, textOf, type WireObject, type WireRequest } from './wire.ts'

/** Throws `RequestRefused`. */
export function readRequest(record: RecordedRequest): Ask {
  const request = readBody(record, false)
  const messages = request.messages as readonly WireObject[]
  const config = isObject(request.output_config) ? request.output_config : {}
  const format = isObject(config['format']) ? config['format'] : {}
  return {
    model: request.model as string,
    stream: request.stream === true,
    said: textOf(
      messages.findLast((message) => message['role'] === 'user' && textOf(message['content']) !== '')?.['content'],
    ),
    toolResults: toolResults(messages.at(-1)),
    ...tools(request),
    ...(format['type'] === 'json_schema' ? { json: { schema: format['schema'] ?? {} } } : {}),
    audio: false,
    logprobs: false,
    maxTokens: request.max_tokens as number,
    stop: Array.isArray(request.stop_sequences) ? (request.stop_sequences as string[]) : [],
    choiceCount: 1,
    promptTokens: countTokens(request),
  }
}

/** The body of `count_tokens` differs in little. */
export function readBody(record: RecordedRequest, counting: boolean): WireRequest {
  let value: unknown
  try {
    value = record.json()
  } catch {
    throw new RequestRefused({ status: 400, message: 'The request body is not valid JSON' })
  }
  return validate(value, { version: record.header('anthropic-version'), counting })
}

/** Three tokens for each message, one for each word: of tools too. */
export function countTokens(request: WireRequest): number {
  const messages = request.messages as readonly WireObject[]
  const said = messages.reduce((sum, message) => sum + 3 + contentTokens(message['content']), 0)
  const tools = isObjects(request.tools) ? request.tools.length * 20 : 0
  return said + tools + words(textOf(request.system)).length
}

function contentTokens(content: unknown): number {
  return blocksOf(content).reduce((sum, block) => {
    const { type, text } = block
    if (typeof text === 'string') return sum + words(text).length
    if (type === 'tool_use') return sum + words(JSON.stringify(block['input'])).length
    return sum + (type === 'tool_result' ? words(textOf(block['content'])).length : 10)
  }, 0)
}

function toolResults(last: WireObject | undefined): readonly string[] {
  const blocks = blocksOf(last?.['content'])
  return blocks.filter((block) => block['type'] === 'tool_result').map((block) => textOf(block['content']))
}

/** Tools that Anthropic runs itself are not called. */
function tools(request: WireRequest): Pick<Ask, 'tools' | 'toolChoice'> {
  const wires = isObjects(request.tools) ? request.tools : []
  const all = wires
    .filter((tool) => isObject(tool['input_schema']))
    .map((tool): AskedTool => ({ kind: 'function', name: tool['name'] as string, schema: tool['input_schema'] }))
  const choice = isObject(request.tool_choice) ? request.tool_choice : {}
  switch (choice['type']) {
    case 'none':
      return { tools: all, toolChoice: 'none' }
    case 'any':
      return { tools: all, toolChoice: 'required' }
    case 'tool':
      return { tools: all.filter((tool) => tool.name === choice['name']), toolChoice: 'required' }
    default:
      return { tools: all, toolChoice: 'auto' }
  }
}
