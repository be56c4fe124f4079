import type { Reframer, StreamFraming } from '../../dialect.ts'
import { createSseParser, type SseParser } from '../../framing/sse-parser.ts'

/** What Google streams to callers who do not say `alt=sse`: one JSON array that grows by an answer at a time. */
export const arrayFraming: StreamFraming = Object.freeze<StreamFraming>({
  contentType: 'application/json; charset=utf-8',
  reframer: () => new ArrayReframer(),
})

/** A class for its fields: they are touched once a chunk. */
class ArrayReframer implements Reframer {
  readonly #parser: SseParser
  /** What is to go out now. */
  #text = ''
  #opened = false

  constructor() {
    // How long an event may be was looked at where it came in.
    this.#parser = createSseParser(({ data }) => this.#add(data), { maxEventLength: Infinity })
  }

  write(bytes: Uint8Array): string {
    this.#parser.write(bytes)
    return this.#take()
  }

  end(): string {
    this.#parser.end()
    return `${this.#take()}${this.#opened ? '' : '['}]\n`
  }

  #add(data: string): void {
    this.#text += (this.#opened ? ',\r\n' : '[') + data
    this.#opened = true
  }

  #take(): string {
    const text = this.#text
    this.#text = ''
    return text
  }
}
