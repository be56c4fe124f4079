import type { SluiceError } from '@sluice/protocol'
import { credentialIn } from 'sluice'
import type { Destination, Transport, UpstreamFlow, UpstreamHeaders, UpstreamReceiver } from 'sluice'

/**
 * Carries calls as `inner` does. Whatever credential a provider was sent is asterisks in the good answers that quote it, as many
 * as it has bytes, so that lengths stay. Errors pass as they are: who reads them takes credentials out.
 */
export function withMaskedCredentials(inner: Transport): Transport {
  /** What is prepared for many calls is looked at once. */
  const masks = new WeakMap<Destination, Mask | null>()

  function maskFor(destination: Destination): Mask | null {
    let mask = masks.get(destination)
    if (mask === undefined) {
      const credentials = credentialsOf(destination)
      masks.set(destination, (mask = credentials.length === 0 ? null : new Mask(credentials)))
    }
    return mask
  }

  return {
    send(request, receiver) {
      const mask = maskFor(request.destination)
      if (mask === null) return inner.send(request, receiver)
      const call = new MaskedCall(receiver, mask)
      call.flow = inner.send(request, call)
      return call
    },
    close: () => inner.close(),
  }
}

function credentialsOf({ path, headers }: Destination): readonly string[] {
  const found = new Set<string>()
  const look = (name: string, value: string): void => {
    const credential = credentialIn(name, value)
    if (credential !== undefined) found.add(credential).add(credential.replaceAll('/', String.raw`\/`))
  }
  for (let index = 0; index + 1 < headers.length; index += 2) look(headers[index]!, headers[index + 1]!)
  const query = path.indexOf('?')
  if (query >= 0) for (const [name, value] of new URLSearchParams(path.slice(query))) look(name, value)
  return [...found]
}

const asterisk = 0x2a

/** Finds credentials in bytes. */
class Mask {
  readonly #credentials: readonly Buffer[]
  /** Which bytes are in one of them: few pieces end with such a byte. */
  readonly #bytes = new Uint8Array(256)

  constructor(credentials: readonly string[]) {
    this.#credentials = credentials.map((credential) => Buffer.from(credential, 'latin1'))
    for (const credential of this.#credentials) for (const byte of credential) this.#bytes[byte] = 1
  }

  /** The same bytes where nothing is found, else a copy. */
  cover(bytes: Buffer): Buffer {
    let covered = bytes
    for (const credential of this.#credentials) {
      for (let at = covered.indexOf(credential); at >= 0; at = covered.indexOf(credential, at + credential.length)) {
        if (covered === bytes) covered = Buffer.from(bytes)
        covered.fill(asterisk, at, at + credential.length)
      }
    }
    return covered
  }

  /** How many bytes at the end may be the beginning of a credential. */
  begunIn(bytes: Buffer): number {
    if (this.#bytes[bytes.at(-1) ?? 0] === 0) return 0
    let most = 0
    for (const credential of this.#credentials) {
      const first = credential[0]!
      let at = bytes.indexOf(first, Math.max(0, bytes.length - credential.length + 1))
      for (; at >= 0 && bytes.length - at > most; at = bytes.indexOf(first, at + 1)) {
        if (credential.compare(bytes, at, bytes.length, 0, bytes.length - at) === 0) most = bytes.length - at
      }
    }
    return most
  }
}

/** One call, between its receiver and the flow of `inner`. A class for its fields: they are touched once a chunk. */
class MaskedCall implements UpstreamReceiver, UpstreamFlow {
  readonly #receiver: UpstreamReceiver
  readonly #mask: Mask
  flow: UpstreamFlow | undefined
  #isError = false
  #cancelled = false
  /** The last bytes that came, where they may be the beginning of a credential. */
  #held: Buffer | undefined

  constructor(receiver: UpstreamReceiver, mask: Mask) {
    this.#receiver = receiver
    this.#mask = mask
  }

  pause(): void {
    this.flow?.pause()
  }

  resume(): void {
    this.flow?.resume()
  }

  cancel(): void {
    this.#cancelled = true
    this.flow?.cancel()
  }

  start(status: number, headers: UpstreamHeaders): void {
    this.#isError = status >= 400
    this.#receiver.start(status, headers)
  }

  data(chunk: Uint8Array): void {
    if (this.#isError) return this.#receiver.data(chunk)
    const held = this.#held
    const bytes = this.#mask.cover(held === undefined ? bufferOf(chunk) : Buffer.concat([held, chunk]))
    const begun = this.#mask.begunIn(bytes)
    const end = bytes.length - begun
    this.#held = begun === 0 ? undefined : bytes.subarray(end)
    if (begun === 0) this.#receiver.data(bytes)
    else if (end > 0) this.#receiver.data(bytes.subarray(0, end))
  }

  end(): void {
    this.#tellRest()
    if (!this.#cancelled) this.#receiver.end()
  }

  error(error: SluiceError): void {
    this.#tellRest()
    if (!this.#cancelled) this.#receiver.error(error)
  }

  #tellRest(): void {
    const held = this.#held
    this.#held = undefined
    if (held !== undefined) this.#receiver.data(held)
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
