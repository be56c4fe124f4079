import { type ChatEvent, SluiceError } from '@sluice/protocol'
import { aborted, asSluiceError, listen } from './call-engine.ts'
import type { ChatAnswer } from './chat-answer.ts'
import type { ChatStreamListener, ChatStreamSource, StreamUsage } from './chat-stream-source.ts'
import { EventQueue } from './event-queue.ts'
import { teeSource } from './tee-source.ts'

/**
 * A streamed answer. The call is made when it is first read; leaving the loop ends it. It can be read once, in
 * one of the ways below; `result` may be asked for besides, before, or after.
 *
 * Every failure is thrown to the reader as a `SluiceError`, a stream that breaks off included: what ends without
 * an error is whole. Nothing is thrown at those who do not read: a promise that nobody looks at stays silent.
 */
export interface ChatStream extends AsyncIterable<ChatEvent, undefined> {
  readonly requestId: string
  /** The first choice's text, piece by piece; where tools are run, that of each call of the model. */
  readonly textStream: AsyncIterable<string, undefined>
  /** The first choice's text, once it is whole; where tools are run, that of the last call. */
  text(): Promise<string>
  /**
   * All of it, as `chat` would have answered. Where the stream is read in a loop it comes when that has read to the end, so
   * that it is not to be waited for within the loop.
   */
  result(): Promise<ChatAnswer>
  /**
   * What was used so far, and what that costs, at once: also of a stream that was left or broke off, where the counts are
   * `estimated` unless the provider had told them. Nothing, when there was no answer.
   */
  usage(): Promise<StreamUsage>
  /** Two streams of the one call, which hear the same, each read in its own time; this one can then not be read. */
  tee(): readonly [ChatStream, ChatStream]
  /** Gives up, for both streams of `tee` too: the provider's connection is closed; whoever reads is told `client_closed_request`. */
  cancel(): void
}

export function createChatStream(source: ChatStreamSource): ChatStream {
  const reading = new Reading(source)
  return {
    requestId: source.requestId,
    [Symbol.asyncIterator]: () => reading.iterate((event) => event),
    textStream: { [Symbol.asyncIterator]: () => reading.iterate(textIn()) },
    text: () => silent(reading.result().then(({ text }) => text)),
    result: () => silent(reading.result()),
    usage: () => silent(source.usage()),
    tee: () => reading.handOver(),
    cancel: () => reading.cancel(),
  }
}

/** A failure is told to whoever waits for it, and is no unhandled rejection where nobody does. */
function silent<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}

type Outcome = { readonly answer: ChatAnswer } | { readonly error: SluiceError }

class Reading implements ChatStreamListener {
  readonly #source: ChatStreamSource
  readonly #queue = new EventQueue<ChatEvent | string>()
  #started = false
  /** An iterator was handed out, or `result` reads alone and the events themselves are not wanted. */
  #reader: 'none' | 'iterator' | 'result' | 'others' = 'none'
  #pick: ((event: ChatEvent) => ChatEvent | string) | undefined
  #others: readonly ChatStream[] = []
  #outcome: Outcome | undefined
  #waiting: ((outcome: Outcome) => void)[] = []
  readonly #onAbort = (): void => this.#giveUp(aborted(this.#source.signal?.reason))

  constructor(source: ChatStreamSource) {
    this.#source = source
  }

  /** @param pick what is read of an event; an empty text is nothing. */
  iterate<T extends ChatEvent | string>(pick: (event: ChatEvent) => T): AsyncIterator<T, undefined> {
    this.#claim('iterator')
    this.#pick = pick
    const done = Promise.resolve({ done: true, value: undefined } as const)
    let left = false
    return {
      next: () => {
        if (left) return done
        this.#start()
        return this.#queue.next() as Promise<IteratorResult<T, undefined>>
      },
      return: () => {
        left = true
        this.cancel()
        return done
      },
    }
  }

  /** Two others, which read in its place. */
  handOver(): readonly [ChatStream, ChatStream] {
    this.#claim('others')
    const [one, other] = teeSource(this.#source)
    const others = [createChatStream(one), createChatStream(other)] as const
    this.#others = others
    if (this.#outcome !== undefined) this.cancel()
    return others
  }

  result(): Promise<ChatAnswer> {
    if (this.#reader === 'others') return Promise.reject(beingRead())
    if (this.#reader === 'none') {
      this.#reader = 'result'
      this.#start()
    }
    return new Promise((resolve, reject) => {
      const settle = (outcome: Outcome): void => ('answer' in outcome ? resolve(outcome.answer) : reject(outcome.error))
      if (this.#outcome === undefined) this.#waiting.push(settle)
      else settle(this.#outcome)
    })
  }

  cancel(): void {
    this.#giveUp(aborted(undefined))
    for (const other of this.#others) other.cancel()
  }

  event(event: ChatEvent): void {
    const item = this.#pick?.(event) ?? ''
    if (item !== '') this.#queue.push(item)
  }

  end(answer: ChatAnswer): void {
    this.#queue.end()
    this.#settle({ answer })
  }

  fail(error: SluiceError): void {
    this.#queue.fail(error)
    this.#settle({ error })
  }

  #claim(reader: 'iterator' | 'others'): void {
    if (this.#reader !== 'none') throw beingRead()
    this.#reader = reader
  }

  #start(): void {
    if (this.#started) return
    this.#started = true
    if (this.#outcome !== undefined) return
    const { signal } = this.#source
    if (signal?.aborted === true) return this.#onAbort()
    try {
      listen(signal, this.#onAbort)
    } catch (error) {
      return this.fail(asSluiceError(error))
    }
    this.#queue.connect(this.#source.start(this))
  }

  #giveUp(error: SluiceError): void {
    if (this.#outcome !== undefined) return
    this.#source.abort()
    this.fail(error)
  }

  #settle(outcome: Outcome): void {
    if (this.#outcome !== undefined) return
    this.#outcome = outcome
    // What was no signal was told.
    this.#source.signal?.removeEventListener?.('abort', this.#onAbort)
    for (const settle of this.#waiting.splice(0)) settle(outcome)
  }
}

function beingRead(): SluiceError {
  return new SluiceError('invalid_request', 'This stream is being read already. Ask for `result()`, or make another.')
}

function textIn(): (event: ChatEvent) => string {
  // Parts of the first choice that hold text; reasoning and refusals have deltas of the same form.
  const parts = new Set<number>()
  return (event) => {
    // Where tools are run, that of another call of the model.
    if (event.type === 'message-start') parts.clear()
    if (event.type === 'part-start' && event.choice === 0 && event.content.type === 'text') {
      parts.add(event.part)
      return event.content.text
    }
    return event.type === 'text-delta' && event.choice === 0 && parts.has(event.part) ? event.text : ''
  }
}
