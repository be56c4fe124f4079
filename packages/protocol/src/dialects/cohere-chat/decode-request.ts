import { SluiceError } from '../../errors/sluice-error.ts'
import type { ChatMessage, ChatRequest, ChatRole, ContentPart } from '../../ir/chat.ts'
import { decodeAssistant } from './assistant-message.ts'
import { decodePart } from './content-part.ts'
import { decodeResponseFormat } from './response-format.ts'
import { decodeThinking } from './thinking.ts'
import { decodeTool, decodeToolChoice } from './tool.ts'
import {
  invalid,
  isArray,
  isBoolean,
  isNumber,
  isRecord,
  isString,
  keep,
  type Mutable,
  WireFields,
  type WireObject,
} from './wire.ts'

const isStrings = (value: unknown): value is readonly string[] => isArray(value) && value.every(isString)

/** Members that mean the same under another name. */
export const requestFields: readonly (readonly [
  wire: string,
  neutral: keyof ChatRequest,
  isType: (value: unknown) => value is unknown,
])[] = [
  ['stream', 'stream', isBoolean],
  ['max_tokens', 'maxOutputTokens', isNumber],
  ['temperature', 'temperature', isNumber],
  ['p', 'topP', isNumber],
  ['k', 'topK', isNumber],
  ['frequency_penalty', 'frequencyPenalty', isNumber],
  ['presence_penalty', 'presencePenalty', isNumber],
  ['seed', 'seed', isNumber],
  ['stop_sequences', 'stop', isStrings],
  ['logprobs', 'logprobs', isBoolean],
]

/**
 * Reads a `POST /v2/chat` body. Members that only Cohere knows, such as `documents`, are kept as they are; throws
 * `invalid_request` where the shape leaves no meaning. https://docs.cohere.com/v2/reference/chat#request
 */
export function decodeRequest(wire: unknown): ChatRequest {
  if (!isRecord(wire)) throw new SluiceError('invalid_request', 'The body must be a JSON object.')
  const fields = new WireFields(wire)
  const model = fields.take('model', isString)
  if (model === undefined) throw invalid('model', 'must be a string')
  const messages = fields.take('messages', isArray)
  if (messages === undefined) throw invalid('messages', 'must be an array')

  const request: Mutable<ChatRequest> = { model, messages: messages.map(decodeMessage) }
  for (const [name, neutral, isType] of requestFields) {
    const value = fields.take(name, isType)
    if (value !== undefined) Object.assign(request, { [neutral]: value })
  }
  const form: Record<string, unknown> = {}
  const tools = fields.take('tools', isArray)
  if (tools !== undefined) {
    const strict = fields.take('strict_tools', isBoolean)
    if (strict !== undefined) form['strict_tools'] = strict
    request.tools = tools.map((tool, index) => decodeTool(tool, strict, `tools[${index}]`))
  }
  const choice = decodeToolChoice(wire['tool_choice'])
  if (choice !== undefined) {
    fields.skip('tool_choice')
    request.toolChoice = choice
  }
  const format = fields.take('response_format', isRecord)
  if (format !== undefined) request.responseFormat = decodeResponseFormat(format)
  const thinking = fields.take('thinking', isRecord)
  if (thinking !== undefined) request.reasoning = decodeThinking(thinking)
  return Object.assign(request, keep(fields.rest(), form))
}

const roles: readonly string[] = ['system', 'user', 'assistant', 'tool'] satisfies ChatRole[]

function decodeMessage(wire: unknown, index: number): ChatMessage {
  const path = `messages[${index}]`
  if (!isRecord(wire)) throw invalid(path, 'must be an object')
  const role = wire['role']
  if (!isString(role) || !roles.includes(role)) throw invalid(`${path}.role`, `must be one of ${roles.join(', ')}`)
  const fields = new WireFields(wire)
  fields.skip('role')
  if (role === 'assistant') return decodeAssistantTurn(fields, index)
  const content = decodeContent(wire['content'], `${path}.content`)
  fields.skip('content')
  const toolCallId = role === 'tool' ? fields.take('tool_call_id', isString) : undefined
  return {
    role: role as ChatRole,
    ...(content !== undefined && { content }),
    ...(toolCallId !== undefined && { toolCallId }),
    ...keep(fields.rest()),
  }
}

function decodeContent(content: unknown, path: string): string | readonly ContentPart[] | null | undefined {
  if (content === undefined || content === null || isString(content)) return content
  if (!isArray(content)) throw invalid(path, 'must be a string or an array')
  return content.map((part, index) => decodePart(part, `${path}[${index}]`))
}

const moreMembers: readonly string[] = ['tool_plan', 'tool_calls', 'citations']

function decodeAssistantTurn(fields: WireFields, index: number): ChatMessage {
  const { content } = fields.wire
  if (isString(content) && !moreMembers.some((name) => name in fields.wire)) {
    fields.skip('content')
    return { role: 'assistant', content, ...keep(fields.rest()) }
  }
  const { parts, form, citations } = decodeAssistant(fields, `call_${index}_`, `messages[${index}].`)
  return { role: 'assistant', content: parts, ...keep(restOf(fields, citations), form) }
}

/** What nobody took, and the citations that found no text. */
export function restOf(fields: WireFields, citations: readonly unknown[]): WireObject | undefined {
  const rest = fields.rest()
  return citations.length === 0 ? rest : { ...rest, citations }
}
