import type { CodecContext } from '../../dialect.ts'
import type { ReasoningPart } from '../../ir/chat.ts'
import { formOf, isRecord, isString, keep, kept, WireFields, type WireObject } from './wire.ts'

/** Where providers put the text of their reasoning; the first is the most common and what we write. */
export const reasoningFields = ['reasoning_content', 'reasoning'] as const

/**
 * One entry of `reasoning_details`, OpenRouter's form, which carries signatures and encrypted reasoning.
 * `undefined` when it is of no known kind.
 */
export function decodeReasoningDetail(wire: unknown): ReasoningPart | undefined {
  if (!isRecord(wire)) return undefined
  const fields = new WireFields(wire)
  const type = fields.take('type', isString)
  if (type === undefined || !Object.hasOwn(textMembers, type)) return undefined
  const member = textMembers[type as DetailType]
  const text = member === undefined ? undefined : fields.take(member, isString)
  const signature = fields.take('signature', isString)
  const encrypted = type === 'reasoning.encrypted' ? fields.take('data', isString) : undefined
  return {
    type: 'reasoning',
    text: text ?? '',
    ...(signature === undefined ? undefined : { signature }),
    ...(encrypted === undefined ? undefined : { encrypted }),
    ...keep(fields.rest(), { detail: type, ...(text === undefined ? { textless: true } : undefined) }),
  }
}

const textMembers = {
  'reasoning.text': 'text',
  'reasoning.summary': 'summary',
  'reasoning.encrypted': undefined,
} as const

export type DetailType = keyof typeof textMembers

/** The kind of `reasoning_details` entry that the part came from. */
export function detailType(part: ReasoningPart): DetailType | undefined {
  const type = formOf(part.extensions)?.['detail']
  return isString(type) && Object.hasOwn(textMembers, type) ? (type as DetailType) : undefined
}

/** Whether only an entry of `reasoning_details` can say all of the part. */
export function needsDetail(part: ReasoningPart): boolean {
  return detailType(part) !== undefined || part.signature !== undefined || part.encrypted !== undefined
}

export function encodeReasoningDetail(
  part: ReasoningPart,
  index: number,
  context: CodecContext,
  path: string,
): WireObject {
  const own = detailType(part)
  const type = own ?? (part.encrypted === undefined ? 'reasoning.text' : 'reasoning.encrypted')
  const member = textMembers[type]
  const form = formOf(part.extensions)
  const textless = form?.['plain'] === true || (form?.['textless'] === true && part.text === '')
  return {
    type,
    ...(own === undefined ? { index } : undefined),
    ...kept(part.extensions, context, path),
    ...(member === undefined || textless ? undefined : { [member]: part.text }),
    ...(part.signature === undefined ? undefined : { signature: part.signature }),
    ...(part.encrypted === undefined ? undefined : { data: part.encrypted }),
  }
}

/** Text that was said plainly, with the signature that a detail gave. */
export function signedPlain(detail: ReasoningPart, text: string): ReasoningPart {
  return {
    ...detail,
    text,
    extensions: { ...detail.extensions, ...keep(undefined, { ...formOf(detail.extensions), plain: true }).extensions },
  }
}

/** A fragment of an entry, for a stream. */
export function encodeDetailText(type: DetailType, rest: WireObject | undefined, text: string): WireObject {
  const member = textMembers[type]
  return { type, ...rest, ...(member === undefined ? undefined : { [member]: text }) }
}

/** Mistral's `{type: "thinking", thinking: [{type: "text", text}]}` inside a content array. */
export function decodeThinking(wire: WireObject): ReasoningPart | undefined {
  const text = thinkingText(wire['thinking'])
  if (text === undefined) return undefined
  const signature = wire['signature']
  return {
    type: 'reasoning',
    text,
    ...(isString(signature) ? { signature } : undefined),
    ...keep(undefined, { part: wire }),
  }
}

/** The content part that the reasoning was written as; `undefined` when it was not written as one. */
export function encodeThinking(part: ReasoningPart): WireObject | undefined {
  const wire = formOf(part.extensions)?.['part']
  if (!isRecord(wire)) return undefined
  const changed = thinkingText(wire['thinking']) !== part.text
  return changed ? { ...wire, thinking: [{ type: 'text', text: part.text }] } : wire
}

function thinkingText(thinking: unknown): string | undefined {
  if (isString(thinking)) return thinking
  if (!Array.isArray(thinking)) return undefined
  let text = ''
  for (const piece of thinking) {
    if (!isRecord(piece) || !isString(piece['text'])) return undefined
    text += piece['text']
  }
  return text
}
