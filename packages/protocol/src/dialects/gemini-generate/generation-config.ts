import type { CodecContext } from '../../dialect.ts'
import type { ChatRequest, ReasoningOptions, ResponseFormat } from '../../ir/chat.ts'
import { budgetFor, effortOf, levelFor, type ModelFamily } from './model-family.ts'
import { fromLegacySchema, toGeminiSchema } from './schema.ts'
import {
  drop,
  formOf,
  inner,
  isArray,
  isBoolean,
  isNumber,
  isRecord,
  isString,
  keep,
  kept,
  type Mutable,
  WireFields,
  type WireObject,
} from './wire.ts'

const isTexts = (value: unknown): value is readonly string[] => isArray(value) && value.every(isString)

/** Members of `generationConfig` that mean the same under another name. */
const fields: readonly (readonly [wire: string, neutral: keyof ChatRequest, isType: (value: unknown) => boolean])[] = [
  ['temperature', 'temperature', isNumber],
  ['topP', 'topP', isNumber],
  ['topK', 'topK', isNumber],
  ['maxOutputTokens', 'maxOutputTokens', isNumber],
  ['candidateCount', 'choiceCount', isNumber],
  ['stopSequences', 'stop', isTexts],
  ['seed', 'seed', isNumber],
  ['presencePenalty', 'presencePenalty', isNumber],
  ['frequencyPenalty', 'frequencyPenalty', isNumber],
  ['responseLogprobs', 'logprobs', isBoolean],
  ['logprobs', 'topLogprobs', isNumber],
]

/** Reads `generationConfig` into the request. @returns what is not known. https://ai.google.dev/api/generate-content#GenerationConfig */
export function decodeGenerationConfig(wire: WireObject, request: Mutable<ChatRequest>): WireObject | undefined {
  const config = new WireFields(wire)
  for (const [name, neutral, isType] of fields) {
    const value = wire[name]
    if (value === undefined || !isType(value)) continue
    config.skip(name)
    Object.assign(request, { [neutral]: value })
  }
  const modalities = wire['responseModalities']
  if (isTexts(modalities) && modalities.every((word) => /^[A-Z]+$/.test(word))) {
    config.skip('responseModalities')
    request.modalities = modalities.map((word) => word.toLowerCase())
  }
  const format = decodeFormat(config)
  if (format !== undefined) request.responseFormat = format
  const thinking = config.take('thinkingConfig', isRecord)
  if (thinking !== undefined) request.reasoning = decodeThinking(thinking)
  return config.rest()
}

function decodeFormat(config: WireFields): ResponseFormat | undefined {
  const { responseMimeType: type, responseJsonSchema: schema, responseSchema: legacy } = config.wire
  const known = type === 'text/plain' || type === 'application/json'
  if (!known || (type === 'text/plain' && (schema ?? legacy) !== undefined)) return undefined
  config.skip('responseMimeType')
  if (type === 'text/plain') return { type: 'text' }
  if (schema !== undefined) {
    config.skip('responseJsonSchema')
    return { type: 'json-schema', schema, ...keep(undefined, { json: true }) }
  }
  if (legacy === undefined) return { type: 'json' }
  config.skip('responseSchema')
  return { type: 'json-schema', schema: fromLegacySchema(legacy), ...keep(undefined, { legacy }) }
}

/** A budget of 0 is no reasoning, one of -1 is as much as the model thinks fit: the default. */
function decodeThinking(wire: WireObject): ReasoningOptions {
  const { thinkingBudget: budget, thinkingLevel: level } = wire
  const effort = isString(level) ? level.toLowerCase() : budget === 0 ? 'none' : undefined
  return {
    ...(effort !== undefined && effort !== 'thinking_level_unspecified' && { effort }),
    ...(isNumber(budget) && budget > 0 && { maxTokens: budget }),
    ...keep(undefined, { thinkingConfig: wire }),
  }
}

/** @param withTools whether functions are declared too. @returns `undefined` when there is nothing to say. */
export function encodeGenerationConfig(
  request: ChatRequest,
  family: ModelFamily,
  withTools: boolean,
  rest: WireObject | undefined,
  context: CodecContext,
): WireObject | undefined {
  const config: Record<string, unknown> = { ...rest }
  for (const [name, neutral] of fields) {
    const value = request[neutral]
    if (value !== undefined && value !== null) config[name] = name === 'stopSequences' ? stops(request, context) : value
  }
  if (!family.penalties) {
    for (const name of ['presencePenalty', 'frequencyPenalty']) {
      if (config[name] === undefined) continue
      delete config[name]
      drop(context, name, `'${name}' is not taken by this model`)
    }
  }
  if (request.modalities) config['responseModalities'] = request.modalities.map((word) => word.toUpperCase())
  if (request.responseFormat !== undefined)
    Object.assign(config, encodeFormat(request.responseFormat, whyNoSchema(request, family, withTools), context))
  const thinking = request.reasoning === undefined ? undefined : encodeThinking(request.reasoning, family, context)
  if (thinking !== undefined) config['thinkingConfig'] = thinking
  return Object.keys(config).length === 0 && rest === undefined ? undefined : config
}

