import type { CodecContext } from '../../dialect.ts'
import type { ChatMessage, ChatRequest } from '../../ir/chat.ts'
import { encodeContents } from './encode-contents.ts'
import { encodeGenerationConfig } from './generation-config.ts'
import { type ModelFamily, modelFamily } from './model-family.ts'
import { encodePart } from './part.ts'
import { encodeToolChoice, encodeTools } from './tool.ts'
import { drop, formOf, inner, kept, ownOf, type WireObject } from './wire.ts'

/** Writes the body of a request; what the model is called and whether it streams is for the path to say. */
export function encodeRequest(request: ChatRequest, context: CodecContext): WireObject {
  const form = formOf(request.extensions)
  const { generationConfig: _, toolConfig: _tools, ...rest } = kept(request.extensions, context, '') ?? {}
  const own = ownOf(request.extensions)
  const family = modelFamily(request.model)
  const { system, messages } = splitSystem(request.messages, family)
  const wire: Record<string, unknown> = { ...rest }
  const instruction = encodeSystem(system, context)
  if (instruction !== undefined) wire['systemInstruction'] = instruction
  wire['contents'] = encodeContents(messages, family, context)

  const tools = request.tools === undefined ? undefined : encodeTools(request.tools, context)
  if (tools !== undefined && (tools.length > 0 || form !== undefined)) wire['tools'] = tools
  const declares = tools?.some((tool) => 'functionDeclarations' in tool) === true
  const choice = request.toolChoice === undefined ? undefined : encodeToolChoice(request.toolChoice, context)
  const toolRest = own?.['toolConfig']
  if (
    toolRest !== undefined ||
    form?.['toolConfig'] === true ||
    (choice !== undefined && (declares || form !== undefined))
  ) {
    wire['toolConfig'] = { ...inner(own, 'toolConfig'), ...(choice !== undefined && { functionCallingConfig: choice }) }
  }
  const configRest = inner(own, 'generationConfig') ?? (form?.['config'] === true ? {} : undefined)
  const config = encodeGenerationConfig(request, family, declares, configRest, context)
  if (config !== undefined) wire['generationConfig'] = config
  const tier = encodeTier(request.serviceTier, form !== undefined, context)
  if (tier !== undefined) wire['serviceTier'] = tier
  dropUnsaid(request, context)
  return wire
}

/** System messages that open the conversation; where there is nothing else, they are it. */
function splitSystem(
  all: readonly ChatMessage[],
  family: ModelFamily,
): { system: readonly ChatMessage[]; messages: readonly ChatMessage[] } {
  const isSystem = ({ role }: ChatMessage): boolean => role === 'system' || role === 'developer'
  const end = all.findIndex((message) => !isSystem(message))
  const system = end < 0 ? all : all.slice(0, end)
  const own = system.some((message) => formOf(message.extensions) !== undefined)
  const alone = end < 0 && !own
  if (alone || !family.systemInstruction)
    return { system: [], messages: all.map((message, at) => (at < system.length ? asUser(message) : message)) }
  return { system, messages: end < 0 ? [] : all.slice(end) }
}

function asUser({ extensions: _, ...message }: ChatMessage): ChatMessage {
  return { ...message, role: 'user' }
}

function encodeSystem(messages: readonly ChatMessage[], context: CodecContext): WireObject | undefined {
  if (messages.length === 0) return undefined
  let rest: WireObject | undefined
  let parts: WireObject[] | undefined
  let own = false
  for (const [index, { content, extensions }] of messages.entries()) {
    rest = { ...rest, ...kept(extensions, context, `messages[${index}]`) }
    own ||= formOf(extensions) !== undefined
    if (content === undefined || content === null) continue
    const texts = typeof content === 'string' ? [{ type: 'text', text: content } as const] : content
    for (const [at, part] of texts.entries()) {
      const wire = encodePart(part, context, `messages[${index}].content[${at}]`)
      if (wire !== undefined) (parts ??= []).push(wire)
    }
    if (own) parts ??= []
  }
  return parts === undefined && !own ? undefined : { ...rest, ...(parts && { parts }) }
}

/** OpenAI's words for Google's. */
function encodeTier(tier: string | null | undefined, own: boolean, context: CodecContext): string | undefined {
  if (tier === undefined || tier === null || tier === 'auto') return undefined
  if (tier === 'default') return 'standard'
  if (own || ['flex', 'priority', 'standard'].includes(tier)) return tier
  return drop(context, 'service_tier', `The service tier '${tier}' has no counterpart in this dialect`)
}

/** What has no counterpart here and was asked for. */
function dropUnsaid(request: ChatRequest, context: CodecContext): void {
  const { user, metadata, logitBias, verbosity, audio, store, parallelToolCalls } = request
  const asked = { user, metadata, logit_bias: logitBias, verbosity, audio }
  for (const [name, value] of Object.entries(asked)) {
    if (value !== undefined && value !== null) drop(context, name, `'${name}' has no counterpart in this dialect`)
  }
  if (store === true) drop(context, 'store', "'store' has no counterpart in this dialect")
  if (parallelToolCalls === false) {
    drop(context, 'parallel_tool_calls', 'The wish for one tool call at a time has no counterpart in this dialect')
  }
}
