import type { CodecContext } from '../../dialect.ts'
import type { AudioPart, ContentPart, FilePart, ImagePart, Media } from '../../ir/chat.ts'
import {
  formOf,
  inner,
  isRecord,
  isString,
  keep,
  kept,
  nest,
  warnDropped,
  WireFields,
  type WireObject,
} from './wire.ts'

interface Source {
  readonly media: Media
  readonly rest: WireObject | undefined
}

/** `{bytes}` in base64, or `{s3Location: {uri}}`; `undefined` for one that the neutral form cannot say. */
function decodeSource(source: unknown, mediaType: string): Source | undefined {
  if (!isRecord(source) || Object.keys(source).length !== 1) return undefined
  const { bytes, s3Location } = source
  if (isString(bytes)) return { media: { from: 'base64', mediaType, data: bytes }, rest: undefined }
  if (!isRecord(s3Location)) return undefined
  const fields = new WireFields(s3Location)
  const url = fields.take('uri', isS3)
  return url === undefined
    ? undefined
    : { media: { from: 'url', url }, rest: nest(undefined, 's3Location', fields.rest()) }
}

const isS3 = (value: unknown): value is string => isString(value) && value.startsWith('s3://')

/** `undefined` for what can be fetched by a URL of the web, or by a file's id, only. */
function encodeSource(media: Media, rest: WireObject | undefined): WireObject | undefined {
  if (media.from === 'base64') return { bytes: media.data }
  if (media.from !== 'url' || !isS3(media.url)) return undefined
  return { s3Location: { ...inner(inner(rest, 'source'), 's3Location'), uri: media.url } }
}

export function decodeImage(wire: WireObject): ImagePart | undefined {
  const { format } = wire
  const source = isString(format) ? decodeSource(wire['source'], `image/${format}`) : undefined
  if (source === undefined) return undefined
  const fields = skipped(wire, 'format', 'source')
  return { type: 'image', media: source.media, ...keep(nest(fields.rest(), 'source', source.rest), { format }) }
}

const imageFormats: ReadonlySet<string> = new Set(['png', 'jpeg', 'gif', 'webp'])

/** `undefined`, with a warning, for an image that cannot be sent along. */
export function encodeImage(part: ImagePart, context: CodecContext, path: string): WireObject | undefined {
  if (part.detail !== undefined && part.detail !== 'auto')
    warnDropped(context, `${path}.detail`, 'The detail of an image')
  const rest = kept(part.extensions, context, path)
  const source = encodeSource(part.media, rest)
  if (source === undefined) return warnDropped(context, path, 'An image that must be fetched')
  const form = formOf(part.extensions)
  const format = isString(form?.['format']) ? form['format'] : imageFormat(part.media)
  if (form === undefined && !imageFormats.has(format))
    return warnDropped(context, path, `An image of the format '${format}'`)
  return { ...rest, format, source }
}

function imageFormat(media: Media): string {
  const word = media.from === 'base64' ? media.mediaType.replace(/^image\//, '') : extensionOf(media)
  return word === 'jpg' ? 'jpeg' : word
}

function extensionOf(media: Media): string {
  return media.from === 'url' ? (/\.(\w+)$/.exec(media.url)?.[1]?.toLowerCase() ?? '') : ''
}

const documentTypes: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  csv: 'text/csv',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  html: 'text/html',
  txt: 'text/plain',
  md: 'text/markdown',
}

/** A document given as text is a text part, which every wire can say. */
export function decodeDocument(wire: WireObject): ContentPart | undefined {
  const { format, name, source } = wire
  if (isRecord(source) && Object.keys(source).length === 1 && isString(source['text'])) {
    const { source: _, ...document } = wire
    return { type: 'text', text: source['text'], ...keep(undefined, { document }) }
  }
  if (!isString(name) || (format !== undefined && !isString(format))) return undefined
  const type = format !== undefined && Object.hasOwn(documentTypes, format) ? documentTypes[format]! : ''
  const read = decodeSource(source, type)
  if (read === undefined) return undefined
  const rest = nest(skipped(wire, 'format', 'name', 'source').rest(), 'source', read.rest)
  const filename = format === undefined ? name : `${name}.${format}`
  return { type: 'file', media: read.media, filename, ...keep(rest, { document: { name, ...(format && { format }) } }) }
}

