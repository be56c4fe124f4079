import { foldChatEvents, SluiceError, type Usage } from '@sluice/protocol'
import type { Answer } from '../dispatch/answer.ts'
import type { Exchange } from '../dispatch/exchange.ts'
import { isChat, parseObject, readEvents } from './chat-bytes.ts'
import type { MiddlewareResponse, RequestObject, ResponseObserver } from './middleware.ts'
import { ObservedAnswer } from './observed-answer.ts'
import { gather } from './relayed-answer.ts'
import { type ChangeEvent, TransformedAnswer, transformWhole } from './transformed-answer.ts'
import { WholeAnswer } from './whole-answer.ts'

interface ResponseFacts {
  /** What it answers. */
  readonly exchange: Exchange
  readonly signal: AbortSignal
  /** Whether it is the provider's, and not a middleware's own. */
  readonly asked: boolean
}

/** An answer as a middleware sees it. */
export class AttemptResponse implements MiddlewareResponse {
  readonly status = 200
  readonly #facts: ResponseFacts
  #answer: Answer
  #body: Promise<RequestObject> | undefined

  constructor(answer: Answer, facts: ResponseFacts) {
    this.#answer = answer
    this.#facts = facts
  }

  /** What is relayed when this is what the middleware returned. */
  get answer(): Answer {
    return this.#answer
  }

  get asked(): boolean {
    return this.#facts.asked
  }

  get headers(): Answer['headers'] {
    return this.#answer.headers
  }

  get stream(): boolean {
    return this.#answer.stream
  }

  usage(): Usage | undefined {
    return this.#answer.tap.usage()
  }

  body(): Promise<RequestObject> {
    return (this.#body ??= this.#readBody())
  }

  observe(observer: ResponseObserver): AttemptResponse {
    const { dialect } = this.#facts.exchange
    const { whole, stream, tap } = this.#answer
    const chat = isChat(dialect) ? dialect : undefined
    if (whole === undefined) return this.#with(new ObservedAnswer(this.#answer, chat, observer))
    if (chat !== undefined && observer.event !== undefined)
      for (const event of readEvents(whole, stream, chat)) observer.event(event)
    observer.end?.({ usage: tap.usage(), error: undefined })
    return this
  }

  transform(change: ChangeEvent): AttemptResponse {
    const { exchange } = this.#facts
    const { dialect } = exchange
    if (!isChat(dialect)) {
      const message = `An answer of ${dialect.operation} has no events: read \`body\`, and give \`request.answer\` another.`
      throw new SluiceError('unsupported_operation', message)
    }
    const answer = this.#answer
    return this.#with(
      answer.whole === undefined || answer.stream
        ? new TransformedAnswer(answer, dialect, exchange, change)
        : new WholeAnswer(transformWhole(answer.whole, dialect, exchange, change), answer),
    )
  }

  #with(answer: Answer): AttemptResponse {
    return new AttemptResponse(answer, this.#facts)
  }

  async #readBody(): Promise<RequestObject> {
    const { exchange, signal } = this.#facts
    const { dialect } = exchange
    const whole = await gather(this.#answer, signal)
    this.#answer = new WholeAnswer(whole, this.#answer)
    if (!this.#answer.stream) return parseObject(whole)
    if (!isChat(dialect)) throw new SluiceError('unsupported_operation', `A stream of ${dialect.operation} is no JSON.`)
    return dialect.result.encode(foldChatEvents(readEvents(whole, true, dialect)), exchange) as RequestObject
  }
}
