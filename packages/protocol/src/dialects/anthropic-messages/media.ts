import type { CodecContext } from '../../dialect.ts'
import type { ContentPart, FilePart, ImagePart, Media } from '../../ir/chat.ts'
import { inner, isRecord, isString, keep, kept, nest, warnDropped, WireFields, type WireObject } from './wire.ts'

/** Reads the `source` of an image or document; `undefined` for one that the neutral form cannot say. */
function decodeSource(
  fields: WireFields,
): { readonly media: Media; readonly rest: WireObject | undefined } | undefined {
  const wire = fields.wire['source']
  if (!isRecord(wire)) return undefined
  const source = new WireFields(wire)
  source.skip('type')
  const media = mediaOf(wire['type'], source)
  return media === undefined ? undefined : { media, rest: source.rest() }
}

function mediaOf(type: unknown, source: WireFields): Media | undefined {
  if (type === 'url') {
    const url = source.take('url', isString)
    return url === undefined ? undefined : { from: 'url', url }
  }
  if (type === 'file') {
    const fileId = source.take('file_id', isString)
    return fileId === undefined ? undefined : { from: 'file', fileId }
  }
  if (type !== 'base64') return undefined
  const mediaType = source.take('media_type', isString)
  const data = source.take('data', isString)
  return mediaType === undefined || data === undefined ? undefined : { from: 'base64', mediaType, data }
}

export function decodeImage(wire: WireObject): ImagePart | undefined {
  const fields = new WireFields(wire)
  const source = decodeSource(fields)
  if (source === undefined) return undefined
  fields.skip('type')
  fields.skip('source')
  return { type: 'image', media: source.media, ...keep(nest(fields.rest(), 'source', source.rest)) }
}

/** A document given as plain text is a text part, which every wire can say. */
export function decodeDocument(wire: WireObject): ContentPart | undefined {
  const fields = new WireFields(wire)
  fields.skip('type')
  fields.skip('source')
  const source = wire['source']
  if (isRecord(source) && source['type'] === 'text' && isString(source['data'])) {
    const { data, ...others } = source
    return { type: 'text', text: data, ...keep(fields.rest(), { source: others }) }
  }
  const decoded = decodeSource(fields)
  if (decoded === undefined) return undefined
  const filename = fields.take('title', isString)
  return {
    type: 'file',
    media: decoded.media,
    ...(filename === undefined ? undefined : { filename }),
    ...keep(nest(fields.rest(), 'source', decoded.rest)),
  }
}

function encodeSource(media: Media, rest: WireObject | undefined): WireObject {
  const others = inner(rest, 'source')
  switch (media.from) {
    case 'url':
      return { ...others, type: 'url', url: media.url }
    case 'file':
      return { ...others, type: 'file', file_id: media.fileId }
    case 'base64':
      return { ...others, type: 'base64', media_type: media.mediaType, data: media.data }
  }
}

export function encodeImage(part: ImagePart, context: CodecContext, path: string): WireObject {
  if (part.detail !== undefined && part.detail !== 'auto')
    warnDropped(context, `${path}.detail`, 'The detail of an image')
  const rest = kept(part.extensions, context, path)
  const { media } = part
  const known =
    media.from === 'base64' && media.mediaType === 'image/jpg' ? { ...media, mediaType: 'image/jpeg' } : media
  return { type: 'image', ...rest, source: encodeSource(known, rest) }
}

/** `undefined`, with a warning, for a file that Claude cannot read: it takes PDF, plain text and images. */
export function encodeFile(part: FilePart, context: CodecContext, path: string): WireObject | undefined {
  const rest = kept(part.extensions, context, path)
  const title = part.filename === undefined ? undefined : { title: part.filename }
  const media = part.media.from === 'base64' ? withType(part.media, part.filename) : part.media
  if (media.from !== 'base64' || media.mediaType === 'application/pdf') {
    return { type: 'document', ...rest, source: encodeSource(media, rest), ...title }
  }
  if (media.mediaType.startsWith('image/')) return { type: 'image', ...rest, source: encodeSource(media, rest) }
  const text = /^(text\/|application\/(json|xml|yaml)\b)/.test(media.mediaType) ? decodeText(media.data) : undefined
  if (text !== undefined) {
    return { type: 'document', ...rest, source: { type: 'text', media_type: 'text/plain', data: text }, ...title }
  }
  if (rest !== undefined) return { type: 'document', ...rest, source: encodeSource(media, rest), ...title }
  return warnDropped(context, path, `A file of type '${media.mediaType}'`)
}

type Base64 = Media & { readonly from: 'base64' }

/** Bare base64 does not say what it is; a PDF begins with `%PDF`. */
function withType(media: Base64, filename: string | undefined): Base64 {
  if (media.mediaType !== '') return media
  const isPdf = media.data.startsWith('JVBER') || filename?.toLowerCase().endsWith('.pdf') === true
  return isPdf ? { ...media, mediaType: 'application/pdf' } : media
}

function decodeText(base64: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
