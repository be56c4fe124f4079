import type { CodecContext } from '../../dialect.ts'
import type { ChatMessage, ChatRequest, ReasoningOptions } from '../../ir/chat.ts'
import { encodeAssistantMessage } from './encode-assistant-message.ts'
import { encodeContentPart } from './content-part.ts'
import { withMediaOfResults } from './media-of-results.ts'
import { requestFields } from './request-fields.ts'
import { encodeResponseFormat } from './response-format.ts'
import { encodeFunction, encodeTool } from './tool.ts'
import { dropToolChoice, encodeFunctionChoice, encodeToolChoice } from './tool-choice.ts'
import { formOf, kept, type WireObject } from './wire.ts'

/**
 * Writes a `POST /chat/completions` body. A stream that another dialect asked for also asks for usage, which
 * OpenAI reports only on request.
 */
export function encodeRequest(request: ChatRequest, context: CodecContext): WireObject {
  const form = formOf(request.extensions)
  const wire: Record<string, unknown> = {
    model: request.model,
    messages: encodeMessages(request.messages, form, context),
    ...kept(request.extensions, context, ''),
  }
  for (const [name, neutral] of requestFields) {
    const value = request[neutral]
    if (value !== undefined) wire[name] = value
  }
  if (request.maxOutputTokens !== undefined) {
    wire[form?.['max_tokens'] === true ? 'max_tokens' : 'max_completion_tokens'] = request.maxOutputTokens
  }
  writeTools(wire, request, form, context)
  if (request.responseFormat !== undefined) {
    const format = encodeResponseFormat(request.responseFormat, context)
    if (format !== undefined) wire['response_format'] = format
  }
  if (request.reasoning !== undefined) writeReasoning(wire, request.reasoning, form, context)
  if (form === undefined && request.stream === true) wire['stream_options'] = { include_usage: true }
  return wire
}

function writeTools(
  wire: Record<string, unknown>,
  request: ChatRequest,
  form: WireObject | undefined,
  context: CodecContext,
): void {
  const { tools, toolChoice } = request
  if (tools !== undefined && form?.['functions'] === true && tools.every((tool) => tool.type === 'function')) {
    wire['functions'] = tools.map((tool, index) => encodeFunction(tool, context, `functions[${index}]`))
  } else if (tools !== undefined) {
    const encoded = tools.map((tool, index) => encodeTool(tool, context, `tools[${index}]`))
    const written = encoded.filter((tool) => tool !== undefined)
    if (written.length > 0 || form !== undefined) wire['tools'] = written
  }
  // OpenAI refuses what is said of tools where there are none.
  if (form === undefined && wire['tools'] === undefined) {
    delete wire['parallel_tool_calls']
    if (toolChoice !== undefined) dropToolChoice(toolChoice, context)
    return
  }
  if (toolChoice === undefined) return
  if (form?.['function_call'] === true) {
    wire['function_call'] = encodeFunctionChoice(toolChoice)
    return
  }
  const anyWord = toolChoice.type === 'required' && form?.['tool_choice'] === 'any'
  const choice = anyWord ? 'any' : encodeToolChoice(toolChoice, context)
  if (choice !== undefined) wire['tool_choice'] = choice
}

function writeReasoning(
  wire: Record<string, unknown>,
  reasoning: ReasoningOptions,
  form: WireObject | undefined,
  context: CodecContext,
): void {
  const rest = kept(reasoning.extensions, context, 'reasoning')
  if (form?.['reasoning'] === true) {
    wire['reasoning'] = {
      ...rest,
      ...(reasoning.effort === undefined ? undefined : { effort: reasoning.effort }),
      ...(reasoning.maxTokens === undefined ? undefined : { max_tokens: reasoning.maxTokens }),
    }
    return
  }
  if (reasoning.effort !== undefined) wire['reasoning_effort'] = reasoning.effort
  else if (reasoning.maxTokens !== undefined) {
    const effort = effortOf(reasoning.maxTokens)
    wire['reasoning_effort'] = effort
    context.warn({
      code: 'value-changed',
      path: 'reasoning',
      message: `A reasoning budget of ${reasoning.maxTokens} tokens is sent as the effort '${effort}'.`,
    })
  }
}

/** The inverse of the usual budgets: low 1024, medium 2048, high 4096 and more. */
function effortOf(maxTokens: number): string {
  if (maxTokens <= 1024) return 'low'
  return maxTokens <= 2048 ? 'medium' : 'high'
}

/** @param form of the request; `undefined` for one of another dialect. */
function encodeMessages(
  messages: readonly ChatMessage[],
  form: WireObject | undefined,
  context: CodecContext,
): readonly WireObject[] {
  if (form !== undefined) return messages.map((message, at) => encodeMessage(message, context, `messages[${at}]`))
  return withMediaOfResults(messages, context).map(({ message, path }) => encodeMessage(message, context, path))
}

function encodeMessage(message: ChatMessage, context: CodecContext, path: string): WireObject {
  const form = formOf(message.extensions)
  const rest = kept(message.extensions, context, path)
  const { content, name, toolCallId } = message
  const deprecated = form?.['role'] === 'function'
  const base: Record<string, unknown> = { role: deprecated ? 'function' : message.role, ...rest }
  if (name !== undefined) base['name'] = name
  if (toolCallId !== undefined && !deprecated) base['tool_call_id'] = toolCallId
  if (content === undefined) return base
  if (content === null || typeof content === 'string') return { ...base, content }
  if (message.role === 'assistant') {
    return { ...base, ...encodeAssistantMessage(content, form, 'request', context, `${path}.`) }
  }
  const parts = content.map((part, index) => encodeContentPart(part, context, `${path}.content[${index}]`))
  return { ...base, content: parts.filter((part) => part !== undefined) }
}
