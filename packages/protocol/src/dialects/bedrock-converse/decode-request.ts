import { SluiceError } from '../../errors/sluice-error.ts'
import type { ChatRequest } from '../../ir/chat.ts'
import { decodeMessages, decodeSystem } from './decode-messages.ts'
import { decodeFormat } from './output-format.ts'
import { decodeReasoning } from './reasoning.ts'
import { decodeToolChoice, decodeTools } from './tool.ts'
import {
  isArray,
  isNumber,
  isRecord,
  isString,
  keep,
  leftOf,
  type Mutable,
  nest,
  WireFields,
  type WireObject,
} from './wire.ts'

/**
 * Reads the body of `Converse` and `ConverseStream`; the model's id and the wish for a stream stand in the path, so that
 * `model` is empty here. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
export function decodeRequest(wire: unknown): ChatRequest {
  if (!isRecord(wire)) throw new SluiceError('invalid_request', 'The body must be a JSON object.')
  const fields = new WireFields(wire)
  const system = fields.take('system', isArray)
  const messages = fields.take('messages', isArray)
  const request: Mutable<ChatRequest> = {
    model: '',
    messages: [...(system === undefined ? [] : [decodeSystem(system)]), ...decodeMessages(messages ?? [])],
  }
  const inference = decodeInference(fields, request)
  const tools = decodeToolConfig(fields, request)
  const [additional, output] = decodeAdditional(fields, request)
  const tier = fields.take('serviceTier', isTier)
  if (tier !== undefined) request.serviceTier = tier.type
  const metadata = fields.take('requestMetadata', isMetadata)
  if (metadata !== undefined) request.metadata = metadata
  let rest = fields.rest()
  rest = nest(rest, 'inferenceConfig', inference)
  rest = nest(rest, 'toolConfig', tools)
  rest = nest(rest, 'additionalModelRequestFields', additional)
  rest = nest(rest, 'outputConfig', output)
  return Object.assign(request, keep(rest, messages === undefined ? { messages: false } : {}))
}

const isTier = (value: unknown): value is { readonly type: string } =>
  isRecord(value) && isString(value['type']) && Object.keys(value).length === 1

const isMetadata = (value: unknown): value is Readonly<Record<string, string>> =>
  isRecord(value) && Object.values(value).every(isString)

const isStrings = (value: unknown): value is readonly string[] => isArray(value) && value.every(isString)

/** Members of `inferenceConfig`. */
export const inferenceFields: readonly (readonly [
  wire: string,
  neutral: 'maxOutputTokens' | 'temperature' | 'topP' | 'stop',
  isType: (value: unknown) => value is unknown,
])[] = [
  ['maxTokens', 'maxOutputTokens', isNumber],
  ['temperature', 'temperature', isNumber],
  ['topP', 'topP', isNumber],
  ['stopSequences', 'stop', isStrings],
]

/** @returns the members that nobody took; as do those that follow. */
function decodeInference(fields: WireFields, request: Mutable<ChatRequest>): WireObject | undefined {
  const config = fields.take('inferenceConfig', isRecord)
  const members = new WireFields(config ?? {})
  for (const [name, neutral, isType] of inferenceFields) {
    const value = members.take(name, isType)
    if (value !== undefined) Object.assign(request, { [neutral]: value })
  }
  return leftOf(config, members.rest())
}

function decodeToolConfig(fields: WireFields, request: Mutable<ChatRequest>): WireObject | undefined {
  const config = fields.take('toolConfig', isRecord)
  const members = new WireFields(config ?? {})
  const tools = members.take('tools', isArray)
  if (tools !== undefined) request.tools = decodeTools(tools)
  const choice = members.take('toolChoice', isRecord)
  if (choice !== undefined) request.toolChoice = decodeToolChoice(choice)
  return leftOf(config, members.rest())
}

function decodeAdditional(
  fields: WireFields,
  request: Mutable<ChatRequest>,
): readonly [additional: WireObject | undefined, output: WireObject | undefined] {
  const additional = fields.take('additionalModelRequestFields', isRecord)
  const output = fields.take('outputConfig', isRecord)
  const model = new WireFields(additional ?? {})
  const config = new WireFields(output ?? {})
  const topK = model.take('top_k', isNumber)
  if (topK !== undefined) request.topK = topK
  const reasoning = decodeReasoning(model, config.take('effort', isString))
  if (reasoning !== undefined) request.reasoning = reasoning
  const format = decodeFormat(config.wire['textFormat'])
  if (format !== undefined) {
    config.skip('textFormat')
    request.responseFormat = format
  }
  return [leftOf(additional, model.rest()), leftOf(output, config.rest())]
}
