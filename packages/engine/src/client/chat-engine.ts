import {
  type ChatEvent,
  type ChatResult,
  type CodecContext,
  foldChatEvents,
  SluiceError,
  type SpokenDialect,
  type StreamDecoder,
  type Usage,
} from '@sluice/protocol'
import type { Answer } from '../dispatch/answer.ts'
import { ofProvider } from '../dispatch/without-secrets.ts'
import type { Exchange } from '../dispatch/exchange.ts'
import {
  asSluiceError,
  type CallEngine,
  type CallOptions,
  makeCall,
  newRequestId,
  openExchange,
  type RequestBody,
  takeNotes,
  type WholeAnswer,
  withFacts,
} from './call-engine.ts'
import { type ChatAnswer, toChatAnswer } from './chat-answer.ts'
import type { ChatStreamListener, ChatStreamSource, StreamUsage } from './chat-stream-source.ts'

/** How chats are asked for, and their answers read. */
export interface SpokenChat {
  readonly dialect: SpokenDialect
  decode(answer: WholeAnswer): ChatResult
  /** Absent where all streams are read on their way. */
  decoder?(emit: (event: ChatEvent) => void, context: CodecContext): StreamDecoder
}

/** Makes a call and waits for its whole answer. Rejects with a `SluiceError`. */
export async function callChat(
  engine: CallEngine,
  { dialect, decode }: SpokenChat,
  encode: () => RequestBody,
  options: CallOptions,
): Promise<ChatAnswer> {
  return toChatAnswer(await makeCall(engine, { dialect, encode, decode }, options))
}

/** A streamed call, made when `start` is called. */
export function streamChat(
  engine: CallEngine,
  chat: SpokenChat,
  encode: () => RequestBody,
  options: CallOptions,
): ChatStreamSource {
  const { signal } = options
  const requestId = newRequestId()
  let exchange: Exchange | undefined
  let answer: Answer | undefined
  const events: ChatEvent[] = []
  return {
    requestId,
    signal,
    abort: () => exchange?.abort(),
    start(listener) {
      const run = async (): Promise<void> => {
        exchange = openExchange(chat.dialect, encode(), requestId)
        answer = await engine.attempt(exchange, engine.findRoute(exchange, options))
        // An answer that came while the caller left is nobody's.
        if (exchange.aborted) return answer.cancel()
        relayEvents({ engine, chat, exchange, answer, events }, listener)
      }
      run().catch((error: unknown) => listener.fail(asSluiceError(error)))
      // Nobody holds back what has not begun: who is too slow has heard something.
      return { pause: () => answer?.pause(), resume: () => answer?.resume() }
    },
    async usage() {
      if (exchange === undefined || answer === undefined) return nothingUsed
      const usage = lastUsage(events) ?? (await estimateUsage(exchange, answer, events))
      return { usage, cost: await engine.costOf(exchange, answer, usage) }
    },
  }
}

const nothingUsed: StreamUsage = Object.freeze({ usage: undefined, cost: null })

interface Relayed {
  readonly engine: CallEngine
  readonly chat: SpokenChat
  readonly exchange: Exchange
  readonly answer: Answer
  /** Filled as they come. */
  readonly events: ChatEvent[]
}

/** Turns an answer's bytes into events. A failure of the decoder ends the call. */
function relayEvents({ engine, chat, exchange, answer, events }: Relayed, listener: ChatStreamListener): void {
  const notes = takeNotes()
  let over = false
  const fail = (error: unknown): void => {
    if (over) return
    over = true
    answer.cancel()
    listener.fail(ofProvider(asSluiceError(error), answer.target.provider))
  }
  let whole = false
  const hear = (event: ChatEvent): void => {
    if (over) return
    if (event.type === 'error') return fail(event.error)
    if (event.type === 'message-end') whole = true
    events.push(event)
    listener.event(event)
  }
  const decoder = chat.decoder?.(hear, notes)
  const attempt = (action: () => void): void => {
    try {
      action()
    } catch (error) {
      fail(error)
    }
  }
  answer.tap.reading?.follow?.(hear)
  answer.relay({
    write: (bytes) => attempt(() => decoder?.write(bytes)),
    end: () =>
      attempt(() => {
        decoder?.end()
        if (over) return
        if (!whole)
          return fail(
            new SluiceError('upstream_disconnected', 'The provider ended the stream before the answer was whole.'),
          )
        over = true
        withFacts(engine, foldChatEvents(events), exchange, answer, notes.warnings).then(
          (result) => listener.end(toChatAnswer(result)),
          (error: unknown) => listener.fail(asSluiceError(error)),
        )
      }),
    fail,
  })
}

function lastUsage(events: readonly ChatEvent[]): Usage | undefined {
  return events.findLast((event) => event.type === 'usage')?.usage
}

/** Of a stream that ended before its provider said. Tokenizers are large, and loaded where they are needed. */
async function estimateUsage(exchange: Exchange, answer: Answer, events: readonly ChatEvent[]): Promise<Usage> {
  const { estimateChatUsage } = await import('./estimate-chat-usage.ts')
  return estimateChatUsage(exchange, answer, events)
}
