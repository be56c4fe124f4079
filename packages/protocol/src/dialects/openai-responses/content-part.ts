import type { CodecContext } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import type { AudioPart, ContentPart, FilePart, ImagePart, Media } from '../../ir/chat.ts'
import { inner, isRecord, isString, nest, WireFields, type WireObject } from '../../json/wire-object.ts'
import { formOf, keep, kept, recordOr } from './wire.ts'

/** Reads one content part of an item that is not the model's. A part of an unknown type is kept whole. */
export function decodeInputPart(wire: unknown, path: string): ContentPart {
  if (!isRecord(wire)) {
    throw new SluiceError('invalid_request', `\`${path}\` must be an object with a \`type\`.`, { param: path })
  }
  return decodeKnown(wire) ?? { type: 'other', extensions: keep(wire).extensions ?? {} }
}

function decodeKnown(wire: WireObject): ContentPart | undefined {
  const fields = new WireFields(wire)
  fields.skip('type')
  switch (wire['type']) {
    case 'input_text':
    case 'output_text':
    case 'text': {
      const text = fields.take('text', isString)
      const form = wire['type'] === 'input_text' ? undefined : { type: wire['type'] }
      return text === undefined ? undefined : { type: 'text', text, ...keep(fields.rest(), form) }
    }
    case 'input_image':
      return decodeImage(fields)
    case 'input_audio':
      return decodeAudio(fields)
    case 'input_file':
      return decodeFile(fields)
    default:
      return undefined
  }
}

/** What is left; members that say `null` say nothing and are only noted. */
function leave(fields: WireFields, form?: WireObject): ReturnType<typeof keep> {
  const left = Object.entries(fields.rest() ?? {})
  const rest = left.filter(([, value]) => value !== null)
  const nulls = left.filter(([, value]) => value === null)
  const noted = nulls.length === 0 ? form : { ...form, nulls: Object.fromEntries(nulls) }
  return keep(rest.length === 0 ? undefined : Object.fromEntries(rest), noted)
}

function decodeImage(fields: WireFields): ImagePart | undefined {
  const url = fields.take('image_url', isString)
  const fileId = url === undefined ? fields.take('file_id', isString) : undefined
  const media = url !== undefined ? decodeUrl(url) : fileId !== undefined ? fileMedia(fileId) : undefined
  if (media === undefined) return undefined
  const detail = fields.take('detail', isString)
  return { type: 'image', media, ...(detail !== undefined && { detail }), ...leave(fields) }
}

function decodeAudio(fields: WireFields): AudioPart | undefined {
  const audio = fields.take('input_audio', isRecord)
  if (audio === undefined) return undefined
  const details = new WireFields(audio)
  const data = details.take('data', isString)
  const format = details.take('format', isString)
  return {
    type: 'audio',
    ...(data !== undefined && { data }),
    ...(format !== undefined && { format }),
    ...keep(nest(fields.rest(), 'input_audio', details.rest())),
  }
}

function decodeFile(fields: WireFields): FilePart | undefined {
  const data = fields.take('file_data', isString)
  const url = data === undefined ? fields.take('file_url', isString) : undefined
  const fileId = data === undefined && url === undefined ? fields.take('file_id', isString) : undefined
  let media: Media
  if (data !== undefined) media = decodeData(data)
  else if (url !== undefined) media = { from: 'url', url }
  else if (fileId !== undefined) media = fileMedia(fileId)
  else return undefined
  const filename = fields.take('filename', isString)
  const bare = media.from === 'base64' && media.data === data ? { bare: true } : undefined
  return { type: 'file', media, ...(filename !== undefined && { filename }), ...leave(fields, bare) }
}

const fileMedia = (fileId: string): Media => ({ from: 'file', fileId })

const dataUrlStart = /^data:([^,]{0,200}?);base64,/

function decodeUrl(url: string): Media {
  const start = dataUrlStart.exec(url)
  return start === null
    ? { from: 'url', url }
    : { from: 'base64', mediaType: start[1] ?? '', data: url.slice(start[0].length) }
}

/** A data URL; some clients send bare base64. */
function decodeData(data: string): Media {
  const media = decodeUrl(data)
  return media.from === 'url' ? { from: 'base64', mediaType: '', data } : media
}

function encodeUrl(media: Media & { from: 'url' | 'base64' }): string {
  return media.from === 'url' ? media.url : `data:${media.mediaType};base64,${media.data}`
}

/** Writes one content part of an item that is not the model's; `undefined`, with a warning, when this wire cannot say it. */
export function encodeInputPart(part: ContentPart, context: CodecContext, path: string): WireObject | undefined {
  const rest = kept(part.extensions, context, path)
  const form = formOf(part.extensions)
  switch (part.type) {
    case 'text':
      return { type: form?.['type'] ?? 'input_text', ...rest, text: part.text }
    case 'refusal':
      return { type: 'input_text', ...rest, text: part.text }
    case 'image': {
      const { media, detail } = part
      return {
        type: 'input_image',
        ...recordOr(form?.['nulls'], {}),
        ...rest,
        ...(media.from === 'file' ? { file_id: media.fileId } : { image_url: encodeUrl(media) }),
        ...(detail !== undefined && { detail }),
      }
    }
    case 'audio': {
      const { data, format } = part
      const audio = { ...(data !== undefined && { data }), ...(format !== undefined && { format }) }
      return { type: 'input_audio', ...rest, input_audio: { ...inner(rest, 'input_audio'), ...audio } }
    }
    case 'file':
      return {
        type: 'input_file',
        ...recordOr(form?.['nulls'], {}),
        ...rest,
        ...encodeFileMedia(part.media, form?.['bare'] === true),
        ...(part.filename !== undefined && { filename: part.filename }),
      }
    case 'other':
      return rest ?? dropPart(context, path, 'This part')
    case 'reasoning':
      return dropPart(context, path, 'Reasoning')
    case 'tool-call':
      return dropPart(context, path, 'A tool call outside an assistant message')
  }
}

function encodeFileMedia(media: Media, bare: boolean): WireObject {
  if (media.from === 'file') return { file_id: media.fileId }
  if (media.from === 'url') return { file_url: media.url }
  return { file_data: bare ? media.data : encodeUrl(media) }
}

export function dropPart(context: CodecContext, path: string, what: string): undefined {
  context.warn({ code: 'field-dropped', path, message: `${what} has no place in this message and was left out.` })
}
