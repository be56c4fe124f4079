import { SluiceError } from '../../errors/sluice-error.ts'
import type { ChatMessage, ChatRequest, ChatRole, ContentPart, ReasoningOptions, ToolChoice } from '../../ir/chat.ts'
import { decodeAssistantMessage } from './decode-assistant-message.ts'
import { decodeContentPart } from './content-part.ts'
import { requestFields } from './request-fields.ts'
import { decodeResponseFormat } from './response-format.ts'
import { decodeFunctionTool, decodeTool } from './tool.ts'
import { decodeFunctionChoice, decodeToolChoice } from './tool-choice.ts'
import { isArray, isNumber, isRecord, isString, keep, type Mutable, WireFields, type WireObject } from './wire.ts'

/**
 * Reads a `POST /chat/completions` body (OpenAI API reference, "Create chat completion"). Scalars of a type
 * that OpenAI does not know are kept as unknown members, since other providers may take them; throws
 * `invalid_request` where the shape leaves no meaning.
 */
export function decodeRequest(wire: unknown): ChatRequest {
  if (!isRecord(wire)) throw new SluiceError('invalid_request', 'The body must be a JSON object.')
  const fields = new WireFields(wire)
  const form: Record<string, unknown> = {}
  const model = fields.take('model', isString)
  if (model === undefined) throw invalid('model', 'must be a string')
  const messages = fields.take('messages', isArray)
  if (messages === undefined) throw invalid('messages', 'must be an array')

  const request: Mutable<ChatRequest> = { model, messages: decodeMessages(messages) }
  for (const [name, neutral, isType] of requestFields) {
    const value = wire[name]
    if (value === undefined || !isType(value)) continue
    fields.skip(name)
    Object.assign(request, { [neutral]: value })
  }
  decodeTokenLimit(fields, form, request)
  decodeTools(fields, form, request)
  const format = fields.take('response_format', isRecord)
  if (format !== undefined) request.responseFormat = decodeResponseFormat(format)
  const reasoning = decodeReasoningOptions(fields, form)
  if (reasoning !== undefined) request.reasoning = reasoning
  return Object.assign(request, keep(fields.rest(), form))
}

function invalid(param: string, problem: string): SluiceError {
  return new SluiceError('invalid_request', `\`${param}\` ${problem}.`, { param })
}

const isNumberOrNull = (value: unknown): value is number | null => value === null || isNumber(value)
const isStringOrNull = (value: unknown): value is string | null => value === null || isString(value)

/** `max_tokens` is the deprecated name of `max_completion_tokens`; many providers know only the former. */
function decodeTokenLimit(fields: WireFields, form: Record<string, unknown>, request: Mutable<ChatRequest>): void {
  const limit = fields.take('max_completion_tokens', isNumberOrNull)
  if (limit !== undefined) {
    request.maxOutputTokens = limit
    return
  }
  const deprecated = fields.take('max_tokens', isNumberOrNull)
  if (deprecated === undefined) return
  request.maxOutputTokens = deprecated
  form['max_tokens'] = true
}

function decodeTools(fields: WireFields, form: Record<string, unknown>, request: Mutable<ChatRequest>): void {
  const { wire } = fields
  const tools = fields.take('tools', isArray)
  if (tools !== undefined) request.tools = tools.map((tool, index) => decodeTool(tool, `tools[${index}]`))
  else if (wire['tools'] !== undefined && wire['tools'] !== null) throw invalid('tools', 'must be an array')
  else if (isArray(wire['functions']) && wire['functions'].every(isRecord)) {
    fields.skip('functions')
    form['functions'] = true
    request.tools = wire['functions'].map((tool, index) => decodeFunctionTool(tool, `functions[${index}]`))
  }

  const choice = wire['tool_choice']
  if (choice !== undefined && choice !== null) {
    fields.skip('tool_choice')
    // Mistral's word.
    if (choice === 'any') form['tool_choice'] = 'any'
    request.toolChoice = choice === 'any' ? { type: 'required' } : decodeToolChoice(choice)
    return
  }
  const functionChoice: ToolChoice | undefined = decodeFunctionChoice(wire['function_call'])
  if (functionChoice === undefined) return
  fields.skip('function_call')
  form['function_call'] = true
  request.toolChoice = functionChoice
}

