import { SluiceError } from '../../errors/sluice-error.ts'
import { append } from '../../ir/append.ts'
import type { ChatMessage, ChatRequest, ContentPart } from '../../ir/chat.ts'
import { decodeBlock } from './content-block.ts'
import { decodeReasoning } from './thinking.ts'
import { decodeTool, decodeToolChoice } from './tool.ts'
import {
  isArray,
  isBoolean,
  isNumber,
  isRecord,
  isString,
  keep,
  type Mutable,
  nest,
  WireFields,
  type WireObject,
} from './wire.ts'

/**
 * Reads a `POST /v1/messages` body (Anthropic API reference, "Create a Message"). Members of a type that the wire
 * does not know are kept as they are; throws `invalid_request` where the shape leaves no meaning.
 */
export function decodeRequest(wire: unknown): ChatRequest {
  if (!isRecord(wire)) throw new SluiceError('invalid_request', 'The body must be a JSON object.')
  const fields = new WireFields(wire)
  const model = fields.take('model', isString)
  if (model === undefined) throw invalid('model', 'must be a string')
  const messages = fields.take('messages', isArray)
  if (messages === undefined) throw invalid('messages', 'must be an array')

  const request: Mutable<ChatRequest> = { model, messages: [...decodeSystem(fields), ...decodeMessages(messages)] }
  for (const [name, neutral, isType] of requestFields) {
    const value = fields.take(name, isType)
    if (value !== undefined) Object.assign(request, { [neutral]: value })
  }
  decodeTools(fields, request)
  let rest = decodeOutput(fields, request)
  rest = nest(rest, 'metadata', decodeUser(fields, request))
  return Object.assign(request, keep(rest, {}))
}

function invalid(param: string, problem: string): SluiceError {
  return new SluiceError('invalid_request', `\`${param}\` ${problem}.`, { param })
}

const isStrings = (value: unknown): value is readonly string[] => isArray(value) && value.every(isString)

/** Members that mean the same under another name. */
export const requestFields: readonly (readonly [
  wire: string,
  neutral: 'stream' | 'maxOutputTokens' | 'temperature' | 'topP' | 'topK' | 'stop',
  isType: (value: unknown) => value is unknown,
])[] = [
  ['stream', 'stream', isBoolean],
  ['max_tokens', 'maxOutputTokens', isNumber],
  ['temperature', 'temperature', isNumber],
  ['top_p', 'topP', isNumber],
  ['top_k', 'topK', isNumber],
  ['stop_sequences', 'stop', isStrings],
]

/** What a tier is called elsewhere. */
const tiers: Readonly<Record<string, string>> = { auto: 'auto', standard_only: 'default' }

function decodeTools(fields: WireFields, request: Mutable<ChatRequest>): void {
  const tools = fields.take('tools', isArray)
  if (tools !== undefined) request.tools = tools.map((tool, index) => decodeTool(tool, `tools[${index}]`))
  const choice = fields.take('tool_choice', isRecord)
  if (choice !== undefined) Object.assign(request, decodeToolChoice(choice))
  const tier = fields.take('service_tier', (value): value is string => isString(value) && Object.hasOwn(tiers, value))
  if (tier !== undefined) request.serviceTier = tiers[tier]!
}

/** @returns the members that nobody took. */
function decodeOutput(fields: WireFields, request: Mutable<ChatRequest>): WireObject | undefined {
  const config = fields.take('output_config', isRecord)
  const output = new WireFields(config ?? {})
  const format = output.wire['format']
  if (isRecord(format) && format['type'] === 'json_schema') {
    output.skip('format')
    const { type: _, schema, ...others } = format
    const more = Object.keys(others).length === 0 ? undefined : others
    request.responseFormat = { type: 'json-schema', ...('schema' in format ? { schema } : undefined), ...keep(more) }
  }
  const reasoning = decodeReasoning(fields.take('thinking', isRecord), output.take('effort', isString))
  if (reasoning !== undefined) request.reasoning = reasoning
  const rest = output.rest()
  const emptyOrMore = rest ?? (config !== undefined && Object.keys(config).length === 0 ? config : undefined)
  fields.skip('metadata')
  return nest(fields.rest(), 'output_config', emptyOrMore)
}

