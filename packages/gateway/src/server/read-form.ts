import type { IncomingMessage } from 'node:http'
import { type FormRequests, type FormScanner, formBoundary, type Peek, SluiceError } from '@sluice/protocol'
import type { Abortable, RestOfBody } from 'sluice'
import { type Call, checkCaller } from './call.ts'
import { tooLarge } from './read-body.ts'

/** A form as far as it is needed to know where it goes. */
export interface ReceivedForm {
  /** The beginning of the body, with the model's name; all of it where `rest` is absent. */
  readonly body: Buffer
  readonly peek: Peek
  readonly rest: RestOfBody | undefined
}

/** Up to this size a form is gathered whole, so that its request can be made again. */
const gatherLimit = 1024 * 1024

/**
 * Reads a form until the model's name is known and leaves the rest to be sent on as it arrives. Clients put files
 * first: then what comes before the name waits in memory, at most `limit` bytes, which is what any body may have.
 *
 * @throws SluiceError `unsupported_media_type`, `invalid_request`, `body_too_large`, `client_closed_request`.
 */
export function readForm(call: Call, form: FormRequests, limit: number): Promise<ReceivedForm> {
  const { request } = call
  const boundary = formBoundary(request.headers['content-type'])
  if (boundary === undefined) {
    throw new SluiceError(
      'unsupported_media_type',
      'The content type must be multipart/form-data with a plain boundary and nothing else.',
    )
  }
  const announced = request.headers['content-length']
  const size = announced === undefined ? undefined : Number(announced)
  if (size !== undefined && size > limit) throw tooLarge(limit)
  if (request.headers.expect !== undefined) call.response.writeContinue()
  checkCaller(call)
  return new Promise((resolve, reject) => {
    const reader = new FormReader({ request, form, scanner: form.scanner(boundary), size, limit, resolve, reject })
    call.underWay = reader
  })
}

interface FormReaderParts {
  readonly request: IncomingMessage
  readonly form: FormRequests
  readonly scanner: FormScanner
  /** As announced. */
  readonly size: number | undefined
  readonly limit: number
  resolve(received: ReceivedForm): void
  reject(error: SluiceError): void
}

class FormReader implements Abortable {
  readonly #parts: FormReaderParts
  readonly #chunks: Buffer[] = []
  #size = 0
  readonly #data = (chunk: Buffer): void => this.#take(chunk)
  readonly #end = (): void => this.#resolve(false)

  constructor(parts: FormReaderParts) {
    this.#parts = parts
    parts.request.on('data', this.#data)
    parts.request.on('end', this.#end)
  }

  abort(): void {
    this.#reject(goneWhileSending())
  }

  #take(chunk: Buffer): void {
    const { scanner, limit, size } = this.#parts
    this.#size += chunk.length
    this.#chunks.push(chunk)
    try {
      if (this.#size > limit) throw tooLarge(limit)
      scanner.write(chunk)
    } catch (error) {
      this.#reject(error as SluiceError)
      return
    }
    const small = (size ?? this.#size) <= gatherLimit
    const ending = size === undefined ? scanner.complete : this.#size === size
    if (scanner.field('model') !== undefined && !small && !ending) this.#resolve(true)
  }

  #resolve(more: boolean): void {
    const { request, scanner, form, resolve } = this.#parts
    if (!more && !scanner.complete) return this.#reject(notWhole())
    this.#stop()
    if (more) request.pause()
    const body = Buffer.concat(this.#chunks, this.#size)
    resolve({ body, peek: form.peek(scanner), rest: more ? new RestOfForm(this.#parts, this.#size) : undefined })
  }

  #reject(error: SluiceError): void {
    this.#stop()
    this.#parts.request.pause()
    this.#parts.reject(error)
  }

  #stop(): void {
    this.#parts.request.off('data', this.#data)
    this.#parts.request.off('end', this.#end)
  }
}

/** Goes on scanning: a form that says the model a second time, or has no end, is refused also then. */
class RestOfForm implements RestOfBody {
  readonly size: number | undefined
  taken = false
  readonly #parts: FormReaderParts
  #received: number

  constructor(parts: FormReaderParts, received: number) {
    this.#parts = parts
    this.#received = received
    this.size = parts.size === undefined ? undefined : parts.size - received
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const { request, scanner, limit } = this.#parts
    this.taken = true
    for await (const chunk of chunksOf(request)) {
      this.#received += chunk.length
      if (this.#received > limit) throw tooLarge(limit)
      scanner.write(chunk)
      yield chunk
    }
    if (!scanner.complete) throw notWhole()
  }
}

/** A request's body as it arrives. Throws `SluiceError` `client_closed_request` when the caller goes away. */
export async function* chunksOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    // Not destroyed when the provider answers early: the answer goes out on the same connection.
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  } catch {
    throw goneWhileSending()
  }
}

function goneWhileSending(): SluiceError {
  return new SluiceError('client_closed_request', 'The caller went away while sending.')
}

function notWhole(): SluiceError {
  return new SluiceError('invalid_request', 'The form has no end: its last boundary is missing.')
}
