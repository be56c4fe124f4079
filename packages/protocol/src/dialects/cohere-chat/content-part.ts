import type { CodecContext } from '../../dialect.ts'
import type { ContentPart, ImagePart, Media, TextPart } from '../../ir/chat.ts'
import {
  change,
  drop,
  formOf,
  inner,
  invalid,
  isRecord,
  isString,
  keep,
  kept,
  nest,
  WireFields,
  type WireObject,
} from './wire.ts'

/** Reads one entry of a message's content. An entry of an unknown type is kept whole. */
export function decodePart(wire: unknown, path: string): ContentPart {
  if (!isRecord(wire)) throw invalid(path, 'must be an object with a `type`')
  return decodeKnown(wire) ?? { type: 'other', extensions: keep(wire).extensions ?? {} }
}

function decodeKnown(wire: WireObject): ContentPart | undefined {
  const fields = new WireFields(wire)
  fields.skip('type')
  switch (wire['type']) {
    case 'text': {
      const text = fields.take('text', isString)
      return text === undefined ? undefined : { type: 'text', text, ...keep(fields.rest()) }
    }
    case 'thinking': {
      const text = fields.take('thinking', isString)
      return text === undefined ? undefined : { type: 'reasoning', text, ...keep(fields.rest()) }
    }
    case 'image_url':
      return decodeImage(fields)
    case 'document': {
      const text = documentText(wire)
      return text === undefined ? undefined : { type: 'text', text, ...keep(undefined, { document: wire }) }
    }
    default:
      return undefined
  }
}

/** What a tool returned as a document is text to others: its data, as JSON where it is not text already. */
function documentText(wire: WireObject): string | undefined {
  const data = inner(wire, 'document')?.['data']
  if (isString(data)) return data
  return isRecord(data) ? JSON.stringify(data) : undefined
}

function decodeImage(fields: WireFields): ImagePart | undefined {
  const image = fields.take('image_url', isRecord)
  if (image === undefined) return undefined
  const details = new WireFields(image)
  const url = details.take('url', isString)
  if (url === undefined) return undefined
  const detail = details.take('detail', isString)
  return {
    type: 'image',
    media: decodeUrl(url),
    ...(detail !== undefined && { detail }),
    ...keep(nest(fields.rest(), 'image_url', details.rest())),
  }
}

const dataUrlStart = /^data:([^,]{0,200}?);base64,/

function decodeUrl(url: string): Media {
  const start = dataUrlStart.exec(url)
  return start === null
    ? { from: 'url', url }
    : { from: 'base64', mediaType: start[1] ?? '', data: url.slice(start[0].length) }
}

/** Writes one entry of a message's content; `undefined`, with a warning, when this wire cannot say it. */
export function encodePart(part: ContentPart, context: CodecContext, path: string): WireObject | undefined {
  switch (part.type) {
    case 'text':
      return encodeText(part, context, path)
    case 'reasoning': {
      const rest = kept(part.extensions, context, path)
      if (part.text === '' && (part.encrypted !== undefined || part.signature !== undefined)) {
        return drop(context, path, 'Reasoning that only its provider can read has no place in this dialect')
      }
      if (part.signature !== undefined) change(context, path, 'Reasoning is told without its signature.')
      return { type: 'thinking', ...rest, thinking: part.text }
    }
    case 'refusal':
      change(context, path, 'A refusal is told as text.')
      return { type: 'text', ...kept(part.extensions, context, path), text: part.text }
    case 'image':
      return encodeImage(part, context, path)
    case 'other':
      return kept(part.extensions, context, path) ?? drop(context, path, 'This part has no place in this dialect')
    case 'audio':
    case 'file':
      return drop(context, path, `A part of type ${part.type} has no place in this dialect`)
    case 'tool-call':
      return drop(context, path, 'A tool call outside an assistant message has no place')
  }
}

function encodeText(part: TextPart, context: CodecContext, path: string): WireObject {
  const document = formOf(part.extensions)?.['document']
  if (isRecord(document) && documentText(document) === part.text) return document
  return { type: 'text', ...kept(part.extensions, context, path), text: part.text }
}

function encodeImage(
  { media, detail, extensions }: ImagePart,
  context: CodecContext,
  path: string,
): WireObject | undefined {
  const rest = kept(extensions, context, path)
  if (media.from === 'file') return drop(context, path, 'An image that is named by a file id has no place')
  const url = media.from === 'url' ? media.url : `data:${media.mediaType};base64,${media.data}`
  return {
    type: 'image_url',
    ...rest,
    image_url: { ...inner(rest, 'image_url'), url, ...(detail !== undefined && { detail }) },
  }
}
