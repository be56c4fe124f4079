import type { ChatReading, ChatReader, StreamDecoder, Tap } from '../dialect.ts'
import type { ChatEvent } from '../ir/chat-event.ts'
import type { FinishReason } from '../ir/finish-reason.ts'
import type { Usage } from '../ir/usage.ts'

/** Reads a chat's stream by a dialect's decoder, once. Relays nothing. */
export function createReadingTap(decoderFor: ChatReader['stream']['decoder']): Tap {
  return new ReadingTap(decoderFor)
}

/** Those that commit to nothing yet. */
const heads: ReadonlySet<string> = new Set(['message-start', 'message-extend', 'choice-extend'])

/** A class for its fields: they are touched once a chunk. */
class ReadingTap implements Tap, ChatReading {
  readonly #decoder: StreamDecoder
  /** What nobody has heard yet. */
  #events: ChatEvent[] = []
  #listener: ((event: ChatEvent) => void) | undefined
  #usage: Usage | undefined
  #finishReason: FinishReason | undefined
  #ended = false
  readonly reading: ChatReading = this
  started = false
  error: unknown = undefined

  constructor(decoderFor: ChatReader['stream']['decoder']) {
    const errorBody = (body: unknown): void => void (this.error = body)
    this.#decoder = decoderFor((event) => this.#hear(event), { warn() {}, errorBody })
  }

  write(chunk: Uint8Array): undefined {
    this.#decoder.write(chunk)
  }

  end(): undefined {
    this.#decoder.end()
  }

  get complete(): boolean {
    return this.#ended || (this.error === undefined && this.#decoder.whole === true)
  }

  follow(listener: (event: ChatEvent) => void): void {
    for (const event of this.#events) listener(event)
    this.#events = []
    this.#listener = listener
  }

  usage(): Usage | undefined {
    return this.#usage
  }

  finishReason(): FinishReason | undefined {
    return this.#finishReason
  }

  #hear(event: ChatEvent): void {
    if (event.type === 'error') {
      // What only lacks its end has no error of its own.
      if (event.error.code !== 'upstream_disconnected') this.error ??= event.error
      return
    }
    if (event.type === 'usage') this.#usage = event.usage
    else if (event.type === 'choice-finish' && event.choice === 0) this.#finishReason = event.finishReason
    else if (event.type === 'message-end') this.#ended = true
    if (!heads.has(event.type)) this.started = true
    if (this.#listener === undefined) this.#events.push(event)
    else this.#listener(event)
  }
}