const mostStops = 5

function stops({ stop, extensions }: ChatRequest, context: CodecContext): unknown {
  if (isString(stop)) return [stop]
  if (!isArray(stop) || stop.length <= mostStops || formOf(extensions) !== undefined) return stop
  drop(context, 'stop', `What is more than ${mostStops} stop sequences is not taken`)
  return stop.slice(0, mostStops)
}

/** Gemini 3 takes a schema beside tools where the model is free to call none; those before it never do. */
function whyNoSchema(
  { toolChoice, extensions }: ChatRequest,
  family: ModelFamily,
  withTools: boolean,
): string | undefined {
  if (!withTools) return undefined
  if (!family.schemaWithTools) return 'only where it has no tools'
  if (toolChoice === undefined || formOf(extensions) !== undefined) return undefined
  const forced = toolChoice.type === 'allowed' ? toolChoice.mode : toolChoice.type
  return forced === 'required' || forced === 'tool' ? 'only where it need not call a tool' : undefined
}

/** @param refused when this model writes JSON, where that is not now. */
function encodeFormat(
  format: ResponseFormat,
  refused: string | undefined,
  context: CodecContext,
): WireObject | undefined {
  const form = formOf(format.extensions)
  kept(format.extensions, context, 'response_format')
  if (format.type === 'other') return undefined
  if (format.type === 'text') return { responseMimeType: 'text/plain' }
  if (refused !== undefined) {
    const message = `This model writes JSON by a schema ${refused}; the schema was left out.`
    context.warn({ code: 'unsupported', path: 'response_format', message })
    return undefined
  }
  const json = { responseMimeType: 'application/json' }
  if (format.type === 'json') return json
  const { schema, description } = format
  const legacy = form?.['legacy']
  if (legacy !== undefined && JSON.stringify(fromLegacySchema(legacy)) === JSON.stringify(schema))
    return { ...json, responseSchema: legacy }
  if (form?.['json'] === true) return { ...json, responseJsonSchema: schema }
  if (schema === undefined) return json
  const written = toGeminiSchema(schema)
  const described = description !== undefined && isRecord(written) && written['description'] === undefined
  return { ...json, responseJsonSchema: described ? { ...written, description } : written }
}

function encodeThinking(
  reasoning: ReasoningOptions,
  family: ModelFamily,
  context: CodecContext,
): WireObject | undefined {
  const own = inner(formOf(reasoning.extensions), 'thinkingConfig')
  if (own !== undefined) return own
  kept(reasoning.extensions, context, 'reasoning')
  const { maxTokens } = reasoning
  const effort = reasoning.effort ?? (maxTokens === undefined ? undefined : effortOf(maxTokens))
  if (effort === undefined) return undefined
  const { thinking } = family
  if (thinking === undefined)
    return drop(context, 'reasoning', 'This model does not think before it answers, so that the effort has no place')
  if (thinking.kind === 'budget') {
    const asked = maxTokens ?? budgetFor(effort, thinking)
    const thinkingBudget =
      asked === 0 ? budgetFor('none', thinking) : Math.min(thinking.most, Math.max(thinking.least, asked))
    if (effort === 'none' && thinkingBudget > 0) cannotBeOff(context)
    return { thinkingBudget, ...(thinkingBudget > 0 && { includeThoughts: true }) }
  }
  const level = levelFor(effort, thinking)
  if (level === undefined) return drop(context, 'reasoning.effort', `'${effort}' is no effort that this model knows`)
  if (effort === 'none') cannotBeOff(context)
  else if (level !== effort || reasoning.effort === undefined || reasoning.effort === null) {
    const message = `The reasoning asked for is sent as the level '${level}'.`
    context.warn({ code: 'value-changed', path: 'reasoning', message })
  }
  return { thinkingLevel: level, ...(effort !== 'none' && { includeThoughts: true }) }
}

function cannotBeOff(context: CodecContext): void {
  const message = 'This model always thinks; it is asked to think as little as it can.'
  context.warn({ code: 'value-changed', path: 'reasoning', message })
}