export function decodeVideo(wire: WireObject): FilePart | undefined {
  const { format } = wire
  const source = isString(format) ? decodeSource(wire['source'], videoType(format)) : undefined
  if (source === undefined) return undefined
  const rest = nest(skipped(wire, 'format', 'source').rest(), 'source', source.rest)
  return { type: 'file', media: source.media, ...keep(rest, { video: { format } }) }
}

function videoType(format: string): string {
  return `video/${format === 'three_gp' ? '3gpp' : format}`
}

const videoFormats: Readonly<Record<string, string>> = { '3gpp': 'three_gp', quicktime: 'mov', 'x-matroska': 'mkv' }

/** The block that says a file, by its name; `undefined`, with a warning, where none does. */
export function encodeFile(part: FilePart, context: CodecContext, path: string): WireObject | undefined {
  const rest = kept(part.extensions, context, path)
  const form = formOf(part.extensions)
  const source = encodeSource(part.media, rest)
  if (source === undefined) return warnDropped(context, path, 'A file that must be fetched')
  for (const kind of ['document', 'video'] as const) {
    const written = form?.[kind]
    if (isRecord(written)) return { [kind]: { ...rest, ...written, source } }
  }
  const type = typeOf(part)
  if (type.startsWith('image/')) {
    const image = encodeImage({ type: 'image', media: part.media }, context, path)
    return image && { image }
  }
  if (type.startsWith('video/')) {
    const word = type.slice('video/'.length)
    return { video: { format: videoFormats[word] ?? word, source } }
  }
  const format = documentFormat(type)
  if (format === undefined) return warnDropped(context, path, `A file of type '${type}'`)
  return { document: { format, name: documentName(part.filename), source } }
}

/** Bare base64 does not say what it is; its name may. */
function typeOf({ media, filename = '' }: FilePart): string {
  if (media.from === 'base64' && media.mediaType !== '') return media.mediaType
  if (media.from === 'base64' && media.data.startsWith('JVBER')) return 'application/pdf'
  const name = media.from === 'url' ? media.url : filename
  const extension = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
  if (imageFormats.has(extension)) return `image/${extension}`
  return documentTypes[extension] ?? (/^(mp4|mov|mkv|webm)$/.test(extension) ? `video/${extension}` : extension)
}

function documentFormat(type: string): string | undefined {
  const [plain = ''] = type.split(';', 1)
  const format = Object.entries(documentTypes).find(([, known]) => known === plain.trim())?.[0]
  return format ?? (/^(text\/|application\/(json|xml|yaml)$)/.test(plain) ? 'txt' : undefined)
}

/** Names hold letters, digits, hyphens, brackets, and spaces one at a time. */
function documentName(filename: string | undefined): string {
  const name = (filename ?? '').replace(/\.\w+$/, '').replaceAll(/[^\p{L}\p{N}()[\]-]+/gu, ' ')
  return name.trim() === '' ? 'document' : name.trim().slice(0, 200)
}

export function decodeAudio(wire: WireObject): AudioPart | undefined {
  const { format, source } = wire
  const read = isString(format) ? decodeSource(source, '') : undefined
  if (read?.media.from !== 'base64' || !isString(format)) return undefined
  return { type: 'audio', data: read.media.data, format, ...keep(skipped(wire, 'format', 'source').rest(), {}) }
}

export function encodeAudio(part: AudioPart, context: CodecContext, path: string): WireObject | undefined {
  const rest = kept(part.extensions, context, path)
  const { data, format } = part
  if (data === undefined || format === undefined) return warnDropped(context, path, 'Audio that is not sent along')
  return { audio: { ...rest, format, source: { bytes: data } } }
}

function skipped(wire: WireObject, ...names: readonly string[]): WireFields {
  const fields = new WireFields(wire)
  for (const name of names) fields.skip(name)
  return fields
}
