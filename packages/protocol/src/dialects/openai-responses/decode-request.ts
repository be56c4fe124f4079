import { SluiceError } from '../../errors/sluice-error.ts'
import { append } from '../../ir/append.ts'
import type { ChatMessage, ChatRequest } from '../../ir/chat.ts'
import {
  isArray,
  isNumber,
  isRecord,
  isString,
  type Mutable,
  WireFields,
  type WireObject,
} from '../../json/wire-object.ts'
import { decodeAdditionalTools } from './additional-tools.ts'
import { decodeInput } from './decode-input.ts'
import { requestFields } from './request-fields.ts'
import { decodeTextFormat } from './text-format.ts'
import { decodeTools } from './tool-list.ts'
import { decodeToolChoice } from './tool-choice.ts'
import { keep, pick, sharedMembers } from './wire.ts'

/** Of `include`: asks for log probabilities. */
export const logprobsInclusion = 'message.output_text.logprobs'

/**
 * Reads a `POST /responses` body (OpenAI API reference, "Create a model response"). What needs a provider that
 * keeps state, such as `previous_response_id`, is kept for one that does. Throws `invalid_request` where the shape
 * leaves no meaning.
 */
export function decodeRequest(wire: unknown): ChatRequest {
  if (!isRecord(wire)) throw new SluiceError('invalid_request', 'The body must be a JSON object.')
  const fields = new WireFields(wire)
  const form: Record<string, unknown> = {}
  const model = fields.take('model', isString)
  if (model === undefined) throw invalid('model', 'must be a string')

  const request: Mutable<ChatRequest> = { model, messages: decodeMessages(fields, form) }
  for (const [name, neutral, isType] of requestFields) {
    const value = wire[name]
    if (value === undefined || !isType(value)) continue
    fields.skip(name)
    Object.assign(request, { [neutral]: value })
  }
  const limit = fields.take('max_output_tokens', (value) => value === null || isNumber(value))
  if (limit !== undefined) request.maxOutputTokens = limit
  takeTools(fields, request)
  decodeText(fields, form, request)
  decodeReasoning(fields, request)
  const include = fields.take('include', isArray)
  if (include !== undefined) {
    form['include'] = include
    if (include.includes(logprobsInclusion)) request.logprobs = true
  }
  const remembered = stateful.find((name) => wire[name] !== undefined && wire[name] !== null && wire[name] !== false)
  if (remembered !== undefined) request.remembered = remembered
  return Object.assign(request, leave(fields, form))
}

/** What only the provider that keeps the state can answer; left out, the answer would be to another question. */
const stateful = ['previous_response_id', 'conversation', 'background', 'prompt']

function invalid(param: string, problem: string): SluiceError {
  return new SluiceError('invalid_request', `\`${param}\` ${problem}.`, { param })
}

/** The instructions come first, as a system message. */
function decodeMessages(fields: WireFields, form: Record<string, unknown>): ChatMessage[] {
  const { input } = fields.wire
  const instructions = fields.take('instructions', isString)
  const messages: ChatMessage[] = []
  if (instructions !== undefined)
    messages.push({ role: 'system', content: instructions, ...keep(undefined, { instructions: true }) })
  if (isString(input)) {
    form['input'] = 'string'
    messages.push({ role: 'user', content: input })
  } else if (isArray(input)) append(messages, decodeInput(input))
  else if (input === undefined || input === null) form['input'] = 'none'
  else throw invalid('input', 'must be a string or an array of items')
  if (input !== null) fields.skip('input')
  return messages
}

function takeTools(fields: WireFields, request: Mutable<ChatRequest>): void {
  const { tools: wireTools, tool_choice: choice } = fields.wire
  const tools = fields.take('tools', isArray)
  if (tools !== undefined) request.tools = decodeTools(tools, 'tools')
  else if (wireTools !== undefined && wireTools !== null) throw invalid('tools', 'must be an array')
  const additional = decodeAdditionalTools(fields.wire['input'])
  if (additional.length > 0) request.tools = [...(request.tools ?? []), ...additional]
  if (choice === undefined || choice === null) return
  fields.skip('tool_choice')
  request.toolChoice = decodeToolChoice(choice)
}

function decodeText(fields: WireFields, form: Record<string, unknown>, request: Mutable<ChatRequest>): void {
  const text = fields.take('text', isRecord)
  if (text === undefined) return
  const details = new WireFields(text)
  const format = details.take('format', isRecord)
  const verbosity = details.take('verbosity', (value) => value === null || isString(value))
  if (format !== undefined) request.responseFormat = decodeTextFormat(format)
  if (verbosity !== undefined) request.verbosity = verbosity
  form['text'] = details.rest() ?? {}
}

function decodeReasoning(fields: WireFields, request: Mutable<ChatRequest>): void {
  const reasoning = fields.take('reasoning', isRecord)
  if (reasoning === undefined) return
  const details = new WireFields(reasoning)
  const effort = details.take('effort', (value) => value === null || isString(value))
  request.reasoning = { ...(effort !== undefined && { effort }), ...keep(details.rest()) }
}

/** Members that say `null` say nothing, and are only noted. */
function leave(fields: WireFields, form: Record<string, unknown>): ReturnType<typeof keep> {
  const left = fields.rest() ?? {}
  const shared = pick(left, sharedMembers)
  const rest: Record<string, unknown> = {}
  const nulls: Record<string, null> = {}
  for (const [name, value] of Object.entries(left)) {
    if (name in shared) continue
    if (value === null) nulls[name] = null
    else rest[name] = value
  }
  if (Object.keys(nulls).length > 0) form['nulls'] = nulls
  return keep(nonEmpty(rest), form, nonEmpty(shared))
}

function nonEmpty(members: WireObject): WireObject | undefined {
  return Object.keys(members).length === 0 ? undefined : members
}
