import { SluiceError } from '../../errors/sluice-error.ts'
import type { ChatMessage, ChatRequest, ChatRole, ReasoningOptions, ResponseFormat } from '../../ir/chat.ts'
import { decodeMessageParts } from './decode-message.ts'
import { optionFields } from './option-fields.ts'
import { decodeTool } from './tool.ts'
import {
  invalid,
  isArray,
  isBoolean,
  isFilled,
  isNumber,
  isRecord,
  isString,
  keep,
  type Mutable,
  nest,
  WireFields,
  type WireObject,
} from './wire.ts'

/** Reads the body of `POST /api/chat`. A request that does not say `stream` wants one. https://docs.ollama.com/api/chat */
export function decodeRequest(wire: unknown): ChatRequest {
  if (!isRecord(wire)) throw new SluiceError('invalid_request', 'The body must be a JSON object.')
  const fields = new WireFields(wire)
  const form: Record<string, unknown> = {}
  const model = fields.take('model', isString)
  if (model === undefined) throw invalid('model', 'must be a string')
  const request: Mutable<ChatRequest> = {
    model,
    messages: decodeMessages(fields, form),
    stream: fields.take('stream', isBoolean) ?? true,
  }
  if (!isBoolean(wire['stream'])) {
    form['stream'] = wire['stream'] === null ? 'null' : 'absent'
    fields.skip('stream')
  }
  const tools = fields.take('tools', isArray)
  if (tools !== undefined) request.tools = tools.map((tool, index) => decodeTool(tool, `tools[${index}]`))
  const format = decodeFormat(fields, form)
  if (format !== undefined) request.responseFormat = format
  const reasoning = decodeThink(fields, form)
  if (reasoning !== undefined) request.reasoning = reasoning
  const logprobs = fields.take('logprobs', isBoolean)
  if (logprobs !== undefined) request.logprobs = logprobs
  const topLogprobs = fields.take('top_logprobs', isNumber)
  if (topLogprobs !== undefined) request.topLogprobs = topLogprobs
  const options = fields.take('options', isRecord)
  if (options !== undefined) form['options'] = true
  const optionsRest = options === undefined ? undefined : decodeOptions(options, request)
  return Object.assign(request, keep(nest(fields.rest(), 'options', optionsRest), form))
}

/** @returns what is left: how the model is run, and limits that are none. */
function decodeOptions(wire: WireObject, request: Mutable<ChatRequest>): WireObject | undefined {
  const fields = new WireFields(wire)
  for (const [name, neutral, isType] of optionFields) {
    const value = wire[name]
    if (value === undefined || !isType(value)) continue
    fields.skip(name)
    Object.assign(request, { [neutral]: value })
  }
  return fields.rest()
}

/** `json`, or a JSON schema; an empty text is none. */
function decodeFormat(fields: WireFields, form: Record<string, unknown>): ResponseFormat | undefined {
  if (fields.takeExact('format', 'json')) return { type: 'json' }
  const { format } = fields.wire
  if (format === '' || format === null) {
    form['format'] = format
    fields.skip('format')
    return undefined
  }
  const schema = fields.take('format', isRecord)
  return schema === undefined ? undefined : { type: 'json-schema', schema }
}

/** A bare wish for thinking leaves how much to the model. */
function decodeThink(fields: WireFields, form: Record<string, unknown>): ReasoningOptions | undefined {
  const think = fields.take('think', (value): value is boolean | string => isBoolean(value) || isFilled(value))
  if (think === undefined) return undefined
  if (think === false) return { effort: 'none' }
  if (think !== true) return { effort: think }
  form['think'] = true
  return { effort: 'medium' }
}

const roles: Readonly<Record<string, ChatRole>> = {
  system: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
}

interface OpenCall {
  readonly id: string
  readonly name: string
}

/** A request without messages only loads the model. */
function decodeMessages(fields: WireFields, form: Record<string, unknown>): ChatMessage[] {
  const { messages } = fields.wire
  fields.skip('messages')
  if (messages === undefined || messages === null) {
    form['messages'] = messages === null ? 'null' : 'absent'
    return []
  }
  if (!isArray(messages)) throw invalid('messages', 'must be an array')
  /** Calls of the last turn that have no result yet. */
  let open: OpenCall[] = []
  return messages.map((wire, index) => {
    const path = `messages[${index}]`
    if (!isRecord(wire)) throw invalid(path, 'must be an object')
    const message = decodeMessage(wire, index, path, open)
    const calls = Array.isArray(message.content) ? message.content.filter((part) => part.type === 'tool-call') : []
    if (calls.length > 0) open = calls
    return message
  })
}

function decodeMessage(wire: WireObject, index: number, path: string, open: OpenCall[]): ChatMessage {
  const fields = new WireFields(wire)
  const word = fields.take('role', isString) ?? ''
  const role = Object.hasOwn(roles, word) ? roles[word] : undefined
  if (role === undefined) throw invalid(`${path}.role`, `must be one of ${Object.keys(roles).join(', ')}`)
  const { content } = wire
  if (content !== undefined && content !== null && !isString(content)) {
    throw invalid(`${path}.content`, 'must be a string; images stand in `images`')
  }
  const form: Record<string, unknown> = {}
  const parts = decodeMessageParts(fields, form, `call_${index}_`, role !== 'assistant')
  const [only] = parts
  const plain = parts.length === 0 || (parts.length === 1 && only?.type === 'text')
  const message: Mutable<ChatMessage> = { role, content: plain ? (only?.type === 'text' ? only.text : '') : parts }
  if (role === 'tool') Object.assign(message, decodeAnswered(fields, form, `call_${index}_unknown`, open))
  return Object.assign(message, keep(fields.rest(), form))
}

/**
 * Which call a result answers: the one that it names by id, else the first open one of its tool, else the first open
 * one. The tool's name is kept in the message where no call says it.
 */
function decodeAnswered(
  fields: WireFields,
  form: Record<string, unknown>,
  fallbackId: string,
  open: OpenCall[],
): Pick<ChatMessage, 'toolCallId' | 'name'> {
  const id = fields.take('tool_call_id', isFilled)
  const name = fields.take('tool_name', isString)
  form['id'] = id !== undefined
  if (name !== undefined) form['name'] = name
  const byName = open.findIndex((call) => (id === undefined ? call.name === name : call.id === id))
  const at = byName < 0 && id === undefined ? 0 : byName
  const call = at < 0 ? undefined : open.splice(at, 1)[0]
  return {
    toolCallId: id ?? call?.id ?? fallbackId,
    ...(call === undefined && name !== undefined && { name }),
  }
}
