import { type Ask, type AskedTool, RequestRefused } from '../../dialect.ts'
import { words } from '../../reply/fragments.ts'
import { isGiven, isObject, type WireObject } from '../openai-chat/wire.ts'

export interface OllamaChatAsk extends Ask {
  /** Nothing is asked but that the model be put into memory, or taken out. */
  readonly loads: 'load' | 'unload' | undefined
}

/** Reads a request of `/api/chat`. Throws `RequestRefused` for what Ollama refuses. */
export function readRequest(json: () => unknown): OllamaChatAsk {
  const request = parse(json)
  const { model, stream, format, tools, think, options: given } = request
  if (typeof model !== 'string' || model === '') refuse('model is required')
  if (isGiven(stream) && typeof stream !== 'boolean') refuse(wrongType('ChatRequest.stream', 'bool'))
  const messages = readMessages(request['messages'])
  checkThink(think)
  const options = isObject(given) ? checkOptions(given) : {}
  const wanted = readFormat(format)
  const trailing = messages.slice(messages.findLastIndex((message) => message['role'] !== 'tool') + 1)
  return {
    model,
    stream: stream !== false,
    said: textOf(messages.findLast((message) => message['role'] === 'user')),
    toolResults: trailing.map(textOf),
    tools: Array.isArray(tools) ? tools.map(readTool) : [],
    toolChoice: 'auto',
    ...(wanted !== undefined && { json: wanted }),
    audio: false,
    logprobs: request['logprobs'] === true,
    ...(typeof options['num_predict'] === 'number' && options['num_predict'] > 0
      ? { maxTokens: options['num_predict'] }
      : {}),
    stop: Array.isArray(options['stop']) ? options['stop'].map(String) : [],
    choiceCount: 1,
    promptTokens: messages.reduce((sum, message) => sum + 3 + words(textOf(message)).length, 0),
    loads: messages.length > 0 ? undefined : request['keep_alive'] === 0 ? 'unload' : 'load',
  }
}

function parse(json: () => unknown): WireObject {
  let value: unknown
  try {
    value = json()
  } catch {
    refuse('invalid character in the request body')
  }
  if (!isObject(value)) refuse('json: cannot unmarshal into Go value of type api.ChatRequest')
  return value
}

function readMessages(messages: unknown): readonly WireObject[] {
  if (!isGiven(messages)) return []
  if (!Array.isArray(messages)) refuse(wrongType('ChatRequest.messages', '[]api.Message'))
  return messages.map((message: unknown) => {
    if (!isObject(message)) refuse(wrongType('ChatRequest.messages', 'api.Message'))
    const { role, content, images, tool_calls: calls } = message
    if (typeof role !== 'string' || !roles.includes(role)) refuse(`invalid role: ${String(role)}`)
    if (isGiven(content) && typeof content !== 'string') refuse(wrongType('ChatRequest.messages.content', 'string'))
    if (Array.isArray(images)) for (const image of images) checkImage(image)
    if (Array.isArray(calls)) for (const call of calls) checkCall(call)
    return message
  })
}

const roles = ['system', 'user', 'assistant', 'tool']

function textOf(message: WireObject | undefined): string {
  const content = message?.['content']
  return typeof content === 'string' ? content : ''
}

function checkImage(image: unknown): void {
  if (typeof image !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(image)) {
    refuse('illegal base64 data at input byte 4')
  }
}

function checkCall(call: unknown): void {
  const called = isObject(call) ? call['function'] : undefined
  if (!isObject(called) || !isObject(called['arguments'])) {
    refuse(wrongType('ChatRequest.messages.tool_calls.function.arguments', 'api.ToolCallFunctionArguments'))
  }
}

function readTool(tool: unknown): AskedTool {
  const definition = isObject(tool) ? tool['function'] : undefined
  if (!isObject(definition)) refuse(wrongType('ChatRequest.tools.function', 'api.ToolFunction'))
  const { name, parameters } = definition
  return { kind: 'function', name: String(name), ...(parameters !== undefined && { schema: parameters }) }
}

function readFormat(format: unknown): { schema?: unknown } | undefined {
  if (!isGiven(format) || format === '') return undefined
  if (format === 'json') return {}
  if (!isObject(format))
    refuse(`invalid format: ${JSON.stringify(format)}; expected "json" or a valid JSON Schema object`)
  return { schema: format }
}

function checkThink(think: unknown): void {
  if (!isGiven(think) || typeof think === 'boolean' || efforts.includes(think)) return
  refuse(`invalid think value: ${JSON.stringify(think)} (must be "high", "medium", "low", "max", true, or false)`)
}

const efforts: readonly unknown[] = ['low', 'medium', 'high', 'max']

function checkOptions(options: WireObject): WireObject {
  for (const name of numbers) {
    if (isGiven(options[name]) && typeof options[name] !== 'number') refuse(`option "${name}" must be of type number`)
  }
  if (isGiven(options['stop']) && !Array.isArray(options['stop'])) refuse('option "stop" must be of type array')
  return options
}

const numbers = ['temperature', 'top_p', 'top_k', 'num_predict', 'num_ctx', 'seed']

function wrongType(path: string, type: string): string {
  return `json: cannot unmarshal into Go struct field ${path} of type ${type}`
}

function refuse(message: string): never {
  throw new RequestRefused({ status: 400, message })
}
