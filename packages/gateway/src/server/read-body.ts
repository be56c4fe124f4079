import type { IncomingMessage } from 'node:http'
import { SluiceError } from '@sluice/protocol'
import type { Abortable } from 'sluice'
import { type Call, checkCaller } from './call.ts'

/**
 * The body of a request, whole; of a JSON one unless `types` says otherwise.
 *
 * @throws SluiceError `unsupported_media_type`, `body_too_large`, `client_closed_request`.
 */
export function readBody(call: Call, limit: number, types: 'json' | 'any' = 'json'): Promise<Buffer> {
  const { request } = call
  const type = request.headers['content-type']
  // A body without a type is taken for JSON; a page's form or plain text is not, since it needs no consent of ours.
  if (types === 'json' && type !== undefined && !isJson(type)) {
    throw new SluiceError(
      'unsupported_media_type',
      'The content type must be application/json: send `content-type: application/json`.',
    )
  }
  const announced = request.headers['content-length']
  if (announced !== undefined && Number(announced) > limit) throw tooLarge(limit)
  if (request.headers.expect !== undefined) call.response.writeContinue()
  checkCaller(call)
  return new Promise((resolve, reject) => {
    const reader = new BodyReader(limit, resolve, reject)
    call.underWay = reader
    request.on('data', (chunk: Buffer) => reader.data(chunk, request))
    request.on('end', () => reader.end())
  })
}

/** Gathers a body. A class, and no closures on the call: those outlived their requests in the garbage collector. */
class BodyReader implements Abortable {
  readonly #limit: number
  readonly #resolve: (body: Buffer) => void
  readonly #reject: (error: SluiceError) => void
  readonly #chunks: Buffer[] = []
  #size = 0

  constructor(limit: number, resolve: (body: Buffer) => void, reject: (error: SluiceError) => void) {
    this.#limit = limit
    this.#resolve = resolve
    this.#reject = reject
  }

  data(chunk: Buffer, request: IncomingMessage): void {
    this.#size += chunk.length
    if (this.#size <= this.#limit) {
      this.#chunks.push(chunk)
      return
    }
    request.pause()
    this.#reject(tooLarge(this.#limit))
  }

  end(): void {
    this.#resolve(this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#size))
  }

  abort(): void {
    this.#reject(new SluiceError('client_closed_request', 'The caller went away while sending.'))
  }
}

function isJson(type: string): boolean {
  return type === 'application/json' || /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type)
}

export function tooLarge(limit: number): SluiceError {
  return new SluiceError('body_too_large', `The body is larger than the limit of ${limit} bytes.`)
}
