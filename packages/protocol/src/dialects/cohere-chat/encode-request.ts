import type { CodecContext } from '../../dialect.ts'
import type { ChatMessage, ChatRequest, ContentPart } from '../../ir/chat.ts'
import { encodeAssistant } from './assistant-message.ts'
import { encodePart } from './content-part.ts'
import { requestFields } from './decode-request.ts'
import { encodeResponseFormat, formatInstruction } from './response-format.ts'
import { encodeThinking } from './thinking.ts'
import { encodeTool, encodeToolChoice, strictTools } from './tool.ts'
import { change, drop, formOf, isBoolean, isNumber, isString, kept, type WireObject } from './wire.ts'

/** Writes a `POST /v2/chat` body: as it was, where it came from this wire, else within the bounds that Cohere sets. */
export function encodeRequest(request: ChatRequest, context: CodecContext): WireObject {
  const form = formOf(request.extensions)
  const own = form !== undefined
  const wire: Record<string, unknown> = { ...kept(request.extensions, context, ''), model: request.model }
  const messages = request.messages.map((message, index) => encodeMessage(message, context, `messages[${index}]`))
  wire['messages'] = messages
  for (const [name, neutral] of requestFields) {
    const value = own ? request[neutral] : bounded(neutral, request[neutral], context)
    if (value !== undefined && value !== null) wire[name] = value
  }
  writeTools(wire, request, form, context)
  const format = request.responseFormat
  if (format !== undefined) {
    const instruction = own || wire['tools'] === undefined ? undefined : formatInstruction(format)
    const written = encodeResponseFormat(format, context)
    if (instruction !== undefined) {
      change(context, 'response_format', 'JSON is asked for in a system message, since there are tools.')
      messages.splice(leadingSystem(request.messages), 0, { role: 'system', content: instruction })
    } else if (written !== undefined) wire['response_format'] = written
  }
  const thinking = request.reasoning === undefined ? undefined : encodeThinking(request.reasoning, context)
  if (thinking !== undefined) wire['thinking'] = thinking
  if (!own) dropUnsaid(request, context)
  return wire
}

/** What Cohere allows. https://docs.cohere.com/v2/reference/chat#request */
const bounds: Readonly<Partial<Record<keyof ChatRequest, readonly [wire: string, least: number, most: number]>>> = {
  topP: ['top_p', 0.01, 0.99],
  topK: ['top_k', 0, 500],
  frequencyPenalty: ['frequency_penalty', 0, 1],
  presencePenalty: ['presence_penalty', 0, 1],
}
const mostStops = 5

function bounded(neutral: keyof ChatRequest, value: unknown, context: CodecContext): unknown {
  if (neutral === 'stop') return stopSequences(isString(value) ? [value] : (value as readonly string[]), context)
  const bound = bounds[neutral]
  if (bound === undefined || !isNumber(value)) return value
  const [name, least, most] = bound
  const sent = Math.min(Math.max(value, least), most)
  if (sent !== value) change(context, name, `Cohere takes ${least} to ${most}: ${value} is sent as ${sent}.`)
  return sent
}

function stopSequences(
  all: readonly string[] | null | undefined,
  context: CodecContext,
): readonly string[] | undefined {
  if (all === undefined || all === null || all.length <= mostStops) return all ?? undefined
  drop(context, 'stop', `What is more than ${mostStops} stop sequences is not taken`)
  return all.slice(0, mostStops)
}

function writeTools(
  wire: Record<string, unknown>,
  request: ChatRequest,
  form: WireObject | undefined,
  context: CodecContext,
): void {
  const { tools, toolChoice } = request
  const { word, names } = toolChoice === undefined ? {} : encodeToolChoice(toolChoice, context)
  const sent = tools?.filter((tool) => names === undefined || (tool.type !== 'provider' && names.includes(tool.name)))
  const encoded = (sent ?? [])
    .map((tool) => encodeTool(tool, context, `tools[${tools?.indexOf(tool) ?? 0}]`))
    .filter((tool) => tool !== undefined)
  if (encoded.length > 0 || (form !== undefined && tools !== undefined)) wire['tools'] = encoded
  const strict = form === undefined ? strictTools(sent ?? [], context) : form['strict_tools']
  if (isBoolean(strict)) wire['strict_tools'] = strict
  // Cohere takes the choice only together with tools.
  if (word !== undefined && (encoded.length > 0 || form !== undefined)) wire['tool_choice'] = word
}

function encodeMessage(message: ChatMessage, context: CodecContext, path: string): WireObject {
  const { content, name, toolCallId, isError, extensions } = message
  const role = message.role === 'developer' ? 'system' : message.role
  const rest = kept(extensions, context, path)
  if (name !== undefined && role !== 'tool') drop(context, `${path}.name`, 'The name of who speaks has no place here')
  if (isError === true) drop(context, `${path}.is_error`, 'That a tool failed has no place here')
  const head = { role, ...(toolCallId !== undefined && { tool_call_id: toolCallId }) }
  if (role === 'assistant' && content !== undefined && content !== null && !isString(content)) {
    const form = formOf(extensions)
    const planText = form === undefined
    return { ...head, ...encodeAssistant(content, { planText, form, rest, context, path: `${path}.` }) }
  }
  if (content === undefined || content === null || isString(content)) {
    return { ...head, ...rest, ...(content !== undefined && { content }) }
  }
  const sayable = role === 'user' ? content : content.filter((part, index) => isText(part, context, path, index))
  const parts = sayable.map((part, index) => encodePart(part, context, `${path}.content[${index}]`))
  return { ...head, ...rest, content: parts.filter((part) => part !== undefined) }
}

/** System messages and results of tools hold text only. */
function isText(part: ContentPart, context: CodecContext, path: string, index: number): boolean {
  if (part.type !== 'image') return true
  drop(context, `${path}.content[${index}]`, 'An image outside a message of the user has no place here')
  return false
}

/** @returns how many messages come before the conversation. */
function leadingSystem(messages: readonly ChatMessage[]): number {
  const first = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer')
  return first < 0 ? messages.length : first
}

/** What has no counterpart here, and the value that means "as usual" and is left out without a word. */
const unsaid: readonly (readonly [keyof ChatRequest, wire: string, usual?: unknown])[] = [
  ['choiceCount', 'n', 1],
  ['logitBias', 'logit_bias'],
  ['topLogprobs', 'top_logprobs', 0],
  ['parallelToolCalls', 'parallel_tool_calls', true],
  ['verbosity', 'verbosity'],
  ['audio', 'audio'],
  ['user', 'user'],
  ['metadata', 'metadata'],
  ['store', 'store', false],
]

function dropUnsaid(request: ChatRequest, context: CodecContext): void {
  for (const [neutral, name, usual] of unsaid) {
    const value = request[neutral]
    if (value === undefined || value === null || value === usual) continue
    drop(context, name, `'${name}' has no counterpart in this dialect`)
  }
  const { serviceTier, modalities } = request
  if (isString(serviceTier) && serviceTier !== 'auto' && serviceTier !== 'default') {
    drop(context, 'service_tier', `The service tier '${serviceTier}' has no counterpart in this dialect`)
  }
  if (modalities?.some((kind) => kind !== 'text') === true) {
    drop(context, 'modalities', 'An answer that is not text has no place in this dialect')
  }
}
