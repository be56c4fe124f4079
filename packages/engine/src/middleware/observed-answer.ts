import type { ChatDialect, SluiceError } from '@sluice/protocol'
import type { Answer, AnswerSink } from '../dispatch/answer.ts'
import { readEvents } from './chat-bytes.ts'
import type { ResponseObserver } from './middleware.ts'
import { callerGone } from './middleware-failure.ts'
import { Guard, RelayedAnswer, whenWhole } from './relayed-answer.ts'

const silent = { warn: () => {} }

/** An answer that somebody hears on its way. */
export class ObservedAnswer extends RelayedAnswer {
  readonly #dialect: ChatDialect | undefined
  readonly #observer: ResponseObserver
  #ended = false

  /** @param dialect of an answer that has events. */
  constructor(inner: Answer, dialect: ChatDialect | undefined, observer: ResponseObserver) {
    super(inner)
    this.#dialect = observer.event === undefined ? undefined : dialect
    this.#observer = observer
  }

  relay(sink: AnswerSink): void {
    const guard = new Guard(this.inner, (error) => {
      this.#ended = true
      sink.fail(error)
    })
    const events = this.#reader()
    this.inner.relay({
      write: (bytes) =>
        guard.run(() => {
          events?.write(bytes)
          sink.write(bytes)
        }),
      end: () =>
        guard.run(() => {
          events?.end()
          this.#end(undefined)
          guard.over = true
          sink.end()
        }),
      fail: (error) =>
        guard.run(() => {
          this.#end(error)
          guard.fail(error)
        }),
    })
  }

  override cancel(): void {
    super.cancel()
    this.#end(callerGone())
  }

  #reader(): Pick<AnswerSink, 'write' | 'end'> | undefined {
    const dialect = this.#dialect
    const hear: NonNullable<ResponseObserver['event']> = (event) => this.#observer.event?.(event)
    if (dialect === undefined) return undefined
    if (this.stream) return dialect.stream.decoder(hear, silent)
    return whenWhole((whole) => readEvents(whole, false, dialect).forEach(hear))
  }

  #end(error: SluiceError | undefined): void {
    if (this.#ended) return
    this.#ended = true
    this.#observer.end?.({ usage: this.tap.usage(), error })
  }
}
