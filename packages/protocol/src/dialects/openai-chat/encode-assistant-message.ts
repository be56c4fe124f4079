import type { CodecContext, ReasoningMember } from '../../dialect.ts'
import type { AudioPart, ContentPart, ReasoningPart, TextPart } from '../../ir/chat.ts'
import { encodeAnnotation } from './annotation.ts'
import { encodeContentPart } from './content-part.ts'
import { encodeReasoningDetail, encodeThinking, needsDetail, detailType, reasoningFields } from './reasoning.ts'
import { encodeFunctionCall, encodeToolCall, isFunctionCall } from './tool-call.ts'
import { formOf, kept, type WireObject } from './wire.ts'

/**
 * Writes the members of an assistant's message that say something.
 *
 * @param form as `decodeAssistantMessage` noted it; `undefined` for a message from another dialect.
 * @param place in a request, reasoning from another dialect is left out unless it is wanted: OpenAI refuses unknown
 *   members there.
 */
export function encodeAssistantMessage(
  parts: readonly ContentPart[],
  form: WireObject | undefined,
  place: 'request' | 'result',
  context: CodecContext,
  path: string,
): WireObject {
  const sorted = sortParts(parts)
  const message: Record<string, unknown> = form === undefined ? {} : { ...form }
  if (form === undefined) {
    message['content'] = null
    if (place === 'result') message['refusal'] = null
  }
  const wanted = parts.some((part) => part.type === 'tool-call') ? context.reasoningMember : undefined
  if (form === undefined && place === 'request' && sorted.reasoning.every(isForeign))
    writeForeignReasoning(message, sorted.reasoning, wanted, context, path)
  else writeReasoning(message, sorted.reasoning, form, context, path)
  writeContent(message, sorted.content, form, place, context, path)
  if (sorted.refusal !== '') message['refusal'] = sorted.refusal
  if (sorted.audio !== undefined) message['audio'] = encodeMessageAudio(sorted.audio, context, path)

  const calls: WireObject[] = []
  for (const part of parts) {
    if (part.type !== 'tool-call') continue
    if (isFunctionCall(part)) message['function_call'] = encodeFunctionCall(part, context, `${path}function_call`)
    else calls.push(encodeToolCall(part, context, `${path}tool_calls[${calls.length}]`))
  }
  if (calls.length > 0) message['tool_calls'] = calls
  return message
}

interface SortedParts {
  readonly reasoning: ReasoningPart[]
  /** What stands in `content`. */
  readonly content: ContentPart[]
  refusal: string
  audio: AudioPart | undefined
}

function sortParts(parts: readonly ContentPart[]): SortedParts {
  const sorted: SortedParts = { reasoning: [], content: [], refusal: '', audio: undefined }
  for (const part of parts) {
    if (part.type === 'refusal' && formOf(part.extensions)?.['inContent'] !== true) sorted.refusal += part.text
    else if (part.type === 'audio') sorted.audio = part
    else if (part.type === 'reasoning' && encodeThinking(part) === undefined) sorted.reasoning.push(part)
    else if (part.type !== 'tool-call') sorted.content.push(part)
  }
  return sorted
}

function writeContent(
  message: Record<string, unknown>,
  parts: readonly ContentPart[],
  form: WireObject | undefined,
  place: 'request' | 'result',
  context: CodecContext,
  path: string,
): void {
  const texts = parts.filter((part) => part.type === 'text')
  const many = place === 'request' && form === undefined && texts.length > 1
  if (Array.isArray(form?.['content']) || many || texts.length < parts.length) {
    const encoded = parts.map((part, index) => encodeContentPart(part, context, `${path}content[${index}]`))
    const written = encoded.filter((part) => part !== undefined)
    if (Array.isArray(form?.['content']) || many || written.length > texts.length) message['content'] = written
    else if (texts.length > 0) message['content'] = joinTexts(texts)
  } else if (texts.length > 0) {
    for (const part of texts) kept(part.extensions, context, `${path}content`)
    message['content'] = joinTexts(texts)
  }
  writeAnnotations(message, texts, context)
}

function joinTexts(texts: readonly TextPart[]): string {
  return texts.length === 1 ? texts[0]!.text : texts.map((part) => part.text).join('')
}

function writeAnnotations(message: Record<string, unknown>, texts: readonly TextPart[], context: CodecContext): void {
  const annotations: WireObject[] = []
  let offset = 0
  for (const part of texts) {
    for (const annotation of part.annotations ?? []) {
      const encoded = encodeAnnotation(annotation, offset, context)
      if (encoded !== undefined) annotations.push(encoded)
    }
    offset += part.text.length
  }
  if (annotations.length > 0) message['annotations'] = annotations
}

function isForeign({ extensions }: ReasoningPart): boolean {
  return formOf(extensions) === undefined
}

function writeForeignReasoning(
  message: Record<string, unknown>,
  parts: readonly ReasoningPart[],
  wanted: ReasoningMember | undefined,
  context: CodecContext,
  path: string,
): void {
  if (parts.length === 0) return
  const text = parts.map((part) => part.text).join('')
  if (wanted === 'reasoning_details') {
    message[wanted] = parts.map((part, index) =>
      encodeReasoningDetail(part, index, context, `${path}${wanted}[${index}]`),
    )
  } else if (wanted !== undefined && text !== '') message[wanted] = text
  else {
    context.warn({
      code: 'field-dropped',
      path: `${path}reasoning`,
      message: 'Reasoning of earlier turns has no place in this dialect and was left out.',
    })
  }
}

function writeReasoning(
  message: Record<string, unknown>,
  parts: readonly ReasoningPart[],
  form: WireObject | undefined,
  context: CodecContext,
  path: string,
): void {
  for (const name of reasoningFields) if (form?.[name] === true) message[name] = ''
  if (parts.length === 0) return
  const plain = parts.filter((part) => detailType(part) === undefined)
  const text = (plain.length > 0 ? plain : parts).map((part) => part.text).join('')
  if (form === undefined) {
    if (text !== '') message[reasoningFields[0]] = text
  } else {
    for (const name of reasoningFields) if (form[name] === true) message[name] = text
  }
  const details = form === undefined ? parts : parts.filter(needsDetail)
  if (details.some(needsDetail)) {
    message['reasoning_details'] = details.map((part, index) =>
      encodeReasoningDetail(part, index, context, `${path}reasoning_details[${index}]`),
    )
  } else for (const part of parts) kept(part.extensions, context, `${path}reasoning`)
}

function encodeMessageAudio(part: AudioPart, context: CodecContext, path: string): WireObject {
  return {
    ...kept(part.extensions, context, `${path}audio`),
    ...(part.id === undefined ? undefined : { id: part.id }),
    ...(part.data === undefined ? undefined : { data: part.data }),
    ...(part.expiresAt === undefined ? undefined : { expires_at: part.expiresAt }),
    ...(part.transcript === undefined ? undefined : { transcript: part.transcript }),
  }
}
