import type { StreamDecoder } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { type AwsEventMessage, createAwsEventParser } from '../../framing/aws-event-stream.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import { parseJson } from '../../json/parse-json.ts'
import { finishOf, isTier } from './decode-result.ts'
import { decodeError } from './error.ts'
import { readFailure, textOf } from './read-failure.ts'
import { StreamBlock } from './stream-block.ts'
import { decodeUsage } from './usage.ts'
import { isNumber, isRecord, isString, keep, WireFields, type WireObject } from './wire.ts'

/**
 * Reads the event stream of `ConverseStream`. It is whole at `metadata`, or when it ends after `messageStop`; whatever
 * else ends it becomes an `error` event.
 */
export function createStreamDecoder(emit: (event: ChatEvent) => void): StreamDecoder {
  return new ConverseStreamDecoder(emit)
}

/** Of an answer that is no event stream. */
const longestBody = 64 * 1024

class ConverseStreamDecoder implements StreamDecoder {
  readonly #emit: (event: ChatEvent) => void
  readonly #parser = createAwsEventParser((message) => this.#readMessage(message))
  /** Open blocks, by the wire's index. */
  readonly #blocks = new Map<number, StreamBlock>()
  #parts = 0
  #started = false
  #stopped = false
  /** The answer's beginning where it is no event stream: an error or a page. */
  #text: string | undefined
  readonly #textDecoder = new TextDecoder()
  #seen = false
  #over = false

  constructor(emit: (event: ChatEvent) => void) {
    this.#emit = emit
  }

  write(chunk: Uint8Array): void {
    if (this.#over || chunk.length === 0) return
    if (!this.#seen) {
      this.#seen = true
      // The length of a message begins with 0, unless it is longer than any is.
      if (chunk[0] === 0x7b || chunk[0] === 0x5b || chunk[0] === 0x3c) this.#text = ''
    }
    if (this.#text === undefined) this.#parse(chunk)
    else if (this.#text.length < longestBody) this.#text += this.#textDecoder.decode(chunk, { stream: true })
  }

  end(): void {
    if (this.#over) return
    if (this.#text !== undefined) this.#fail(readBody(this.#text))
    else if (this.#stopped) this.#complete()
    else
      this.#fail(new SluiceError('upstream_disconnected', 'The provider ended the stream before its answer was whole.'))
  }

  #parse(chunk: Uint8Array): void {
    try {
      this.#parser.write(chunk)
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      this.#fail(error.code === 'invalid_request' ? invalid(`a stream that is no message: ${error.message}`) : error)
    }
  }

  #readMessage(message: AwsEventMessage): void {
    if (this.#over) return
    const failure = readFailure(message)
    if (failure !== undefined) return this.#fail(decodeError(failure))
    const type = textOf(message.headers, ':event-type')
    if (type === undefined || !known.has(type)) return
    const wire = parseJson(decoder.decode(message.payload))
    if (!isRecord(wire)) return this.#fail(invalid('a stream event that is no JSON object'))
    if (type === 'messageStart') this.#start(wire)
    else if (this.#started) this.#read(type, wire)
    else this.#fail(invalid('a stream that does not begin with messageStart'))
  }

  #start(wire: WireObject): void {
    if (this.#started) return
    this.#started = true
    const fields = new WireFields(wire)
    for (const name of ['role', 'p']) fields.skip(name)
    this.#emit({ type: 'message-start', id: '', model: '', ...keep(fields.rest(), {}) })
  }

  #read(type: string, wire: WireObject): void {
    if (type === 'messageStop') return this.#stop(wire)
    if (type === 'metadata') return this.#readMetadata(wire)
    if (this.#stopped) return
    const index = isNumber(wire['contentBlockIndex']) ? wire['contentBlockIndex'] : 0
    if (type === 'contentBlockStop') {
      this.#blocks.get(index)?.end()
      this.#blocks.delete(index)
    } else if (type === 'contentBlockStart') {
      this.#blocks.get(index)?.end()
      this.#blocks.delete(index)
      if (isRecord(wire['start'])) this.#block(index).start(wire['start'])
    } else if (isRecord(wire['delta'])) this.#block(index).add(wire['delta'])
  }

  /** A text's block begins with its first delta. */
  #block(index: number): StreamBlock {
    let block = this.#blocks.get(index)
    if (block === undefined) {
      block = new StreamBlock(this.#emit, () => this.#parts++)
      this.#blocks.set(index, block)
    }
    return block
  }

  #stop(wire: WireObject): void {
    if (this.#stopped) return
    this.#stopped = true
    for (const block of this.#blocks.values()) block.end()
    this.#blocks.clear()
    const fields = new WireFields(wire)
    fields.skip('p')
    const word = fields.take('stopReason', isString)
    const { finishReason, ...finish } = finishOf(word)
    const { extensions } = keep(undefined, word === undefined ? undefined : { stopReason: word })
    if (extensions !== undefined) this.#emit({ type: 'choice-extend', choice: 0, extensions })
    if (finishReason !== null) this.#emit({ type: 'choice-finish', choice: 0, finishReason, ...finish })
    const rest = fields.rest()
    if (rest !== undefined) this.#emit({ type: 'message-extend', ...keep(rest) })
  }

  #readMetadata(wire: WireObject): void {
    const fields = new WireFields(wire)
    for (const name of ['usage', 'p']) fields.skip(name)
    const tier = fields.take('serviceTier', isTier)
    const usage = decodeUsage(wire['usage'])
    if (usage !== undefined) this.#emit({ type: 'usage', usage })
    const said = keep(fields.rest(), { usage: wire['usage'] })
    this.#emit({ type: 'message-extend', ...(tier && { serviceTier: tier.type }), ...said })
    if (this.#stopped) this.#complete()
  }

  #complete(): void {
    this.#over = true
    this.#emit({ type: 'message-end' })
  }

  #fail(error: SluiceError): void {
    if (this.#over) return
    this.#over = true
    this.#emit({ type: 'error', error })
  }
}

const decoder = new TextDecoder()

const known: ReadonlySet<string> = new Set([
  'messageStart',
  'contentBlockStart',
  'contentBlockDelta',
  'contentBlockStop',
  'messageStop',
  'metadata',
])

function readBody(text: string): SluiceError {
  const body = parseJson(text)
  return isRecord(body)
    ? decodeError({ status: 200, header: () => undefined, body })
    : invalid('a body that is no event stream')
}

function invalid(what: string): SluiceError {
  return new SluiceError('upstream_invalid_response', `The provider sent ${what}.`)
}
