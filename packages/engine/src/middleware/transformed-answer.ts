import { type ChatDialect, type ChatEvent, foldChatEvents } from '@sluice/protocol'
import type { Answer, AnswerSink } from '../dispatch/answer.ts'
import type { Exchange } from '../dispatch/exchange.ts'
import { encodeJson, eventWriter, readEvents } from './chat-bytes.ts'
import { Guard, RelayedAnswer, whenWhole } from './relayed-answer.ts'

export type ChangeEvent = (event: ChatEvent) => ChatEvent | readonly ChatEvent[] | undefined

/** The bytes of a whole answer, changed. */
export function transformWhole(
  whole: Uint8Array,
  dialect: ChatDialect,
  exchange: Exchange,
  change: ChangeEvent,
): Uint8Array {
  const events = readEvents(whole, false, dialect).flatMap((event) => change(event) ?? [])
  return encodeJson(dialect.result.encode(foldChatEvents(events), exchange))
}

/** An answer whose events are changed on their way. */
export class TransformedAnswer extends RelayedAnswer {
  readonly #dialect: ChatDialect
  readonly #exchange: Exchange
  readonly #change: ChangeEvent

  constructor(inner: Answer, dialect: ChatDialect, exchange: Exchange, change: ChangeEvent) {
    super(inner)
    this.#dialect = dialect
    this.#exchange = exchange
    this.#change = change
  }

  relay(sink: AnswerSink): void {
    const guard = new Guard(this.inner, (error) => sink.fail(error))
    const change = this.stream ? this.#changeEvents(sink, guard) : this.#changeWhole(sink)
    this.inner.relay({
      write: (bytes) => guard.run(() => change.write(bytes)),
      end: () =>
        guard.run(() => {
          change.end()
          if (guard.over) return
          guard.over = true
          sink.end()
        }),
      fail: (error) => guard.fail(error),
    })
  }

  #changeEvents(sink: AnswerSink, guard: Guard): Pick<AnswerSink, 'write' | 'end'> {
    const change = this.#change
    const write = eventWriter(this.#dialect, this.#exchange, (bytes) => sink.write(bytes))
    return this.#dialect.stream.decoder(
      (event) => {
        if (guard.over) return
        if (event.type === 'error') return guard.fail(event.error)
        const changed = change(event)
        if (changed === undefined) return
        if ('type' in changed) write(changed)
        else changed.forEach(write)
      },
      { warn: () => {} },
    )
  }

  #changeWhole(sink: AnswerSink): Pick<AnswerSink, 'write' | 'end'> {
    return whenWhole((whole) => sink.write(transformWhole(whole, this.#dialect, this.#exchange, this.#change)))
  }
}
