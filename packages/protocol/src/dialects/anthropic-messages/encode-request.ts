import type { CodecContext } from '../../dialect.ts'
import type { ChatRequest } from '../../ir/chat.ts'
import { arrangeMessages } from './arrange-messages.ts'
import { requestFields } from './decode-request.ts'
import { encodeOwnMessages } from './encode-messages.ts'
import { type ModelTraits, modelTraits } from './model-traits.ts'
import { closedSchema } from './output-schema.ts'
import { encodeThinking, ownThinking, type WireThinking } from './thinking.ts'
import { encodeTool, encodeToolChoice } from './tool.ts'
import { formOf, inner, isArray, isRecord, isString, kept, warnChanged, warnDropped, type WireObject } from './wire.ts'

/** Writes a `POST /v1/messages` body: as it was, where it came from this wire, else as the model takes it. */
export function encodeRequest(request: ChatRequest, context: CodecContext): WireObject {
  return formOf(request.extensions) === undefined ? encodeForeign(request, context) : encodeOwn(request, context)
}

const ownTiers: Readonly<Record<string, string>> = { auto: 'auto', default: 'standard_only' }

function encodeOwn(request: ChatRequest, context: CodecContext): WireObject {
  const { model, tools, toolChoice, parallelToolCalls, serviceTier, user, reasoning, responseFormat } = request
  const rest = kept(request.extensions, context, '')
  const wire: Record<string, unknown> = { ...rest, model, ...encodeOwnMessages(request.messages, context) }
  for (const [name, neutral] of requestFields) if (request[neutral] !== undefined) wire[name] = request[neutral]
  if (tools !== undefined) {
    const encoded = tools.map((tool, index) => encodeTool(tool, true, context, `tools[${index}]`))
    wire['tools'] = encoded.filter((tool) => tool !== undefined)
  }
  if (toolChoice !== undefined) {
    const choice = encodeToolChoice(toolChoice, context)
    const disabled = parallelToolCalls === undefined ? undefined : { disable_parallel_tool_use: !parallelToolCalls }
    if (choice !== undefined) wire['tool_choice'] = { ...choice, ...disabled }
  }
  if (isString(serviceTier)) wire['service_tier'] = ownTiers[serviceTier] ?? 'auto'
  if (isString(user)) wire['metadata'] = { ...inner(rest, 'metadata'), user_id: user }
  const { thinking, effort } = ownThinking(reasoning)
  if (thinking !== undefined) wire['thinking'] = thinking
  const format = responseFormat?.type === 'json-schema' ? responseFormat : undefined
  if (effort !== undefined || format !== undefined) {
    wire['output_config'] = {
      ...inner(rest, 'output_config'),
      ...(effort === undefined ? undefined : { effort }),
      ...(format === undefined
        ? undefined
        : {
            format: {
              type: 'json_schema',
              ...('schema' in format ? { schema: format.schema } : undefined),
              ...kept(format.extensions, context, 'response_format'),
            },
          }),
    }
  }
  return wire
}

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
  ['metadata', 'metadata'],
  ['store', 'store', false],
]

function encodeForeign(request: ChatRequest, context: CodecContext): WireObject {
  const traits = modelTraits(request.model)
  for (const [name, wireName, usual] of unknownFields) {
    const value = request[name]
    if (value !== undefined && value !== null && value !== usual) warnDropped(context, wireName, `'${wireName}'`)
  }
  if (request.modalities?.some((kind) => kind !== 'text'))
    warnDropped(context, 'modalities', 'An answer that is not text')
  const { system, messages } = arrangeMessages(request.messages, context)
  const instruction = formatInstruction(request, traits, context)
  const wire: Record<string, unknown> = { model: request.model, max_tokens: tokenLimit(request, traits, context) }
  const instructed = instruction === undefined ? system : withInstruction(system, instruction)
  if (instructed !== undefined) wire['system'] = instructed
  wire['messages'] = messages
  Object.assign(wire, kept(request.extensions, context, ''))
  if (request.stream !== undefined && request.stream !== null) wire['stream'] = request.stream
  const stop = stopSequences(request.stop, context)
  if (stop.length > 0) wire['stop_sequences'] = stop

  const toolForced = writeTools(wire, request, traits, context)
  const maxTokens = wire['max_tokens'] as number
  const thinkingLost = isUnsignedLoop(messages)
  const thinking = encodeThinking(request.reasoning, traits, { maxTokens, toolForced, thinkingLost }, context)
  writeOutput(wire, request, traits, thinking, context)
  writeSampling(wire, request, traits, isThinking(thinking, traits), context)
  if (isString(request.user) && request.user !== '') wire['metadata'] = { user_id: request.user }
  if (isString(request.serviceTier)) wire['service_tier'] = ownTiers[request.serviceTier] ?? 'auto'
  return wire
}

function tokenLimit(request: ChatRequest, traits: ModelTraits, context: CodecContext): number {
  const asked = request.maxOutputTokens
  if (asked === undefined || asked === null) return traits.maxTokens
  if (!traits.limited || asked <= traits.maxTokens) return asked
  warnChanged(context, 'max_tokens', `This model answers with at most ${traits.maxTokens} tokens.`)
  return traits.maxTokens
}

