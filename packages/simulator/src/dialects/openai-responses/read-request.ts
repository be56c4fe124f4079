import type { Ask, AskedTool } from '../../dialect.ts'
import { RequestRefused } from '../../dialect.ts'
import { words } from '../../reply/fragments.ts'
import { isGiven, isObject, type WireObject } from '../openai-chat/wire.ts'
import { validate } from './validate.ts'

/** What was asked, and what only this dialect knows of. */
export interface OpenaiResponsesAsk extends Ask {
  readonly topLogprobs: number
  readonly includeEncrypted: boolean
  /** The request, which the response repeats in part. */
  readonly wire: WireObject
}

/** Throws `RequestRefused`. */
export function readRequest(json: () => unknown): OpenaiResponsesAsk {
  const wire = validate(parse(json))
  const items = itemsOf(wire['input'])
  const include = Array.isArray(wire['include']) ? wire['include'] : []
  const text = isObject(wire['text']) ? wire['text'] : {}
  const format = isObject(text['format']) ? text['format'] : {}
  const maxTokens = wire['max_output_tokens']
  return {
    model: wire['model'] as string,
    stream: wire['stream'] === true,
    said: textOf(items.findLast((item) => item['role'] === 'user')?.['content']),
    toolResults: toolResults(items),
    ...tools(wire),
    ...(format['type'] === 'json_object' ? { json: {} } : {}),
    ...(format['type'] === 'json_schema' ? { json: { schema: format['schema'] ?? {} } } : {}),
    audio: false,
    logprobs: include.includes('message.output_text.logprobs'),
    ...(typeof maxTokens === 'number' ? { maxTokens } : {}),
    stop: [],
    choiceCount: 1,
    promptTokens: countTokens(wire['instructions'], items),
    topLogprobs: typeof wire['top_logprobs'] === 'number' ? wire['top_logprobs'] : 0,
    includeEncrypted: include.includes('reasoning.encrypted_content'),
    wire,
  }
}

function parse(json: () => unknown): unknown {
  try {
    return json()
  } catch {
    throw new RequestRefused({
      status: 400,
      message: 'We could not parse the JSON body of your request.',
      type: 'invalid_request_error',
    })
  }
}

function itemsOf(input: unknown): readonly WireObject[] {
  if (typeof input === 'string') return [{ role: 'user', content: input }]
  return Array.isArray(input) ? input.filter(isObject) : []
}

function countTokens(instructions: unknown, items: readonly WireObject[]): number {
  const own = typeof instructions === 'string' ? 3 + words(instructions).length : 0
  return items.reduce((sum, item) => sum + 3 + words(textOf(item['content'] ?? item['output'])).length, own)
}

function tools(wire: WireObject): Pick<Ask, 'tools' | 'toolChoice'> {
  const given = Array.isArray(wire['tools']) ? wire['tools'].filter(isObject) : []
  const all = given.filter((tool) => tool['type'] === 'function' || tool['type'] === 'custom').map(toolOf)
  const choice = wire['tool_choice']
  if (!isObject(choice)) return { tools: all, toolChoice: choice === 'none' || choice === 'required' ? choice : 'auto' }
  if (choice['type'] === 'allowed_tools') {
    const allowed = Array.isArray(choice['tools']) ? choice['tools'].filter(isObject).map((tool) => tool['name']) : []
    const toolChoice = choice['mode'] === 'required' ? 'required' : 'auto'
    return { tools: all.filter((tool) => allowed.includes(tool.name)), toolChoice }
  }
  const named = all.filter((tool) => tool.name === choice['name'])
  // A tool that runs at the provider's is not called: there is nothing to run it.
  if (named.length > 0 || !isGiven(choice['name']))
    return { tools: named, toolChoice: named.length > 0 ? 'required' : 'none' }
  throw new RequestRefused({
    status: 400,
    message: `Tool choice '${String(choice['name'])}' not found in 'tools' parameter.`,
    type: 'invalid_request_error',
    param: 'tool_choice',
  })
}

function toolOf(tool: WireObject): AskedTool {
  return {
    kind: tool['type'] === 'custom' ? 'custom' : 'function',
    name: tool['name'] as string,
    schema: tool['parameters'] ?? undefined,
  }
}

function toolResults(items: readonly WireObject[]): readonly string[] {
  const isOutput = (item: WireObject): boolean =>
    item['type'] === 'function_call_output' || item['type'] === 'custom_tool_call_output'
  return items.slice(items.findLastIndex((item) => !isOutput(item)) + 1).map((item) => textOf(item['output']))
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('')
}
