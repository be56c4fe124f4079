import type { Tap } from '../../dialect.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import type { Usage } from '../../ir/usage.ts'
import { parseJson } from '../../json/parse-json.ts'
import { createEventTap, type EventReader } from '../../tap/event-tap.ts'
import { findError } from '../../errors/find-error.ts'
import { isArray, isRecord, isString, type WireObject } from '../../json/wire-object.ts'
import { decodeStatus } from './status.ts'
import { decodeUsage } from './usage.ts'

const deltaEnding = new TextEncoder().encode('.delta')

/** Watches the events of a response that are relayed as they are. */
export function createStreamTap(): Tap {
  return createEventTap(new ResponseEvents())
}

class ResponseEvents implements EventReader {
  readonly content = deltaEnding
  #response: WireObject | undefined
  #storedId: string | undefined
  complete = false

  read(name: string | undefined, data: string): ReturnType<EventReader['read']> {
    const event = parseJson(data)
    if (name === 'error') return { error: event ?? { error: { message: data } } }
    if (!isRecord(event)) return 'said'
    const type = isString(event['type']) ? event['type'] : name
    switch (type) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        this.#storedId ??= isRecord(event['response']) ? storedIdOf(event['response']) : undefined
        return 'head'
      case 'response.output_item.added':
        return isRecord(event['item']) && event['item']['type'] === 'message' ? 'head' : 'said'
      case 'response.content_part.added':
        return 'head'
      case 'error':
        return { error: event }
      case 'response.failed':
      case 'response.completed':
      case 'response.incomplete':
        return this.#end(isRecord(event['response']) ? event['response'] : {}, type === 'response.failed')
      default:
        return type === undefined && findError(event) !== undefined ? { error: event } : 'said'
    }
  }

  usage(): Usage | undefined {
    return decodeUsage(this.#response?.['usage'])
  }

  finishReason(): FinishReason | undefined {
    const response = this.#response
    if (response === undefined) return undefined
    return decodeStatus(response['status'], response['incomplete_details'], hasCalls(response['output'])) ?? undefined
  }

  storedId(): string | undefined {
    return this.#storedId
  }

  processing(): string | undefined {
    const tier = this.#response?.['service_tier']
    return isString(tier) ? tier : undefined
  }

  #end(response: WireObject, failed: boolean): ReturnType<EventReader['read']> {
    this.#response = response
    if (failed || response['status'] === 'failed') return { error: { error: response['error'] ?? {} } }
    this.complete = true
    return 'said'
  }
}

/** The provider keeps an answer unless it says that it does not. */
export function storedIdOf({ id, store }: WireObject): string | undefined {
  return isString(id) && store !== false ? id : undefined
}

/** Whether an output waits for the results of calls. */
export function hasCalls(output: unknown): boolean {
  const isCall = (item: unknown): boolean =>
    isRecord(item) && (item['type'] === 'function_call' || item['type'] === 'custom_tool_call')
  return isArray(output) && output.some(isCall)
}
