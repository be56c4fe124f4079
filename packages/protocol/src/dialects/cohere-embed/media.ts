import { SluiceError } from '../../errors/sluice-error.ts'
import type { Media } from '../../ir/chat.ts'

const dataUrl = /^data:([^;,]*);base64,/

/** Of a picture's URL, which mostly holds the picture itself. */
export function mediaOf(url: string): Media {
  const [head, mediaType] = dataUrl.exec(url) ?? []
  if (head === undefined || mediaType === undefined) return { from: 'url', url }
  return { from: 'base64', mediaType, data: url.slice(head.length) }
}

/** @throws SluiceError `invalid_request` for a file that only its own provider has. */
export function urlOf(media: Media): string {
  if (media.from === 'url') return media.url
  if (media.from === 'base64') return `data:${media.mediaType};base64,${media.data}`
  throw new SluiceError('invalid_request', 'A file that another provider keeps cannot be embedded; send its bytes.')
}
