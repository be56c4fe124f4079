import { SluiceError } from '@sluice/protocol'
import type { Call } from './call.ts'

/**
 * The body of a JSON request, whole.
 *
 * @throws SluiceError `unsupported_media_type`, `body_too_large`, `client_closed_request`.
 */
export function readBody(call: Call, limit: number): Promise<Buffer> {
  const { request } = call
  const type = request.headers['content-type']
  // A body without a type is taken for JSON; a page's form or plain text is not, since it needs no consent of ours.
  if (type !== undefined && !isJson(type)) {
    throw new SluiceError('unsupported_media_type', 'The content type must be application/json: send `content-type: application/json`.')
  }
  const announced = request.headers['content-length']
  if (announced !== undefined && Number(announced) > limit) throw tooLarge(limit)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) {
        request.pause()
        reject(tooLarge(limit))
        return
      }
      chunks.push(chunk)
    })
    request.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)))
    call.onClose = () => reject(new SluiceError('client_closed_request', 'The caller went away while sending.'))
  })
}

function isJson(type: string): boolean {
  return type.startsWith('application/json') || /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)
}

function tooLarge(limit: number): SluiceError {
  return new SluiceError('body_too_large', `The body is larger than the limit of ${limit} bytes.`)
}
