import type { CodecContext } from '../../dialect.ts'
import type { ChatRequest } from '../../ir/chat.ts'
import { type ModelTraits, modelTraits } from '../anthropic-messages/model-traits.ts'
import { closedSchema } from '../anthropic-messages/output-schema.ts'
import { arrangeMessages } from './arrange-messages.ts'
import { type ModelVendor, vendorOf } from './model-vendor.ts'
import { encodeFormat } from './output-format.ts'
import { encodeReasoning, type WireReasoning } from './reasoning.ts'
import { encodeToolChoice, encodeTools } from './tool.ts'
import { inner, isArray, isString, kept, warnChanged, warnDropped, type WireObject } from './wire.ts'

/** What has no place here, and the value that means "as usual" and is left out without a word. */
const unknownFields: readonly (readonly [keyof ChatRequest, wire: string, usual?: unknown])[] = [
  ['frequencyPenalty', 'frequency_penalty', 0],
  ['presencePenalty', 'presence_penalty', 0],
  ['seed', 'seed'],
  ['logitBias', 'logit_bias'],
  ['logprobs', 'logprobs', false],
  ['topLogprobs', 'top_logprobs', 0],
  ['choiceCount', 'n', 1],
  ['verbosity', 'verbosity'],
  ['audio', 'audio'],
  ['user', 'user', ''],
  ['store', 'store', false],
  ['parallelToolCalls', 'parallel_tool_calls', true],
]

/** Writes a request of another wire as the model that it is for takes it. */
export function encodeForeign(request: ChatRequest, context: CodecContext): WireObject {
  const vendor = vendorOf(request.model)
  const claude = modelTraits(request.model)
  for (const [name, wireName, usual] of unknownFields) {
    const value = request[name]
    if (value !== undefined && value !== null && value !== usual) warnDropped(context, wireName, `'${wireName}'`)
  }
  if (request.modalities?.some((kind) => kind !== 'text'))
    warnDropped(context, 'modalities', 'An answer that is not text')

  const { system = [], messages } = arrangeMessages(request.messages, vendor, context)
  const instruction = formatInstruction(request, vendor, claude, context)
  const instructed = instruction === undefined ? system : [...system, { text: instruction }]
  const toolConfig = encodeToolConfig(request, vendor, claude, messages, context)
  const choice = inner(toolConfig, 'toolChoice')
  const reasoning = encodeReasoning(
    request.reasoning,
    vendor,
    claude,
    {
      maxTokens: request.maxOutputTokens ?? claude.maxTokens,
      toolForced: choice !== undefined && !('auto' in choice),
      thinkingLost: isUnsignedLoop(messages),
    },
    context,
  )
  const { inferenceConfig, topK } = encodeInference(request, vendor, claude, reasoning, context)
  const additional = { ...topK, ...reasoning.fields }
  const textFormat = schemaFormat(request, vendor, claude, context)
  const tier = encodeTier(request.serviceTier, context)
  const { metadata } = request
  return {
    ...kept(request.extensions, context, ''),
    ...(instructed.length > 0 && { system: instructed }),
    messages,
    ...(Object.keys(inferenceConfig).length > 0 && { inferenceConfig }),
    ...(toolConfig && { toolConfig }),
    ...(Object.keys(additional).length > 0 && { additionalModelRequestFields: additional }),
    ...((reasoning.effort !== undefined || textFormat !== undefined) && {
      outputConfig: {
        ...(reasoning.effort !== undefined && { effort: reasoning.effort }),
        ...(textFormat && { textFormat }),
      },
    }),
    ...(tier !== undefined && { serviceTier: { type: tier } }),
    ...(metadata && Object.keys(metadata).length > 0 && { requestMetadata: metadata }),
  }
}

/** A conversation in which tools were called must say which; there is no word for that none may be called. */
function encodeToolConfig(
  { tools = [], toolChoice }: ChatRequest,
  vendor: ModelVendor,
  claude: ModelTraits,
  messages: readonly WireObject[],
  context: CodecContext,
): WireObject | undefined {
  const used = usedTools(messages)
  const forbidden = toolChoice?.type === 'none'
  if (forbidden && used.length === 0) return undefined
  const encoded = encodeTools(tools, context)
  const written = vendor.cachePoints ? encoded : encoded.filter((tool) => !('cachePoint' in tool))
  if (written.length === 0) {
    if (used.length === 0) return undefined
    return { tools: used.map((name) => ({ toolSpec: { name, inputSchema: { json: { type: 'object' } } } })) }
  }
  if (forbidden) warnChanged(context, 'tool_choice', 'That no tool may be called cannot be said in this conversation.')
  const choice = toolChoice && encodeToolChoice(toolChoice, context)
  if (vendor.reasoning === 'claude' && !claude.forcedTools && choice !== undefined && !('auto' in choice)) {
    warnChanged(context, 'tool_choice', 'This model cannot be made to call a tool; it is left to choose.')
    return { tools: written, toolChoice: { auto: {} } }
  }
  return { tools: written, ...(choice && { toolChoice: choice }) }
}

/** Names of tools that were called, or of which there is a result. */
function usedTools(messages: readonly WireObject[]): readonly string[] {
  const names = new Set<string>()
  for (const block of messages.flatMap(blocksIn)) {
    const name = inner(block, 'toolUse')?.['name']
    if (isString(name)) names.add(name)
    else if ('toolResult' in block && names.size === 0) names.add('tool')
  }
  return [...names]
}

