import type { StreamDecoder } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { formOfStart } from '../../framing/form-of-start.ts'
import { createSseParser, type SseEvent } from '../../framing/sse-parser.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import { parseJson } from '../../json/parse-json.ts'
import { decodeHead, decodeStop, refusalOf } from './decode-result.ts'
import { decodeError } from './error.ts'
import { StreamBlock } from './stream-block.ts'
import { decodeUsage, mergeUsage } from './usage.ts'
import { isNumber, isRecord, isString, keep, WireFields, type WireObject } from './wire.ts'

/**
 * Reads a stream of message events (Anthropic API reference, "Streaming"). It is whole at `message_stop`, or when
 * it ends after its stop reason; whatever else ends it becomes an `error` event.
 */
export function createStreamDecoder(emit: (event: ChatEvent) => void): StreamDecoder {
  return new MessageStreamDecoder(emit)
}

class MessageStreamDecoder implements StreamDecoder {
  readonly #emit: (event: ChatEvent) => void
  readonly #parser = createSseParser((event) => this.#readEvent(event))
  /** Open blocks, by the wire's index. */
  readonly #blocks = new Map<number, StreamBlock>()
  #parts = 0
  #started = false
  #finished = false
  #usage: Record<string, unknown> | undefined
  /** The answer's beginning where it is no event stream: an error or a page. */
  #text: string | undefined
  readonly #textDecoder = new TextDecoder()
  #seen = false
  #bytesEnded = false
  #over = false

  constructor(emit: (event: ChatEvent) => void) {
    this.#emit = emit
  }

  write(chunk: Uint8Array): void {
    if (this.#over) return
    if (!this.#seen) {
      const form = formOfStart(chunk)
      this.#seen = form !== 'unknown'
      if (form === 'json') this.#text = ''
    }
    if (this.#text === undefined) this.#attempt(() => this.#parser.write(chunk))
    else if (this.#text.length < longestBody) this.#text += this.#textDecoder.decode(chunk, { stream: true })
  }

  end(): void {
    if (this.#over) return
    this.#bytesEnded = true
    if (this.#text !== undefined) this.#readBody(this.#text)
    else this.#attempt(() => this.#parser.end())
    if (this.#over) return
    if (this.#finished) this.#complete()
    else
      this.#fail(new SluiceError('upstream_disconnected', 'The provider ended the stream before its answer was whole.'))
  }

  #attempt(action: () => void): void {
    try {
      action()
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      this.#fail(error.code === 'invalid_request' ? invalid(`a stream that is no message: ${error.message}`) : error)
    }
  }

  #readBody(text: string): void {
    const body = parseJson(text)
    const isError = isRecord(body) && 'error' in body
    this.#fail(isError ? readError(body) : invalid('a body that is no event stream'))
  }

  #readEvent({ data, event }: SseEvent): void {
    if (this.#over) return
    const wire = parseJson(data)
    if (event === 'error') return this.#fail(readError(wire ?? data))
    if (!isRecord(wire)) {
      // Cut within an event: that `end` reports. `[DONE]` comes from servers that speak OpenAI's dialect too.
      const ignored = event === 'ping' || this.#bytesEnded || data.startsWith('[DONE]')
      return ignored ? undefined : this.#fail(invalid('a stream event that is no JSON object'))
    }
    this.#read(wire, isString(wire['type']) ? wire['type'] : event)
  }

  #read(wire: WireObject, type: string | undefined): void {
    switch (type) {
      case 'error':
        return this.#fail(readError(wire))
      case 'message_start':
        return this.#start(isRecord(wire['message']) ? wire['message'] : {})
      case 'content_block_start':
      case 'content_block_delta':
      case 'content_block_stop':
      case 'message_delta':
      case 'message_stop':
        if (!this.#started) return this.#fail(invalid('a stream that does not begin with message_start'))
        return this.#readBlockEvent(wire, type)
      default:
        // `ping`, and what may come in later versions.
        return undefined
    }
  }

  #readBlockEvent(wire: WireObject, type: string): void {
    const index = isNumber(wire['index']) ? wire['index'] : 0
    switch (type) {
      case 'content_block_start':
        if (this.#finished) return
        this.#blocks.get(index)?.end()
        this.#blocks.set(index, new StreamBlock(this.#emit, () => this.#parts++, wire['content_block']))
        return
      case 'content_block_delta':
        if (isRecord(wire['delta'])) this.#blocks.get(index)?.add(wire['delta'])
        return
      case 'content_block_stop':
        this.#blocks.get(index)?.end()
        this.#blocks.delete(index)
        return
      case 'message_delta':
        return this.#readDelta(wire)
      default:
        return this.#complete()
    }
  }

  #start(message: WireObject): void {
    if (this.#started) return
    this.#started = true
    const fields = new WireFields(message)
    for (const name of ['content', 'stop_reason', 'stop_sequence', 'stop_details', 'usage']) fields.skip(name)
    const { head, extensions } = decodeHead(fields)
    this.#emit({ type: 'message-start', ...head, ...keep(extensions.rest, extensions.form) })
    this.#readUsage(message['usage'])
  }

  #readUsage(wire: unknown): void {
    if (!isRecord(wire)) return
    this.#usage = mergeUsage(this.#usage, wire)
    const usage = decodeUsage(this.#usage)
    if (usage !== undefined) this.#emit({ type: 'usage', usage })
  }

  #readDelta(wire: WireObject): void {
    this.#readUsage(wire['usage'])
    const delta = isRecord(wire['delta']) ? wire['delta'] : {}
    const { finish, form } = decodeStop(delta)
    if (finish.finishReason === null || this.#finished) return
    this.#finished = true
    this.#endBlocks()
    const refusal = refusalOf(delta['stop_details'])
    if (refusal !== undefined) {
      const part = this.#parts++
      this.#emit({ type: 'part-start', choice: 0, part, content: refusal })
      this.#emit({ type: 'part-end', choice: 0, part })
    }
    const { extensions } = keep(undefined, form)
    if (extensions !== undefined) this.#emit({ type: 'choice-extend', choice: 0, extensions })
    const { finishReason, providerFinishReason } = finish
    this.#emit({
      type: 'choice-finish',
      choice: 0,
      finishReason,
      ...(providerFinishReason === undefined ? undefined : { providerFinishReason }),
    })
    const { stop_reason: _, stop_sequence: __, stop_details: ___, ...others } = delta
    const more = Object.entries(others).filter(([, value]) => value !== null)
    if (more.length > 0) this.#emit({ type: 'message-extend', ...keep(Object.fromEntries(more)) })
  }

  #endBlocks(): void {
    for (const block of this.#blocks.values()) block.end()
    this.#blocks.clear()
  }

  #complete(): void {
    this.#over = true
    this.#endBlocks()
    if (this.#usage !== undefined) this.#emit({ type: 'message-extend', ...keep(undefined, { usage: this.#usage }) })
    this.#emit({ type: 'message-end' })
  }

  #fail(error: SluiceError): void {
    if (this.#over) return
    this.#over = true
    this.#emit({ type: 'error', error })
  }
}

/** Of an answer that is no event stream. */
const longestBody = 64 * 1024

function readError(body: unknown): SluiceError {
  return decodeError({ status: 200, header: () => undefined, body })
}

function invalid(what: string): SluiceError {
  return new SluiceError('upstream_invalid_response', `The provider sent ${what}.`)
}
