import type { CodecContext } from '../../dialect.ts'
import type { ChatRequest } from '../../ir/chat.ts'
import { inferenceFields } from './decode-request.ts'
import { encodeForeign } from './encode-foreign-request.ts'
import { encodeOwnMessages } from './encode-messages.ts'
import { encodeFormat } from './output-format.ts'
import { ownReasoning } from './reasoning.ts'
import { encodeToolChoice, encodeTools } from './tool.ts'
import { formOf, inner, isString, kept, type WireObject } from './wire.ts'

/**
 * Writes the body of a request: as it was, where it came from this wire, else as the model takes it. Which model it is
 * and whether it streams is for the path to say.
 */
export function encodeRequest(request: ChatRequest, context: CodecContext): WireObject {
  return formOf(request.extensions) === undefined ? encodeForeign(request, context) : encodeOwn(request, context)
}

function encodeOwn(request: ChatRequest, context: CodecContext): WireObject {
  const { tools, toolChoice, topK, responseFormat, serviceTier, metadata } = request
  const rest = kept(request.extensions, context, '')
  const { messages, ...system } = encodeOwnMessages(request.messages, context)
  const wire: Record<string, unknown> = { ...rest, ...system }
  if (messages.length > 0 || formOf(request.extensions)?.['messages'] !== false) wire['messages'] = messages

  const put = (name: string, said: WireObject): void => {
    if (Object.keys(said).length > 0) wire[name] = { ...inner(rest, name), ...said }
  }
  const inference = inferenceFields.flatMap(([name, neutral]) =>
    request[neutral] === undefined ? [] : [[name, request[neutral]]],
  )
  put('inferenceConfig', Object.fromEntries(inference) as WireObject)
  const choice = toolChoice && encodeToolChoice(toolChoice, context)
  put('toolConfig', {
    ...(tools && { tools: encodeTools(tools, context) }),
    ...(choice && { toolChoice: choice }),
  })
  const { fields, effort } = ownReasoning(request.reasoning)
  put('additionalModelRequestFields', { ...fields, ...(topK !== undefined && { top_k: topK }) })
  const format = responseFormat?.type === 'json-schema' ? responseFormat : undefined
  put('outputConfig', {
    ...(effort !== undefined && { effort }),
    ...(format && { textFormat: encodeFormat(format, format.schema, context) }),
  })
  if (isString(serviceTier)) wire['serviceTier'] = { type: serviceTier }
  if (metadata) wire['requestMetadata'] = metadata
  return wire
}