function blocksIn({ content }: WireObject): readonly WireObject[] {
  return isArray(content) ? (content as readonly WireObject[]) : []
}

/** While Claude thinks with a budget, an assistant's turn with calls must begin with its thinking. */
function isUnsignedLoop(messages: readonly WireObject[]): boolean {
  const last = messages.at(-1)
  const before = messages.at(-2)
  if (last === undefined || before === undefined || !blocksIn(last).some((block) => 'toolResult' in block)) return false
  return !('reasoningContent' in (blocksIn(before)[0] ?? {}))
}

function encodeInference(
  request: ChatRequest,
  vendor: ModelVendor,
  claude: ModelTraits,
  reasoning: WireReasoning,
  context: CodecContext,
): { readonly inferenceConfig: WireObject; readonly topK: WireObject | undefined } {
  const config: Record<string, unknown> = {}
  const isClaude = vendor.reasoning === 'claude'
  const limit = request.maxOutputTokens
  if (limit !== undefined && limit !== null) {
    config['maxTokens'] = isClaude && claude.limited ? Math.min(limit, claude.maxTokens) : limit
    if (config['maxTokens'] !== limit)
      warnChanged(context, 'max_tokens', `This model answers with at most ${claude.maxTokens} tokens.`)
  }
  const refused = isClaude ? whyNoSampling(claude, reasoning) : undefined
  const { temperature, topP, topK } = request
  const takes = (name: string, value: number | null | undefined): value is number => {
    if (value === undefined || value === null) return false
    if (refused !== undefined && value !== 1) warnDropped(context, name, `'${name}' ${refused}`)
    return refused === undefined
  }
  if (takes('temperature', temperature)) {
    config['temperature'] = Math.min(1, Math.max(0, temperature))
    if (temperature > 1)
      warnChanged(context, 'temperature', `The temperature ${temperature} is sent as 1, which is Bedrock's highest.`)
  }
  if (takes('top_p', topP)) {
    const either = isClaude && claude.sampling === 'either' && 'temperature' in config
    if (!either) config['topP'] = topP
    else if (topP !== 1) warnDropped(context, 'top_p', "'top_p' together with 'temperature'")
  }
  const stop = stopSequences(request.stop, context)
  if (stop.length > 0) config['stopSequences'] = stop
  return { inferenceConfig: config, topK: takes('top_k', topK) ? encodeTopK(topK, vendor) : undefined }
}

function whyNoSampling(claude: ModelTraits, { fields }: WireReasoning): string | undefined {
  if (claude.sampling === 'none') return 'of this model'
  const thinking = inner(fields, 'thinking')
  const thinks = thinking === undefined ? claude.thinks : thinking['type'] !== 'disabled'
  return thinks ? 'while it reasons' : undefined
}

function encodeTopK(topK: number, { reasoning }: ModelVendor): WireObject {
  return reasoning === 'nova' ? { inferenceConfig: { topK } } : { top_k: topK }
}

function stopSequences(stop: ChatRequest['stop'], context: CodecContext): readonly string[] {
  const all = isString(stop) ? [stop] : (stop ?? [])
  const visible = all.filter((text) => text.trim() !== '')
  if (visible.length < all.length) warnDropped(context, 'stop', 'A stop sequence of white space only')
  return visible
}

function takesSchema(request: ChatRequest, vendor: ModelVendor, claude: ModelTraits): boolean {
  const format = request.responseFormat
  if (format?.type !== 'json-schema' || format.schema === undefined) return false
  return vendor.schemas && (vendor.reasoning !== 'claude' || claude.jsonSchema)
}

function schemaFormat(
  request: ChatRequest,
  vendor: ModelVendor,
  claude: ModelTraits,
  context: CodecContext,
): WireObject | undefined {
  const format = request.responseFormat
  if (format?.type === 'json-schema' && takesSchema(request, vendor, claude)) {
    const schema = vendor.reasoning === 'claude' ? closedSchema(format.schema, context) : format.schema
    return encodeFormat(format, schema, context)
  }
  if (format !== undefined) kept(format.extensions, context, 'response_format')
  return undefined
}

/** Where the model cannot be held to JSON it is told. */
function formatInstruction(
  request: ChatRequest,
  vendor: ModelVendor,
  claude: ModelTraits,
  context: CodecContext,
): string | undefined {
  const format = request.responseFormat
  if (format?.type === 'json') {
    warnChanged(context, 'response_format', 'JSON is asked for in the system prompt.')
    return 'Answer with one JSON object and nothing else: no explanation, no code fence.'
  }
  if (format?.type !== 'json-schema' || takesSchema(request, vendor, claude)) return undefined
  warnChanged(context, 'response_format', 'JSON by a schema is asked for in the system prompt.')
  const schema =
    format.schema === undefined ? '' : `\n\nIt must match this JSON Schema:\n${JSON.stringify(format.schema)}`
  return `Answer with one JSON value and nothing else: no explanation, no code fence.${schema}`
}

const tiers: ReadonlySet<string> = new Set(['default', 'flex', 'priority', 'reserved'])

function encodeTier(tier: string | null | undefined, context: CodecContext): string | undefined {
  if (!isString(tier) || tier === 'auto') return undefined
  return tiers.has(tier) ? tier : warnDropped(context, 'service_tier', `The service tier '${tier}'`)
}