function stopSequences(stop: ChatRequest['stop'], context: CodecContext): readonly string[] {
  const all = isString(stop) ? [stop] : (stop ?? [])
  const visible = all.filter((text) => text.trim() !== '')
  if (visible.length < all.length) warnDropped(context, 'stop', 'A stop sequence of white space only')
  return visible
}

/** @returns whether a tool has to be called. */
function writeTools(
  wire: Record<string, unknown>,
  request: ChatRequest,
  traits: ModelTraits,
  context: CodecContext,
): boolean {
  const { tools, toolChoice, parallelToolCalls } = request
  const encoded = (tools ?? []).map((tool, index) => encodeTool(tool, traits.jsonSchema, context, `tools[${index}]`))
  const written = encoded.filter((tool) => tool !== undefined)
  if (written.length === 0) return false
  wire['tools'] = written
  let choice = toolChoice === undefined ? undefined : encodeToolChoice(toolChoice, context)
  if (!traits.forcedTools && (choice?.['type'] === 'any' || choice?.['type'] === 'tool')) {
    warnChanged(context, 'tool_choice', 'This model cannot be made to call a tool; it is left to choose.')
    choice = { type: 'auto' }
  }
  if (parallelToolCalls === false && choice?.['type'] !== 'none') {
    choice = { ...(choice ?? { type: 'auto' }), disable_parallel_tool_use: true }
  }
  if (choice !== undefined) wire['tool_choice'] = choice
  return choice?.['type'] === 'any' || choice?.['type'] === 'tool'
}

/** While thinking with a budget, an assistant's turn with calls must begin with its thinking. */
function isUnsignedLoop(messages: readonly WireObject[]): boolean {
  const last = messages.at(-1)?.['content']
  if (!isArray(last) || !last.some((block) => isRecord(block) && block['type'] === 'tool_result')) return false
  const turn = messages.at(-2)?.['content']
  const first: unknown = isArray(turn) ? turn[0] : undefined
  return !(isRecord(first) && (first['type'] === 'thinking' || first['type'] === 'redacted_thinking'))
}

function isThinking({ thinking }: WireThinking, traits: ModelTraits): boolean {
  return thinking === undefined ? traits.thinks : thinking['type'] !== 'disabled'
}

function writeOutput(
  wire: Record<string, unknown>,
  request: ChatRequest,
  traits: ModelTraits,
  { thinking, effort }: WireThinking,
  context: CodecContext,
): void {
  if (thinking !== undefined) wire['thinking'] = thinking
  const format = request.responseFormat
  const schema =
    traits.jsonSchema && format?.type === 'json-schema' && format.schema !== undefined ? format.schema : undefined
  if (format !== undefined) kept(format.extensions, context, 'response_format')
  if (effort === undefined && schema === undefined) return
  wire['output_config'] = {
    ...(effort === undefined ? undefined : { effort }),
    ...(schema === undefined ? undefined : { format: { type: 'json_schema', schema: closedSchema(schema, context) } }),
  }
}

/** Where the model cannot be held to JSON it is told. */
function formatInstruction(request: ChatRequest, traits: ModelTraits, context: CodecContext): string | undefined {
  const format = request.responseFormat
  if (format?.type === 'json') {
    warnChanged(context, 'response_format', 'JSON is asked for in the system prompt.')
    return 'Answer with one JSON object and nothing else: no explanation, no code fence.'
  }
  if (format?.type !== 'json-schema' || (traits.jsonSchema && format.schema !== undefined)) return undefined
  warnChanged(context, 'response_format', 'JSON by a schema is asked for in the system prompt.')
  const schema =
    format.schema === undefined ? '' : `\n\nIt must match this JSON Schema:\n${JSON.stringify(format.schema)}`
  return `Answer with one JSON value and nothing else: no explanation, no code fence.${schema}`
}

function withInstruction(system: unknown, instruction: string): unknown {
  if (isArray(system)) return [...system, { type: 'text', text: instruction }]
  return isString(system) ? `${system}\n\n${instruction}` : instruction
}

function writeSampling(
  wire: Record<string, unknown>,
  request: ChatRequest,
  traits: ModelTraits,
  thinking: boolean,
  context: CodecContext,
): void {
  const { temperature, topP, topK } = request
  const refused = traits.sampling === 'none' ? 'of this model' : thinking ? 'while it reasons' : undefined
  for (const [name, value, usual] of [
    ['temperature', temperature, 1],
    ['top_p', topP, 1],
    ['top_k', topK, undefined],
  ] as const) {
    if (value === undefined || value === null) continue
    if (refused !== undefined) {
      if (value !== usual) warnDropped(context, name, `'${name}' ${refused}`)
    } else if (name === 'top_p' && traits.sampling === 'either' && 'temperature' in wire) {
      if (value !== usual) warnDropped(context, name, "'top_p' together with 'temperature'")
    } else wire[name] = name === 'temperature' ? clamped(value, context) : value
  }
}

function clamped(temperature: number, context: CodecContext): number {
  if (temperature <= 1) return Math.max(0, temperature)
  warnChanged(context, 'temperature', `The temperature ${temperature} is sent as 1, which is Anthropic's highest.`)
  return 1
}
