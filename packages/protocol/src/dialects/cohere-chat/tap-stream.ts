import type { Tap } from '../../dialect.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import type { Usage } from '../../ir/usage.ts'
import { parseJson } from '../../json/parse-json.ts'
import { createEventTap, type EventReader } from '../../tap/event-tap.ts'
import { finishReasonOf } from './finish-reason.ts'
import { decodeUsage } from './usage.ts'
import { inner, isFilled, isRecord, isString, type WireObject } from './wire.ts'

const deltaEnding = new TextEncoder().encode('-delta')

/** Watches a stream of chat events that is relayed as it is. */
export function createStreamTap(): Tap {
  return createEventTap(new ChatEventReader())
}

class ChatEventReader implements EventReader {
  readonly content = deltaEnding
  #end: WireObject | undefined

  read(name: string | undefined, data: string): ReturnType<EventReader['read']> {
    const wire = parseJson(data)
    if (name === 'error') return { error: wire ?? { message: data } }
    if (!isRecord(wire)) return 'said'
    const type = isString(wire['type']) ? wire['type'] : name
    if (type === undefined) return 'error' in wire || isString(wire['message']) ? { error: wire } : 'said'
    if (type === 'message-start' || type === 'debug') return 'head'
    if (type !== 'message-end') return 'said'
    const delta = inner(wire, 'delta') ?? {}
    if (isFilled(delta['error'])) return { error: wire }
    this.#end = delta
    return 'said'
  }

  get complete(): boolean {
    return this.#end !== undefined
  }

  usage(): Usage | undefined {
    return decodeUsage(this.#end?.['usage'])
  }

  finishReason(): FinishReason | undefined {
    const word = this.#end?.['finish_reason']
    return isFilled(word) ? finishReasonOf(word) : undefined
  }
}