/** @returns what else stands in `metadata`. */
function decodeUser(fields: WireFields, request: Mutable<ChatRequest>): WireObject | undefined {
  const { metadata } = fields.wire
  if (metadata === undefined) return undefined
  if (!isRecord(metadata)) return metadata as WireObject | undefined
  const members = new WireFields(metadata)
  const user = members.take('user_id', isString)
  if (user !== undefined) request.user = user
  return members.rest() ?? (user === undefined ? metadata : undefined)
}

function decodeSystem(fields: WireFields): readonly ChatMessage[] {
  const { system } = fields.wire
  if (!isString(system) && !isArray(system)) return []
  fields.skip('system')
  const content = isString(system) ? system : system.map((block, index) => decodeBlock(block, `system[${index}]`))
  return [{ role: 'system', content, ...keep(undefined, { system: true }) }]
}

function decodeMessages(wires: readonly unknown[]): readonly ChatMessage[] {
  const messages: ChatMessage[] = []
  for (const [index, wire] of wires.entries()) {
    const path = `messages[${index}]`
    if (!isRecord(wire)) throw invalid(path, 'must be an object')
    const { role, content, ...others } = wire
    if (role !== 'user' && role !== 'assistant' && role !== 'system') {
      throw invalid(`${path}.role`, 'must be one of user, assistant, system')
    }
    const rest = Object.keys(others).length === 0 ? undefined : others
    if (isString(content)) messages.push({ role, content, ...keep(rest, {}) })
    else if (!isArray(content)) throw invalid(`${path}.content`, 'must be a string or an array of blocks')
    else if (role === 'user') append(messages, decodeUserTurn(content, rest, path))
    else messages.push({ role, content: decodeBlocks(content, `${path}.content`), ...keep(rest, {}) })
  }
  return messages
}

function decodeBlocks(wires: readonly unknown[], path: string): ContentPart[] {
  return wires.map((block, index) => decodeBlock(block, `${path}[${index}]`))
}

/** A user's turn holds the results of tools as blocks; each is a message of its own, `joined` to the one before. */
function decodeUserTurn(wires: readonly unknown[], rest: WireObject | undefined, path: string): readonly ChatMessage[] {
  const messages: ChatMessage[] = []
  let parts: ContentPart[] | undefined
  for (const [index, wire] of wires.entries()) {
    const at = `${path}.content[${index}]`
    const first = messages.length === 0
    const result = isRecord(wire) && wire['type'] === 'tool_result' ? wire : undefined
    if (result !== undefined) {
      parts = undefined
      messages.push(decodeToolResult(result, first ? (rest === undefined ? {} : { turn: rest }) : { joined: true }, at))
    } else {
      if (parts === undefined) {
        parts = []
        messages.push({ role: 'user', content: parts, ...(first ? keep(rest, {}) : keep(undefined, { joined: true })) })
      }
      parts.push(decodeBlock(wire, at))
    }
  }
  return messages.length === 0 ? [{ role: 'user', content: [], ...keep(rest, {}) }] : messages
}

function decodeToolResult(wire: WireObject, form: WireObject, path: string): ChatMessage {
  const fields = new WireFields(wire)
  fields.skip('type')
  const toolCallId = fields.take('tool_use_id', isString)
  const isError = fields.take('is_error', isBoolean)
  const { content } = wire
  const read = isString(content) ? content : isArray(content) ? decodeBlocks(content, `${path}.content`) : undefined
  if (read !== undefined) fields.skip('content')
  return {
    role: 'tool',
    // Other wires want a result, be it empty.
    content: read ?? '',
    ...(toolCallId === undefined ? undefined : { toolCallId }),
    ...(isError === undefined ? undefined : { isError }),
    ...keep(fields.rest(), read === undefined ? { ...form, contentless: true } : form),
  }
}
