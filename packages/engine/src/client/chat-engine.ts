import {
  type ChatDialect,
  type ChatEvent,
  type CodecContext,
  foldChatEvents,
  SluiceError,
  type Warning,
} from '@sluice/protocol'
import type { Answer } from '../dispatch/answer.ts'
import { Exchange } from '../dispatch/exchange.ts'
import type { Route } from '../routing/route-plan.ts'
import { joinBytes } from '../transport/join-bytes.ts'
import { type ChatAnswer, toChatAnswer } from './chat-answer.ts'
import { type ChatInput, encodeChatInput } from './chat-input.ts'
import { aborted, type ChatStreamListener, type ChatStreamSource } from './chat-stream.ts'
import type { Valve } from './event-queue.ts'

/** What chat calls are made with. */
export interface ChatEngine {
  /** The one that requests are written in. */
  readonly dialect: ChatDialect
  /** Throws `SluiceError` for names that nothing serves. */
  findRoute(model: string | undefined): Route
  /** The route's loop over attempts. */
  attempt(exchange: Exchange, route: Route): Promise<Answer>
}

/** Makes a call and waits for its whole answer. Rejects with a `SluiceError`. */
export function callChat(
  engine: ChatEngine,
  input: ChatInput,
  requestId: string,
  signal: AbortSignal | undefined,
): Promise<ChatAnswer> {
  return new Promise((resolve, reject) => {
    let exchange: Exchange | undefined
    const onAbort = (): void => {
      exchange?.abort()
      reject(aborted(signal?.reason))
    }
    if (signal?.aborted === true) return onAbort()
    signal?.addEventListener('abort', onAbort)
    const answered = async (): Promise<ChatAnswer> => {
      exchange = openExchange(engine, input, requestId, false)
      const answer = await engine.attempt(exchange, engine.findRoute(exchange.peek.model))
      const body = answer.whole ?? (await readWhole(answer))
      const notes = takeNotes()
      const result = engine.dialect.result.decode(parse(body), notes)
      return toChatAnswer(result, originOf(exchange, answer, notes.warnings))
    }
    answered()
      .then(resolve, (error: unknown) => reject(asSluiceError(error)))
      .finally(() => signal?.removeEventListener('abort', onAbort))
  })
}

/** A streamed call, made when `start` is called. */
export function streamChat(
  engine: ChatEngine,
  input: ChatInput,
  requestId: string,
  signal: AbortSignal | undefined,
): ChatStreamSource {
  let exchange: Exchange | undefined
  return {
    requestId,
    signal,
    abort: () => exchange?.abort(),
    start(listener) {
      const flow = new Flow()
      const run = async (): Promise<void> => {
        exchange = openExchange(engine, input, requestId, true)
        const answer = await engine.attempt(exchange, engine.findRoute(exchange.peek.model))
        flow.connect(answer)
        relayEvents(engine.dialect, exchange, answer, listener)
      }
      run().catch((error: unknown) => listener.fail(asSluiceError(error)))
      return flow
    },
  }
}

function openExchange(engine: ChatEngine, input: ChatInput, requestId: string, stream: boolean): Exchange {
  const body = encodeChatInput(input, stream)
  return new Exchange(requestId, engine.dialect, body, engine.dialect.peek(body), performance.now())
}

/** Turns an answer's bytes into events. A failure of the decoder ends the call. */
function relayEvents(dialect: ChatDialect, exchange: Exchange, answer: Answer, listener: ChatStreamListener): void {
  const notes = takeNotes()
  const events: ChatEvent[] = []
  let over = false
  const fail = (error: unknown): void => {
    if (over) return
    over = true
    answer.cancel()
    listener.fail(asSluiceError(error))
  }
  let whole = false
  const decoder = dialect.stream.decoder((event: ChatEvent) => {
    if (over) return
    if (event.type === 'error') return fail(event.error)
    if (event.type === 'message-end') whole = true
    events.push(event)
    listener.event(event)
  }, notes)
  const attempt = (action: () => void): void => {
    try {
      action()
    } catch (error) {
      fail(error)
    }
  }
  answer.relay({
    write: (bytes) => attempt(() => decoder.write(bytes)),
    end: () =>
      attempt(() => {
        decoder.end()
        if (over) return
        if (!whole)
          return fail(
            new SluiceError('upstream_disconnected', 'The provider ended the stream before the answer was whole.'),
          )
        over = true
        listener.end(toChatAnswer(foldChatEvents(events), originOf(exchange, answer, notes.warnings)))
      }),
    fail,
  })
}

/** Holds back an answer that may not be there yet. */
class Flow implements Valve {
  #answer: Answer | undefined
  #paused = false

  connect(answer: Answer): void {
    this.#answer = answer
    if (this.#paused) answer.pause()
  }

  pause(): void {
    this.#paused = true
    this.#answer?.pause()
  }

  resume(): void {
    this.#paused = false
    this.#answer?.resume()
  }
}

function readWhole(answer: Answer): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = []
    answer.relay({ write: (bytes) => pieces.push(bytes), end: () => resolve(joinBytes(pieces)), fail: reject })
  })
}

function takeNotes(): CodecContext & { readonly warnings: Warning[] } {
  const warnings: Warning[] = []
  return { warnings, warn: (warning) => void warnings.push(warning) }
}

function originOf(
  exchange: Exchange,
  answer: Answer,
  warnings: readonly Warning[],
): Parameters<typeof toChatAnswer>[1] {
  return { provider: answer.target.provider.id, requestId: exchange.id, attempts: exchange.attempts.length, warnings }
}

const decoder = new TextDecoder()

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(body)) as unknown
  } catch (cause) {
    throw new SluiceError('upstream_invalid_response', "The provider's answer is not valid JSON.", { cause })
  }
}

function asSluiceError(thrown: unknown): SluiceError {
  return thrown instanceof SluiceError
    ? thrown
    : new SluiceError('internal_error', 'A call failed by a defect in Sluice.', { cause: thrown })
}
