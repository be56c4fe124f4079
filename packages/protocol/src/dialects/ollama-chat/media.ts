import type { CodecContext } from '../../dialect.ts'
import type { ImagePart } from '../../ir/chat.ts'
import { drop, kept } from './wire.ts'

/** How the base64 of each kind of image begins. */
const beginnings: readonly (readonly [text: string, mediaType: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
]

/** Ollama's images are bare base64; what they are stands in their first bytes. */
export function decodeImage(data: string): ImagePart {
  const mediaType = beginnings.find(([text]) => data.startsWith(text))?.[1] ?? 'image/png'
  return { type: 'image', media: { from: 'base64', mediaType, data } }
}

/** `undefined`, with a warning, for an image that is not here. */
export function encodeImage(part: ImagePart, context: CodecContext, path: string): string | undefined {
  kept(part.extensions, context, path)
  const { media, detail } = part
  if (media.from !== 'base64') {
    const message = 'Ollama fetches no images: one that is named by its address or an id was left out.'
    context.warn({ code: 'unsupported', path, message })
    return undefined
  }
  if (detail !== undefined && detail !== 'auto') {
    drop(context, `${path}.detail`, 'The detail of an image has no counterpart in this dialect')
  }
  return media.data
}
