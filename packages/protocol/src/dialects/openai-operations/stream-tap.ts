import type { Tap } from '../../dialect.ts'
import { hasError } from '../../errors/find-error.ts'
import type { Usage } from '../../ir/usage.ts'
import { parseJson } from '../../json/parse-json.ts'
import { createEventTap, type EventReader } from '../../tap/event-tap.ts'
import { isRecord } from '../../json/wire-object.ts'
import { readUsage } from './usage.ts'

const pictures = new TextEncoder().encode('.partial_image')

/** Watches a stream of pieces of a picture, of speech or of a transcript, whose last event has the usage. */
export function createOperationStreamTap(): Tap {
  return createEventTap(createReader())
}

function createReader(): EventReader {
  let usage: Usage | undefined
  let complete = false
  return {
    content: pictures,
    read(name, data) {
      if (data === '[DONE]') complete = true
      const event = parseJson(data)
      if (name === 'error') return { error: event ?? { error: { message: data } } }
      if (!isRecord(event)) return 'said'
      const { type } = event
      if (type === 'error' || hasError(event)) return { error: event }
      usage = readUsage(event['usage']) ?? usage
      if (typeof type === 'string' && /\.(done|completed)$/.test(type)) complete = true
      return 'said'
    },
    get complete() {
      return complete
    },
    usage: () => usage,
    finishReason: () => undefined,
  }
}
