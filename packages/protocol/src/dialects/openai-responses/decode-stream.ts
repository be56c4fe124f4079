import { joinBytes } from '../../bytes/join-bytes.ts'
import type { StreamDecoder } from '../../dialect.ts'
import { answerTooLong } from '../../errors/answer-too-long.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { createSseParser, type SseEvent } from '../../framing/sse-parser.ts'
import { formOfStart } from '../../framing/form-of-start.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import { unfoldChatResult } from '../../ir/unfold-chat-result.ts'
import { findError } from '../../errors/find-error.ts'
import { parseJson } from '../../json/parse-json.ts'
import { isArray, isRecord, isString, type WireObject } from '../../json/wire-object.ts'
import { decodeHead, decodeResult, failureOf, formOfResponse, readError } from './decode-result.ts'
import { decodeStatus, exactReason } from './status.ts'
import { type ItemSink, StreamItem } from './stream-item.ts'
import { decodeUsage } from './usage.ts'
import { keep, pick } from './wire.ts'

/** A JSON answer to a streamed request beyond this is not read. */
const longestBody = 16 * 1024 * 1024

/**
 * Reads the events of a streamed response. The stream is whole at `response.completed` or `response.incomplete`;
 * whatever else ends it becomes an `error` event.
 */
export function createStreamDecoder(emit: (event: ChatEvent) => void): StreamDecoder {
  return new ResponseStreamDecoder(emit)
}

class ResponseStreamDecoder implements StreamDecoder {
  readonly #emit: (event: ChatEvent) => void
  readonly #parser = createSseParser((event) => this.#readEvent(event))
  readonly #items = new Map<unknown, StreamItem>()
  readonly #sink: ItemSink
  #form: 'unknown' | 'events' | 'json' = 'unknown'
  #body: Uint8Array[] = []
  #bodySize = 0
  #started = false
  #serviceTier: unknown
  #bytesEnded = false
  #over = false

  constructor(emit: (event: ChatEvent) => void) {
    this.#emit = emit
    this.#sink = { emit, parts: 0, hasCalls: false }
  }

  write(chunk: Uint8Array): void {
    if (this.#over) return
    if (this.#form === 'unknown') this.#form = formOfStart(chunk)
    if (this.#form === 'json') {
      this.#bodySize += chunk.length
      if (this.#bodySize > longestBody) this.#fail(answerTooLong(longestBody))
      else this.#body.push(chunk)
    } else if (this.#form === 'events') this.#attempt(() => this.#parser.write(chunk))
  }

  end(): void {
    if (this.#over) return
    this.#bytesEnded = true
    this.#attempt(() => {
      if (this.#form === 'json') this.#readBody(new TextDecoder().decode(joinBytes(this.#body)))
      else this.#parser.end()
    })
    this.#fail(new SluiceError('upstream_disconnected', 'The provider ended the stream before its answer was whole.'))
  }

  #attempt(read: () => void): void {
    try {
      read()
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      this.#fail(error)
    }
  }

  /** The provider answered without streaming: with an error, or with the whole answer. */
  #readBody(text: string): void {
    const body = parseJson(text)
    if (body === undefined) return this.#fail(invalid('a body that is neither an event stream nor JSON'))
    const events = unfoldChatResult(decodeResult(isArray(body) ? body[0] : body))
    this.#over = true
    for (const event of events) this.#emit(event)
  }

  #readEvent({ data, event: name }: SseEvent): void {
    if (this.#over || data.startsWith('[DONE]')) return
    const event = parseJson(data)
    if (name === 'error') return this.#fail(readError(event ?? data))
    // Cut within an event: that `end` reports.
    if (event === undefined && this.#bytesEnded) return
    if (!isRecord(event)) return this.#fail(invalid('a stream event that is no JSON object'))
    const type = event['type'] ?? name
    if (type === 'error' || (!isString(type) && findError(event) !== undefined)) return this.#fail(readError(event))
    if (isString(type)) this.#read(type, event)
  }

  #read(type: string, event: WireObject): void {
    const { response, item } = event
    switch (type) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        if (isRecord(response)) this.#start(response)
        return
      case 'response.completed':
      case 'response.incomplete':
        return this.#finish(isRecord(response) ? response : { status: type.slice('response.'.length) })
      case 'response.failed':
        return this.#fail(failureOf(isRecord(response) ? response : {}))
      case 'response.output_item.added':
        if (isRecord(item)) this.#open(event, item)
        return
      case 'response.output_item.done':
        if (isRecord(item)) (this.#find(event) ?? this.#open(event, item)).finish(item)
        return
      default:
        this.#readContent(type, event)
    }
  }

  #readContent(type: string, event: WireObject): void {
    const { content_index: index = 0, part, delta } = event
    switch (type) {
      case 'response.content_part.added':
        if (isRecord(part)) this.#findOrOpen(event, 'message').openContent(index, part)
        return
      case 'response.content_part.done':
        if (isRecord(part)) this.#find(event)?.endContent(index, part)
        return
      case 'response.output_text.delta':
        return this.#findOrOpen(event, 'message').addText(index, 'text', delta, event['logprobs'])
      case 'response.refusal.delta':
        return this.#findOrOpen(event, 'message').addText(index, 'refusal', delta, undefined)
      case 'response.output_text.annotation.added':
        return this.#find(event)?.addAnnotation(index, event['annotation'])
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return this.#find(event)?.addInput(delta)
      case 'response.reasoning_summary_part.added':
      case 'response.reasoning_summary_text.delta':
        return this.#findOrOpen(event, 'reasoning').addReasoning('summary', event['summary_index'], delta)
      case 'response.reasoning_text.delta':
        return this.#findOrOpen(event, 'reasoning').addReasoning('content', index, delta)
    }
  }

  #find({ output_index: index, item_id: id }: WireObject): StreamItem | undefined {
    return this.#items.get(index ?? id)
  }

