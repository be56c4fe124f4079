import type { Tap } from '../../dialect.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import type { Usage } from '../../ir/usage.ts'
import { parseJson } from '../../json/parse-json.ts'
import { createEventTap, type EventReader } from '../../tap/event-tap.ts'
import { decodeStopReason } from './stop-reason.ts'
import { decodeUsage, mergeUsage } from './usage.ts'
import { isRecord, isString } from './wire.ts'

/** Watches a stream of message events that is relayed as it is. */
export function createStreamTap(): Tap {
  return createEventTap(new MessageEventReader())
}

const contentEvent = new TextEncoder().encode('_block_delta')

/** Reads the few events around the blocks' deltas. */
class MessageEventReader implements EventReader {
  readonly content = contentEvent
  #usage: Record<string, unknown> | undefined
  #stopReason: string | undefined
  #stopped = false

  read(name: string | undefined, data: string): 'head' | 'said' | { readonly error: unknown } {
    const wire = parseJson(data)
    const type = isRecord(wire) && isString(wire['type']) ? wire['type'] : name
    if (name === 'error' || type === 'error') return { error: isRecord(wire) ? wire : { error: { message: data } } }
    if (type === 'ping') return 'head'
    if (!isRecord(wire)) return 'said'
    if (type === 'message_start') {
      if (isRecord(wire['message'])) this.#usage = mergeUsage(this.#usage, wire['message']['usage'])
      return 'head'
    }
    if (type === 'content_block_start') return isEmptyText(wire['content_block']) ? 'head' : 'said'
    if (type === 'message_delta') {
      this.#usage = mergeUsage(this.#usage, wire['usage'])
      const reason = isRecord(wire['delta']) ? wire['delta']['stop_reason'] : undefined
      if (isString(reason)) this.#stopReason = reason
    } else if (type === 'message_stop') this.#stopped = true
    return 'said'
  }

  get complete(): boolean {
    return this.#stopped || this.#stopReason !== undefined
  }

  usage(): Usage | undefined {
    return decodeUsage(this.#usage)
  }

  processing(): string | undefined {
    const tier = this.#usage?.['service_tier']
    return isString(tier) ? tier : undefined
  }

  finishReason(): FinishReason | undefined {
    return this.#stopReason === undefined ? undefined : decodeStopReason(this.#stopReason)
  }
}

function isEmptyText(block: unknown): boolean {
  return isRecord(block) && block['type'] === 'text' && block['text'] === ''
}