/** OpenAI's `reasoning_effort`, or OpenRouter's `reasoning: {effort, max_tokens, …}`. */
function decodeReasoningOptions(fields: WireFields, form: Record<string, unknown>): ReasoningOptions | undefined {
  const nested = fields.take('reasoning', isRecord)
  if (nested === undefined) {
    const effort = fields.take('reasoning_effort', isStringOrNull)
    return effort === undefined ? undefined : { effort }
  }
  form['reasoning'] = true
  const details = new WireFields(nested)
  const effort = details.take('effort', isStringOrNull)
  const maxTokens = details.take('max_tokens', isNumber)
  return {
    ...(effort === undefined ? undefined : { effort }),
    ...(maxTokens === undefined ? undefined : { maxTokens }),
    ...keep(details.rest()),
  }
}

const roles: Readonly<Record<string, ChatRole>> = {
  system: 'system',
  developer: 'developer',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
  function: 'tool',
}

function decodeMessages(wires: readonly unknown[]): ChatMessage[] {
  const messages: ChatMessage[] = []
  /** The id given to the last deprecated `function_call`, which the next `function` message answers. */
  let functionCallId: string | undefined
  for (const [index, wire] of wires.entries()) {
    const path = `messages[${index}]`
    if (!isRecord(wire)) throw invalid(path, 'must be an object')
    const role = isString(wire['role']) && Object.hasOwn(roles, wire['role']) ? roles[wire['role']] : undefined
    if (role === undefined) throw invalid(`${path}.role`, `must be one of ${Object.keys(roles).join(', ')}`)
    const message = role === 'assistant' ? decodeAssistant(wire, index) : decodePlain(wire, role, path, functionCallId)
    if (isRecord(wire['function_call'])) functionCallId = `call_${index}_function_call`
    messages.push(message)
  }
  return messages
}

function decodePlain(wire: WireObject, role: ChatRole, path: string, functionCallId: string | undefined): ChatMessage {
  const fields = new WireFields(wire)
  fields.skip('role')
  const deprecated = wire['role'] === 'function'
  const content = decodeContent(fields, path)
  const name = fields.take('name', isString)
  const toolCallId = deprecated ? functionCallId : role === 'tool' ? fields.take('tool_call_id', isString) : undefined
  return {
    role,
    ...(content === undefined ? undefined : { content }),
    ...(name === undefined ? undefined : { name }),
    ...(toolCallId === undefined ? undefined : { toolCallId }),
    ...keep(fields.rest(), deprecated ? { role: 'function' } : undefined),
  }
}

function decodeContent(fields: WireFields, path: string): string | ContentPart[] | null | undefined {
  const { content } = fields.wire
  fields.skip('content')
  if (content === undefined || content === null || isString(content)) return content
  if (!isArray(content)) throw invalid(`${path}.content`, 'must be a string or an array of parts')
  return content.map((part, index) => decodeContentPart(part, `${path}.content[${index}]`))
}

/** Members of an assistant's message that make it more than its content. */
const partMembers = [
  'refusal',
  'audio',
  'annotations',
  'tool_calls',
  'function_call',
  'reasoning_details',
  'reasoning_content',
  'reasoning',
]

function decodeAssistant(wire: WireObject, index: number): ChatMessage {
  const path = `messages[${index}]`
  const { content } = wire
  const plain = !isArray(content) && !partMembers.some((name) => name in wire)
  if (plain) return decodePlain(wire, 'assistant', path, undefined)
  if (content !== undefined && content !== null && !isString(content) && !isArray(content)) {
    throw invalid(`${path}.content`, 'must be a string or an array of parts')
  }
  const fields = new WireFields(wire)
  fields.skip('role')
  const { parts, form } = decodeAssistantMessage(fields, `call_${index}_`, `${path}.`)
  const name = fields.take('name', isString)
  return {
    role: 'assistant',
    content: parts,
    ...(name === undefined ? undefined : { name }),
    ...keep(fields.rest(), form),
  }
}
