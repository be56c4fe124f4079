import type { StreamDecoder } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { formOfStart } from '../../framing/form-of-start.ts'
import { createSseParser, type SseEvent } from '../../framing/sse-parser.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import { parseJson } from '../../json/parse-json.ts'
import { callPrefix } from './decode-result.ts'
import { decodeError } from './error.ts'
import { finishOf } from './finish-reason.ts'
import { decodeItem } from './logprobs.ts'
import { StreamMessage } from './stream-message.ts'
import { decodeUsage } from './usage.ts'
import { inner, isFilled, isNumber, isRecord, isString, keep, WireFields, type WireObject } from './wire.ts'

/**
 * Reads a stream of chat events. It is whole at `message-end`; whatever else ends it becomes an `error` event.
 * https://docs.cohere.com/v2/docs/streaming
 */
export function createStreamDecoder(emit: (event: ChatEvent) => void): StreamDecoder {
  return new CohereStreamDecoder(emit)
}

class CohereStreamDecoder implements StreamDecoder {
  readonly #emit: (event: ChatEvent) => void
  readonly #parser = createSseParser((event) => this.#readEvent(event))
  #message: StreamMessage | undefined
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
    if (this.#text !== undefined) return this.#readBody(this.#text)
    this.#attempt(() => this.#parser.end())
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
    const isError = isRecord(body) && ('error' in body || isString(body['message']))
    this.#fail(isError ? readError(body) : invalid('a body that is no event stream'))
  }

  #readEvent({ data, event }: SseEvent): void {
    if (this.#over) return
    const wire = parseJson(data)
    if (event === 'error') return this.#fail(readError(wire ?? data))
    if (!isRecord(wire)) {
      // Cut within an event: that `end` reports.
      const ignored = this.#bytesEnded || data.startsWith('[DONE]')
      return ignored ? undefined : this.#fail(invalid('a stream event that is no JSON object'))
    }
    const type = isString(wire['type']) ? wire['type'] : event
    if (type === undefined) {
      const isError = 'error' in wire || isString(wire['message'])
      return this.#fail(isError ? readError(wire) : invalid('a stream event without a type'))
    }
    this.#read(wire, type)
  }

  #read(wire: WireObject, type: string): void {
    if (type === 'message-start') return this.#start(wire)
    const message = this.#message
    if (message === undefined) {
      if (!type.includes('-')) return
      return this.#fail(
        type === 'message-end' && failure(wire) !== undefined
          ? readError(wire)
          : invalid('a stream that does not begin with message-start'),
      )
    }
    const index = isNumber(wire['index']) ? wire['index'] : 0
    const said = inner(inner(wire, 'delta'), 'message')
    switch (type) {
      case 'content-start':
        return message.startContent(index, inner(said, 'content') ?? {})
      case 'content-delta':
        if (isRecord(wire['logprobs'])) {
          this.#emit({ type: 'logprobs-add', choice: 0, content: [decodeItem(wire['logprobs'])] })
        }
        return message.addContent(index, inner(said, 'content') ?? {})
      case 'content-end':
        return message.endContent(index)
      case 'tool-plan-delta':
        return isFilled(said?.['tool_plan']) ? message.addPlan(said['tool_plan']) : undefined
      case 'tool-call-start':
        return message.startCall(index, inner(said, 'tool_calls') ?? {})
      case 'tool-call-delta':
        return message.addInput(index, inner(inner(said, 'tool_calls'), 'function')?.['arguments'])
      case 'tool-call-end':
        return message.endCall(index)
      case 'citation-start':
        return isRecord(said?.['citations']) ? message.cite(said['citations']) : undefined
      case 'message-end':
        return this.#end(wire, message)
      default:
        // `citation-end`, `debug`, and what may come in later versions.
        return undefined
    }
  }

  #start(wire: WireObject): void {
    if (this.#message !== undefined) return
    const fields = new WireFields(wire)
    const id = fields.take('id', isString) ?? ''
    for (const name of ['type', 'delta']) fields.skip(name)
    this.#message = new StreamMessage(this.#emit, callPrefix(id))
    this.#emit({ type: 'message-start', id, model: '', ...keep(fields.rest()) })
  }

  #end(wire: WireObject, message: StreamMessage): void {
    if (failure(wire) !== undefined) return this.#fail(readError(wire))
    this.#over = true
    message.end()
    const { finish_reason: word, usage: counts, ...others } = inner(wire, 'delta') ?? {}
    if (isFilled(word)) this.#emit({ type: 'choice-finish', choice: 0, ...finishOf(word) })
    const usage = decodeUsage(counts)
    if (usage !== undefined) this.#emit({ type: 'usage', usage })
    const more = keep(
      Object.keys(others).length > 0 ? others : undefined,
      usage === undefined ? undefined : { usage: counts },
    )
    if (more.extensions !== undefined) this.#emit({ type: 'message-extend', ...more })
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

/** What a `message-end` says went wrong. */
function failure(wire: WireObject): unknown {
  const error = inner(wire, 'delta')?.['error']
  return isFilled(error) ? error : undefined
}

function readError(body: unknown): SluiceError {
  return decodeError({ status: 200, header: () => undefined, body })
}

function invalid(what: string): SluiceError {
  return new SluiceError('upstream_invalid_response', `The provider sent ${what}.`)
}
