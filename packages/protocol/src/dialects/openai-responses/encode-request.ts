import type { CodecContext } from '../../dialect.ts'
import type { ChatMessage, ChatRequest, ReasoningOptions } from '../../ir/chat.ts'
import { isArray, isRecord, isString, type WireObject } from '../../json/wire-object.ts'
import { dropToolChoice } from '../openai-chat/tool-choice.ts'
import { logprobsInclusion } from './decode-request.ts'
import { isAdditional, withAdditionalTools } from './additional-tools.ts'
import { encodeInput } from './encode-input.ts'
import { requestFields, unsaid } from './request-fields.ts'
import { encodeTextFormat } from './text-format.ts'
import { encodeTools } from './tool-list.ts'
import { encodeToolChoice } from './tool-choice.ts'
import { formOf, kept, recordOr } from './wire.ts'

/** OpenAI refuses less. */
const leastOutputTokens = 16

/** Writes a `POST /responses` body. What another dialect asked for is not stored unless it said so. */
export function encodeRequest(request: ChatRequest, context: CodecContext): WireObject {
  const form = formOf(request.extensions)
  const { instructions, messages } = splitInstructions(request.messages)
  const wire: Record<string, unknown> = {
    model: request.model,
    ...recordOr(form?.['nulls'], {}),
    ...kept(request.extensions, context, ''),
    ...(instructions !== undefined && { instructions }),
  }
  if (form?.['input'] !== 'none' || messages.length > 0 || request.tools?.some(isAdditional) === true) {
    const input = inputOf(messages, form, context)
    wire['input'] = isArray(input) ? withAdditionalTools(input, request.tools, context) : input
  }
  for (const [name, neutral] of requestFields) {
    const value = request[neutral]
    if (value !== undefined) wire[name] = value
  }
  if (form === undefined) wire['store'] ??= false
  if (request.maxOutputTokens !== undefined)
    wire['max_output_tokens'] = tokenLimit(request.maxOutputTokens, form, context)
  writeTools(wire, request, form, context)
  writeText(wire, request, form, context)
  if (request.reasoning !== undefined) wire['reasoning'] = encodeReasoning(request.reasoning, context)
  writeInclude(wire, request, form)
  warnOfUnsaid(request, context)
  return wire
}

function splitInstructions(messages: readonly ChatMessage[]): {
  instructions?: string
  messages: readonly ChatMessage[]
} {
  const [first] = messages
  const { content } = first ?? {}
  if (formOf(first?.extensions)?.['instructions'] !== true || !isString(content)) return { messages }
  return { instructions: content, messages: messages.slice(1) }
}

function inputOf(messages: readonly ChatMessage[], form: WireObject | undefined, context: CodecContext): unknown {
  const [first] = messages
  const bare = form?.['input'] === 'string' && messages.length === 1 && isString(first?.content)
  return bare ? first?.content : encodeInput(messages, context)
}

function tokenLimit(limit: number | null, form: WireObject | undefined, context: CodecContext): number | null {
  if (limit === null || limit >= leastOutputTokens || form !== undefined) return limit
  context.warn({
    code: 'value-changed',
    path: 'max_output_tokens',
    message: `A limit of ${limit} output tokens is sent as ${leastOutputTokens}, the least that is allowed.`,
  })
  return leastOutputTokens
}

function writeTools(
  wire: Record<string, unknown>,
  request: ChatRequest,
  form: WireObject | undefined,
  context: CodecContext,
): void {
  const { tools, toolChoice } = request
  if (tools !== undefined) {
    const own = tools.filter((tool) => !isAdditional(tool))
    const written = encodeTools(own, context, 'tools')
    if (written.length > 0 || (form !== undefined && own.length === tools.length)) wire['tools'] = written
  }
  if (toolChoice === undefined) return
  if (form === undefined && wire['tools'] === undefined) return dropToolChoice(toolChoice, context)
  const choice = encodeToolChoice(toolChoice, context)
  if (choice !== undefined) wire['tool_choice'] = choice
}

function writeText(
  wire: Record<string, unknown>,
  request: ChatRequest,
  form: WireObject | undefined,
  context: CodecContext,
): void {
  const { responseFormat, verbosity } = request
  const format = responseFormat === undefined ? undefined : encodeTextFormat(responseFormat, context)
  if (format === undefined && verbosity === undefined && form?.['text'] === undefined) return
  wire['text'] = {
    ...recordOr(form?.['text'], {}),
    ...(format !== undefined && { format }),
    ...(verbosity !== undefined && { verbosity }),
  }
}

function encodeReasoning(reasoning: ReasoningOptions, context: CodecContext): WireObject {
  const { effort, maxTokens, extensions } = reasoning
  const rest = kept(extensions, context, 'reasoning')
  if (effort !== undefined || maxTokens === undefined) return { ...rest, ...(effort !== undefined && { effort }) }
  const word = effortOf(maxTokens)
  context.warn({
    code: 'value-changed',
    path: 'reasoning',
    message: `A reasoning budget of ${maxTokens} tokens is sent as the effort '${word}'.`,
  })
  return { ...rest, effort: word }
}

/** The inverse of the usual budgets: low 1024, medium 2048, high 4096 and more. */
function effortOf(maxTokens: number): string {
  if (maxTokens <= 1024) return 'low'
  return maxTokens <= 2048 ? 'medium' : 'high'
}

function writeInclude(wire: Record<string, unknown>, request: ChatRequest, form: WireObject | undefined): void {
  const asked = isArray(form?.['include']) ? form['include'] : undefined
  const missing = request.logprobs === true && asked?.includes(logprobsInclusion) !== true
  if (missing) wire['include'] = [...(asked ?? []), logprobsInclusion]
  else if (asked !== undefined) wire['include'] = asked
}

function warnOfUnsaid(request: ChatRequest, context: CodecContext): void {
  for (const name of unsaid) {
    const value = request[name]
    if (value === undefined || value === null) continue
    // Text is what it always answers in.
    if (name === 'modalities' && isArray(value) && value.every((modality) => modality === 'text')) continue
    if (isRecord(value) && Object.keys(value).length === 0) continue
    context.warn({
      code: 'field-dropped',
      path: name,
      message: `'${name}' has no counterpart in this dialect and was left out.`,
    })
  }
  if ((request.choiceCount ?? 1) > 1) {
    context.warn({
      code: 'unsupported',
      path: 'n',
      message: 'This dialect gives one answer; further choices were left out.',
    })
  }
}
