import type { CodecContext } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import type { AudioPart, ContentPart, FilePart, ImagePart, Media, TextPart } from '../../ir/chat.ts'
import { decodeThinking, encodeThinking } from './reasoning.ts'
import { formOf, inner, isRecord, isString, keep, kept, nest, WireFields, type WireObject } from './wire.ts'

/** Reads one entry of a content array. An entry of an unknown type is kept whole. */
export function decodeContentPart(wire: unknown, path: string): ContentPart {
  if (isString(wire)) return { type: 'text', text: wire, ...keep(undefined, { bare: true }) }
  if (!isRecord(wire)) {
    throw new SluiceError('invalid_request', `\`${path}\` must be an object with a \`type\`.`, { param: path })
  }
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
    case 'refusal': {
      const text = fields.take('refusal', isString)
      return text === undefined ? undefined : { type: 'refusal', text, ...keep(fields.rest(), { inContent: true }) }
    }
    case 'thinking':
      return decodeThinking(wire)
    case 'image_url':
      return decodeImage(fields)
    case 'input_audio':
      return decodeAudio(fields)
    case 'file':
      return decodeFile(fields)
    default:
      return undefined
  }
}

function decodeImage(fields: WireFields): ImagePart | undefined {
  const bare = fields.take('image_url', isString)
  if (bare !== undefined) {
    return { type: 'image', media: decodeUrl(bare), ...keep(fields.rest(), { bare: true }) }
  }
  const image = fields.take('image_url', isRecord)
  if (image === undefined) return undefined
  const details = new WireFields(image)
  const url = details.take('url', isString)
  if (url === undefined) return undefined
  const detail = details.take('detail', isString)
  return {
    type: 'image',
    media: decodeUrl(url),
    ...(detail === undefined ? undefined : { detail }),
    ...keep(nest(fields.rest(), 'image_url', details.rest())),
  }
}

function decodeAudio(fields: WireFields): AudioPart | undefined {
  const audio = fields.take('input_audio', isRecord)
  if (audio === undefined) return undefined
  const details = new WireFields(audio)
  const data = details.take('data', isString)
  const format = details.take('format', isString)
  return {
    type: 'audio',
    ...(data === undefined ? undefined : { data }),
    ...(format === undefined ? undefined : { format }),
    ...keep(nest(fields.rest(), 'input_audio', details.rest())),
  }
}

function decodeFile(fields: WireFields): FilePart | undefined {
  const file = fields.take('file', isRecord)
  if (file === undefined) return undefined
  const details = new WireFields(file)
  const data = details.take('file_data', isString)
  const fileId = data === undefined ? details.take('file_id', isString) : undefined
  const media = data !== undefined ? decodeFileData(data) : fileId !== undefined ? fileMedia(fileId) : undefined
  if (media === undefined) return undefined
  const filename = details.take('filename', isString)
  return {
    type: 'file',
    media,
    ...(filename === undefined ? undefined : { filename }),
    ...keep(
      nest(fields.rest(), 'file', details.rest()),
      media.from === 'base64' && media.data === data ? { bare: true } : undefined,
    ),
  }
}

const fileMedia = (fileId: string): Media => ({ from: 'file', fileId })

const dataUrlStart = /^data:([^,]{0,200}?);base64,/

function decodeUrl(url: string): Media {
  const start = dataUrlStart.exec(url)
  return start === null
    ? { from: 'url', url }
    : { from: 'base64', mediaType: start[1] ?? '', data: url.slice(start[0].length) }
}

/** File data is a data URL; some clients send a plain URL or bare base64. */
function decodeFileData(data: string): Media {
  const media = decodeUrl(data)
  if (media.from !== 'url' || /^(https?|data):/.test(data)) return media
  return { from: 'base64', mediaType: '', data }
}

function encodeUrl(media: Media & { from: 'url' | 'base64' }): string {
  return media.from === 'url' ? media.url : `data:${media.mediaType};base64,${media.data}`
}

/** Writes one entry of a content array; `undefined`, with a warning, when this wire cannot say it. */
export function encodeContentPart(part: ContentPart, context: CodecContext, path: string): unknown {
  switch (part.type) {
    case 'text':
      return encodeText(part, context, path)
    case 'refusal':
      return { type: 'refusal', ...kept(part.extensions, context, path), refusal: part.text }
    case 'image':
      return encodeImage(part, context, path)
    case 'audio': {
      const rest = kept(part.extensions, context, path)
      const { data, format } = part
      const audio = {
        ...(data === undefined ? undefined : { data }),
        ...(format === undefined ? undefined : { format }),
      }
      return { type: 'input_audio', ...rest, input_audio: { ...inner(rest, 'input_audio'), ...audio } }
    }
    case 'file':
      return encodeFile(part, context, path)
    case 'other': {
      const wire = kept(part.extensions, context, path)
      if (wire === undefined) dropPart(context, path, 'This part')
      return wire
    }
    case 'reasoning': {
      const wire = encodeThinking(part)
      if (wire === undefined) dropPart(context, path, 'Reasoning')
      return wire
    }
    case 'tool-call':
      return dropPart(context, path, 'A tool call outside an assistant message')
  }
}

function dropPart(context: CodecContext, path: string, what: string): undefined {
  context.warn({ code: 'field-dropped', path, message: `${what} has no place in this message and was left out.` })
}

function encodeText(part: TextPart, context: CodecContext, path: string): unknown {
  const bare = formOf(part.extensions)?.['bare'] === true
  return bare ? part.text : { type: 'text', ...kept(part.extensions, context, path), text: part.text }
}

function encodeImage(part: ImagePart, context: CodecContext, path: string): unknown {
  const rest = kept(part.extensions, context, path)
  if (part.media.from === 'file') return dropPart(context, path, 'An image that is named by a file id')
  const url = encodeUrl(part.media)
  if (formOf(part.extensions)?.['bare'] === true) return { type: 'image_url', ...rest, image_url: url }
  const detail = part.detail === undefined ? undefined : { detail: part.detail }
  return { type: 'image_url', ...rest, image_url: { ...inner(rest, 'image_url'), url, ...detail } }
}

function encodeFile(part: FilePart, context: CodecContext, path: string): unknown {
  const rest = kept(part.extensions, context, path)
  const { media, filename } = part
  const bare = formOf(part.extensions)?.['bare'] === true
  return {
    type: 'file',
    ...rest,
    file: {
      ...inner(rest, 'file'),
      ...(media.from === 'file'
        ? { file_id: media.fileId }
        : { file_data: bare && media.from === 'base64' ? media.data : encodeUrl(media) }),
      ...(filename === undefined ? undefined : { filename }),
    },
  }
}
