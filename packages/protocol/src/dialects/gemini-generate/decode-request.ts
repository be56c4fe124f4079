import { SluiceError } from '../../errors/sluice-error.ts'
import type { ChatMessage, ChatRequest } from '../../ir/chat.ts'
import { toCamelCase } from './camel-case.ts'
import { decodeContents } from './decode-contents.ts'
import { decodeGenerationConfig } from './generation-config.ts'
import { decodePart } from './part.ts'
import { decodeToolChoice, decodeTools } from './tool.ts'
import { invalid, isArray, isRecord, isString, keep, type Mutable, nest, WireFields, type WireObject } from './wire.ts'

/**
 * Reads the body of `:generateContent` and `:streamGenerateContent`; the model's name and the wish for a stream stand
 * in the path, so that `model` is empty here. https://ai.google.dev/api/generate-content#request-body
 */
export function decodeRequest(body: unknown): ChatRequest {
  const wire = toCamelCase(body)
  if (!isRecord(wire)) throw new SluiceError('invalid_request', 'The body must be a JSON object.')
  const fields = new WireFields(wire)
  const contents = fields.take('contents', isArray) ?? single(fields.take('contents', isContent))
  if (contents === undefined) throw invalid('contents', 'must be an array')
  const system = fields.take('systemInstruction', isContent)
  const request: Mutable<ChatRequest> = {
    model: '',
    messages: [...(system === undefined ? [] : [decodeSystem(system)]), ...decodeContents(contents)],
  }
  const config = fields.take('generationConfig', isRecord)
  const configRest = config === undefined ? undefined : decodeGenerationConfig(config, request)
  const tools = fields.take('tools', isArray)
  if (tools !== undefined) request.tools = decodeTools(tools)
  const toolConfig = fields.take('toolConfig', isRecord)
  const toolFields = toolConfig === undefined ? undefined : new WireFields(toolConfig)
  const choice = toolFields?.take('functionCallingConfig', isRecord)
  if (choice !== undefined) request.toolChoice = decodeToolChoice(choice)
  const tier = fields.take('serviceTier', isString)
  if (tier !== undefined) request.serviceTier = tier === 'standard' ? 'default' : tier
  const rest = nest(nest(fields.rest(), 'generationConfig', configRest), 'toolConfig', toolFields?.rest())
  const form = { config: config !== undefined, toolConfig: toolConfig !== undefined }
  return Object.assign(request, keep(rest, form))
}

const isContent = (value: unknown): value is string | WireObject => isString(value) || isRecord(value)

/** Google's JSON takes one value for a list of one. */
function single(content: unknown): readonly unknown[] | undefined {
  return content === undefined ? undefined : [content]
}

function decodeSystem(wire: string | WireObject): ChatMessage {
  if (isString(wire)) return { role: 'system', content: wire }
  const fields = new WireFields(wire)
  const { parts } = wire
  fields.skip('parts')
  if (parts === undefined) return { role: 'system', ...keep(fields.rest(), { system: true }) }
  const list = isArray(parts) ? parts : [parts]
  const content = list.map((part, index) => {
    if (isRecord(part)) return decodePart(part, `call_system_${index}`)
    throw invalid(`systemInstruction.parts[${index}]`, 'must be an object')
  })
  const [only] = content
  const plain = content.length === 1 && only?.type === 'text' && only.extensions === undefined
  return { role: 'system', content: plain ? only.text : content, ...keep(fields.rest(), { system: true }) }
}
