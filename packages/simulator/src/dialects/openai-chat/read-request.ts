import type { Ask, AskedTool } from '../../dialect.ts'
import { RequestRefused } from '../../dialect.ts'
import { words } from '../../reply/fragments.ts'
import { validate } from './validate.ts'
import type { WireMessage, WireObject, WireRequest } from './wire.ts'
import { isGiven, isObject } from './wire.ts'

/** What was asked, and what only this dialect knows of. */
export interface OpenaiChatAsk extends Ask {
  readonly includeUsage: boolean
  readonly includeObfuscation: boolean
  readonly topLogprobs: number
  /** Tools came as `functions`: a call goes out as `function_call`. */
  readonly legacyFunctions: boolean
  readonly serviceTier: string
}

/** `deployment`: the model that the path names, as on Azure. Throws `RequestRefused`. */
export function readRequest(json: () => unknown, deployment: string | undefined): OpenaiChatAsk {
  const request = validate(withModel(parse(json), deployment))
  const messages = request.messages as readonly WireMessage[]
  const legacyFunctions = !isGiven(request.tools) && Array.isArray(request.functions)
  const format = isObject(request.response_format) ? request.response_format : {}
  const streamOptions: WireObject = isObject(request.stream_options) ? request.stream_options : {}
  const maxTokens = request.max_completion_tokens ?? request.max_tokens
  return {
    model: request.model as string,
    stream: request.stream === true,
    said: textOf(messages.findLast((message) => message.role === 'user')?.content),
    toolResults: toolResults(messages),
    ...(legacyFunctions ? legacyTools(request) : tools(request)),
    ...(format['type'] === 'json_object' ? { json: {} } : {}),
    ...(format['type'] === 'json_schema' && isObject(format['json_schema'])
      ? { json: { schema: format['json_schema']['schema'] ?? {} } }
      : {}),
    audio: Array.isArray(request.modalities) && request.modalities.includes('audio') && isObject(request.audio),
    logprobs: request.logprobs === true,
    ...(typeof maxTokens === 'number' ? { maxTokens } : {}),
    stop: strings(request.stop),
    choiceCount: typeof request.n === 'number' ? request.n : 1,
    promptTokens: messages.reduce((sum, message) => sum + 3 + words(textOf(message.content)).length, 0),
    includeUsage: streamOptions['include_usage'] === true,
    includeObfuscation: streamOptions['include_obfuscation'] === true,
    topLogprobs: typeof request.top_logprobs === 'number' ? request.top_logprobs : 0,
    legacyFunctions,
    serviceTier: servedTier(request.service_tier),
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

function withModel(value: unknown, deployment: string | undefined): unknown {
  return deployment !== undefined && isObject(value) ? { ...value, model: value['model'] ?? deployment } : value
}

function tools(request: WireRequest): Pick<Ask, 'tools' | 'toolChoice'> {
  const all = Array.isArray(request.tools) ? request.tools.map(toolOf) : []
  const choice = request.tool_choice
  if (!isObject(choice)) return { tools: all, toolChoice: choice === 'none' || choice === 'required' ? choice : 'auto' }
  if (choice['type'] === 'allowed_tools' && isObject(choice['allowed_tools'])) {
    const { mode, tools: allowed } = choice['allowed_tools']
    const names = Array.isArray(allowed) ? allowed.map(nameOf) : []
    const toolChoice = mode === 'required' ? 'required' : 'auto'
    return { tools: all.filter((tool) => names.includes(tool.name)), toolChoice }
  }
  const name = nameOf(choice)
  const named = all.filter((tool) => tool.name === name)
  if (named.length === 0) {
    throw new RequestRefused({
      status: 400,
      message: `Invalid value for 'tool_choice': no tool named '${name ?? ''}' was specified in the 'tools' parameter.`,
      type: 'invalid_request_error',
      param: 'tool_choice',
    })
  }
  return { tools: named, toolChoice: 'required' }
}

function toolOf(tool: WireObject): AskedTool {
  const kind = tool['type'] === 'custom' ? 'custom' : 'function'
  const definition = tool[kind] as WireObject
  return { kind, name: definition['name'] as string, schema: definition['parameters'] }
}

function nameOf(tool: unknown): string | undefined {
  if (!isObject(tool)) return undefined
  const definition = tool['function'] ?? tool['custom']
  return isObject(definition) && typeof definition['name'] === 'string' ? definition['name'] : undefined
}

function legacyTools(request: WireRequest): Pick<Ask, 'tools' | 'toolChoice'> {
  const all = (request.functions as readonly unknown[]).filter(isObject).map((definition): AskedTool => {
    return { kind: 'function', name: String(definition['name']), schema: definition['parameters'] }
  })
  const choice = request.function_call
  if (isObject(choice)) return { tools: all.filter((tool) => tool.name === choice['name']), toolChoice: 'required' }
  return { tools: all, toolChoice: choice === 'none' ? 'none' : 'auto' }
}

function toolResults(messages: readonly WireMessage[]): readonly string[] {
  const from = messages.findLastIndex((message) => message.role !== 'tool' && message.role !== 'function')
  return messages.slice(from + 1).map((message) => textOf(message.content))
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map((part) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('')
}

function strings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}

function servedTier(asked: unknown): string {
  if (asked === 'fast' || asked === 'priority') return 'priority'
  return asked === 'flex' || asked === 'scale' ? asked : 'default'
}
