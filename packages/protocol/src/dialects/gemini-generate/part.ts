import type { CodecContext } from '../../dialect.ts'
import type { ContentPart } from '../../ir/chat.ts'
import { decodeFunctionCall, encodeFunctionCall } from './function-call.ts'
import { decodeFileData, decodeInlineData, encodeMedia } from './media.ts'
import { drop, isFilled, isRecord, isString, keep, kept, WireFields, type WireObject } from './wire.ts'

/**
 * Reads one `Part`. What is not known, such as code that the provider ran itself, is kept whole.
 * https://ai.google.dev/api/caching#Part
 */
export function decodePart(wire: WireObject, callId: string): ContentPart {
  return decodeKnown(wire, callId) ?? { type: 'other', extensions: keep(wire).extensions ?? {} }
}

function decodeKnown(wire: WireObject, callId: string): ContentPart | undefined {
  const fields = new WireFields(wire)
  const thought = wire['thought'] === true
  const text = fields.take('text', isString)
  if (text !== undefined) {
    if (!thought) return { type: 'text', text, ...keep(fields.rest()) }
    fields.skip('thought')
    const signature = fields.take('thoughtSignature', isFilled)
    return {
      type: 'reasoning',
      text,
      ...(signature !== undefined && { signature }),
      ...keep(fields.rest(), { thought: true }),
    }
  }
  const call = fields.take('functionCall', isRecord)
  if (call !== undefined) return decodeFunctionCall(fields, new WireFields(call), callId)
  // A picture drawn while thinking is no answer.
  if (thought) return undefined
  const inline = fields.take('inlineData', isRecord)
  if (inline !== undefined) return decodeInlineData(fields, new WireFields(inline))
  const file = fields.take('fileData', isRecord)
  return file === undefined ? undefined : decodeFileData(fields, new WireFields(file))
}

/** Writes one `Part`; `undefined`, with a warning, when this wire cannot say it. */
export function encodePart(part: ContentPart, context: CodecContext, path: string): WireObject | undefined {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return { ...kept(part.extensions, context, path), text: part.text }
    case 'reasoning':
      return {
        ...kept(part.extensions, context, path),
        text: part.text,
        thought: true,
        // Of another vendor's model, whose caller speaks this wire and hands it back as any of Google's.
        ...(part.signature !== undefined && { thoughtSignature: part.signature }),
      }
    case 'tool-call':
      return encodeFunctionCall(part, context, path)
    case 'image':
    case 'audio':
    case 'file':
      return encodeMedia(part, context, path)
    case 'other': {
      const wire = kept(part.extensions, context, path)
      if (wire === undefined) drop(context, path, 'This part is known to another dialect only')
      return wire
    }
  }
}
