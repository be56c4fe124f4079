import { type ChatEvent, SluiceError } from '@sluice/protocol'
import type { ChatAnswer } from './chat-answer.ts'
import { EventQueue, type Valve } from './event-queue.ts'

/**
 * A streamed answer. The call is made when it is first read; leaving the loop ends it. It can be read once, in
 * one of the ways below; `result` may be asked for besides, before, or after.
 *
 * Every failure is thrown to the reader as a `SluiceError`, a stream that breaks off included: what ends without
 * an error is whole. Nothing is thrown at those who do not read.
 */
export interface ChatStream extends AsyncIterable<ChatEvent, undefined> {
  readonly requestId: string
  /** The first choice's text, piece by piece. */
  readonly textStream: AsyncIterable<string, undefined>
  /** The first choice's text, once it is whole. */
  text(): Promise<string>
  /** All of it, as `chat` would have answered. */
  result(): Promise<ChatAnswer>
  /** Gives up: the provider's connection is closed; whoever reads is told `client_closed_request`. */
  cancel(): void
}

/** Where a stream's events come from. */
export interface ChatStreamSource {
  readonly requestId: string
  readonly signal: AbortSignal | undefined
  /** Makes the call; never throws. What it returns holds the provider back. */
  start(listener: ChatStreamListener): Valve
  /** Ends the call, at any time after `start`. */
  abort(): void
}

/** Hears events, then one of the other two; nothing after. */
export interface ChatStreamListener {
  event(event: ChatEvent): void
  end(answer: ChatAnswer): void
  fail(error: SluiceError): void
}

export function createChatStream(source: ChatStreamSource): ChatStream {
  const reading = new Reading(source)
  return {
    requestId: source.requestId,
    [Symbol.asyncIterator]: () => reading.iterate(),
    textStream: { [Symbol.asyncIterator]: () => textOf(reading.iterate()) },
    text: async () => (await reading.result()).text,
    result: () => reading.result(),
    cancel: () => reading.cancel(),
  }
}

type Outcome = { readonly answer: ChatAnswer } | { readonly error: SluiceError }

class Reading implements ChatStreamListener {
  readonly #source: ChatStreamSource
  readonly #queue = new EventQueue<ChatEvent>()
  #started = false
  /** An iterator was handed out, or `result` reads alone and the events themselves are not wanted. */
  #reader: 'none' | 'iterator' | 'result' = 'none'
  #outcome: Outcome | undefined
  #waiting: ((outcome: Outcome) => void)[] = []
  readonly #onAbort = (): void => this.#giveUp(aborted(this.#source.signal?.reason))

  constructor(source: ChatStreamSource) {
    this.#source = source
  }

  iterate(): AsyncIterator<ChatEvent, undefined> {
    if (this.#reader !== 'none') {
      throw new SluiceError(
        'invalid_request',
        'This stream is being read already. Ask for `result()`, or make another.',
      )
    }
    this.#reader = 'iterator'
    return {
      next: () => {
        this.#start()
        return this.#queue.next()
      },
      return: () => {
        this.cancel()
        return Promise.resolve({ done: true, value: undefined })
      },
    }
  }

  result(): Promise<ChatAnswer> {
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
  }

  event(event: ChatEvent): void {
    if (this.#reader === 'iterator') this.#queue.push(event)
  }

  end(answer: ChatAnswer): void {
    this.#queue.end()
    this.#settle({ answer })
  }

  fail(error: SluiceError): void {
    this.#queue.fail(error)
    this.#settle({ error })
  }

  #start(): void {
    if (this.#started) return
    this.#started = true
    if (this.#outcome !== undefined) return
    const { signal } = this.#source
    if (signal?.aborted === true) return this.#onAbort()
    signal?.addEventListener('abort', this.#onAbort)
    this.#queue.connect(this.#source.start(this))
  }

  #giveUp(error: SluiceError): void {
    if (this.#outcome !== undefined) return
    if (this.#started) this.#source.abort()
    this.fail(error)
  }

  #settle(outcome: Outcome): void {
    if (this.#outcome !== undefined) return
    this.#outcome = outcome
    this.#source.signal?.removeEventListener('abort', this.#onAbort)
    for (const settle of this.#waiting.splice(0)) settle(outcome)
  }
}

/** The caller gave up; `reason` is that of its signal. */
export function aborted(reason: unknown): SluiceError {
  return new SluiceError('client_closed_request', 'The call was given up by its caller.', { cause: reason })
}

function textOf(events: AsyncIterator<ChatEvent, undefined>): AsyncIterator<string, undefined> {
  // Parts of the first choice that hold text; reasoning and refusals have deltas of the same form.
  const parts = new Set<number>()
  return {
    async next() {
      for (;;) {
        const { done, value: event } = await events.next()
        if (done === true) return { done, value: undefined }
        const text = textIn(event, parts)
        if (text !== '') return { done: false, value: text }
      }
    },
    async return() {
      await events.return?.()
      return { done: true, value: undefined }
    },
  }
}

function textIn(event: ChatEvent, parts: Set<number>): string {
  if (event.type === 'part-start' && event.choice === 0 && event.content.type === 'text') {
    parts.add(event.part)
    return event.content.text
  }
  return event.type === 'text-delta' && event.choice === 0 && parts.has(event.part) ? event.text : ''
}