  #findOrOpen(event: WireObject, type: 'message' | 'reasoning'): StreamItem {
    const { item_id: id } = event
    const item = {
      type,
      ...(isString(id) && { id }),
      ...(type === 'message' && { role: 'assistant', status: 'completed' }),
    }
    return this.#find(event) ?? this.#open(event, item)
  }

  #open({ output_index: index, item_id: itemId }: WireObject, wire: WireObject): StreamItem {
    const key = index ?? itemId ?? wire['id']
    this.#start({})
    this.#items.get(key)?.close()
    const item = new StreamItem(this.#sink, wire)
    this.#items.set(key, item)
    return item
  }

  #start(response: WireObject): void {
    if (this.#started) return
    this.#started = true
    const { rest, ...head } = decodeHead(response)
    this.#serviceTier = head.serviceTier
    this.#emit({ type: 'message-start', ...head, ...keep(rest, formOfResponse(response)) })
  }

  #finish(response: WireObject): void {
    if (response['status'] === 'failed') return this.#fail(failureOf(response))
    this.#start(response)
    // Some send no events of items, only the whole answer.
    if (this.#items.size === 0 && isArray(response['output'])) {
      for (const item of response['output']) if (isRecord(item)) new StreamItem(this.#sink, item).finish(item)
    }
    for (const item of this.#items.values()) item.close()
    this.#over = true
    const { status, incomplete_details: incomplete } = response
    const done = this.#sink.hasCalls ? 'tool-calls' : 'stop'
    const word = exactReason(status, incomplete)
    const { extensions } = keep(undefined, pick(response, ['status', 'incomplete_details']))
    this.#emit({ type: 'choice-extend', choice: 0, extensions: extensions ?? {} })
    this.#emit({
      type: 'choice-finish',
      choice: 0,
      finishReason: decodeStatus(status, incomplete, this.#sink.hasCalls) ?? done,
      ...(word !== undefined && { providerFinishReason: word }),
    })
    const usage = decodeUsage(response['usage'])
    if (usage !== undefined) this.#emit({ type: 'usage', usage })
    const { rest, serviceTier } = decodeHead(response)
    const changed = serviceTier !== undefined && serviceTier !== this.#serviceTier
    this.#emit({ type: 'message-extend', ...(changed && { serviceTier }), ...keep(rest, formOfResponse(response)) })
    this.#emit({ type: 'message-end' })
  }

  #fail(error: SluiceError): void {
    if (this.#over) return
    this.#over = true
    this.#body = []
    this.#emit({ type: 'error', error })
  }
}

function invalid(what: string): SluiceError {
  return new SluiceError('upstream_invalid_response', `The provider sent ${what}.`)
}
