import type { CodecContext } from '../../dialect.ts'
import type { AudioPart, ContentPart, FilePart, ImagePart, Media } from '../../ir/chat.ts'
import { drop, formOf, inner, isString, keep, kept, nest, type WireFields, type WireObject } from './wire.ts'

/** Reads `inlineData: {mimeType, data}`; `undefined` when it is no such thing. */
export function decodeInlineData(fields: WireFields, details: WireFields): ContentPart | undefined {
  const mediaType = details.take('mimeType', isString)
  const data = details.take('data', isString)
  if (mediaType === undefined || data === undefined) return undefined
  const rest = nest(fields.rest(), 'inlineData', details.rest())
  if (/^audio\//i.test(mediaType)) {
    return { type: 'audio', data, format: audioFormat(mediaType), ...keep(rest, { mimeType: mediaType }) }
  }
  const media: Media = { from: 'base64', mediaType, data }
  return { type: /^image\//i.test(mediaType) ? 'image' : 'file', media, ...keep(rest) }
}

/** Reads `fileData: {fileUri, mimeType?}`. */
export function decodeFileData(fields: WireFields, details: WireFields): ContentPart | undefined {
  const url = details.take('fileUri', isString)
  if (url === undefined) return undefined
  const mimeType = details.take('mimeType', isString)
  const type = /^image\//i.test(mimeType ?? mimeTypeOf(url) ?? '') ? 'image' : 'file'
  const rest = nest(fields.rest(), 'fileData', details.rest())
  return { type, media: { from: 'url', url }, ...keep(rest, { mimeType: mimeType ?? null }) }
}

/** `undefined`, with a warning, for what can neither be inlined nor fetched. */
export function encodeMedia(
  part: ImagePart | AudioPart | FilePart,
  context: CodecContext,
  path: string,
): WireObject | undefined {
  const rest = kept(part.extensions, context, path)
  const mimeType = formOf(part.extensions)?.['mimeType']
  if (part.type === 'audio') {
    if (part.data === undefined) return drop(context, path, 'Audio that is named by an id has no place in this dialect')
    const given = isString(mimeType) && audioFormat(mimeType) === part.format ? mimeType : audioMimeType(part.format)
    return { ...rest, inlineData: { ...inner(rest, 'inlineData'), mimeType: given, data: part.data } }
  }
  const { media } = part
  if (part.type === 'image' && part.detail !== undefined && part.detail !== 'auto') {
    drop(context, `${path}.detail`, 'The detail of an image has no counterpart in this dialect')
  }
  if (media.from === 'base64') {
    const data = { mimeType: media.mediaType === '' ? 'application/pdf' : media.mediaType, data: media.data }
    return { ...rest, inlineData: { ...inner(rest, 'inlineData'), ...data } }
  }
  // Gemini's own files are named by their address.
  const fileUri = media.from === 'url' ? media.url : media.fileId
  if (media.from === 'file' && !/^(files\/|https:\/\/|gs:\/\/)/.test(fileUri)) {
    return drop(context, path, 'A file that was uploaded to another provider cannot be read')
  }
  const known = mimeType === undefined ? mimeTypeOf(fileUri) : isString(mimeType) ? mimeType : undefined
  return { ...rest, fileData: { ...inner(rest, 'fileData'), ...(known !== undefined && { mimeType: known }), fileUri } }
}

const audioFormats: Readonly<Record<string, string>> = {
  'audio/mpeg': 'mp3',
  'audio/x-wav': 'wav',
  'audio/l16': 'pcm16',
}

/** `audio/L16;codec=pcm;rate=24000` is `pcm16`. */
function audioFormat(mimeType: string): string {
  const type = mimeType.split(';', 1)[0]!.trim().toLowerCase()
  return Object.hasOwn(audioFormats, type) ? audioFormats[type]! : type.slice('audio/'.length)
}

function audioMimeType(format: string | undefined): string {
  if (format === 'pcm16') return 'audio/L16;codec=pcm;rate=24000'
  return `audio/${format ?? 'wav'}`
}

const extensions: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  pdf: 'application/pdf',
  txt: 'text/plain',
  mp3: 'audio/mp3',
  wav: 'audio/wav',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
}

function mimeTypeOf(url: string): string | undefined {
  const name = /\.([a-z0-9]+)(?:[?#].*)?$/i.exec(url)?.[1]?.toLowerCase()
  return name !== undefined && Object.hasOwn(extensions, name) ? extensions[name] : undefined
}
