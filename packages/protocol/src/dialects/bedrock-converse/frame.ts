import { encodeHeaders } from '../../framing/aws-event-header.ts'
import { frameMessage } from '../../framing/aws-event-stream.ts'

/** Of `ConverseStreamOutput`. */
const eventTypes = [
  'messageStart',
  'contentBlockStart',
  'contentBlockDelta',
  'contentBlockStop',
  'messageStop',
  'metadata',
] as const

export type EventType = (typeof eventTypes)[number]

const encoder = new TextEncoder()

const headersOf = (messageType: 'event' | 'exception', type: string): Uint8Array =>
  encodeHeaders(
    new Map([
      [`:${messageType}-type`, { type: 'string', value: type }],
      [':content-type', { type: 'string', value: 'application/json' }],
      [':message-type', { type: 'string', value: messageType }],
    ]),
  )

/** The headers of every event of a type are the same. */
const eventHeaders = Object.fromEntries(eventTypes.map((type) => [type, headersOf('event', type)])) as Readonly<
  Record<EventType, Uint8Array>
>

/** One event of a stream. `payload` is JSON text. */
export function frame(type: EventType, payload: string): Uint8Array {
  return frameMessage(eventHeaders[type], encoder.encode(payload))
}

/** What ends a stream that failed. */
export function exceptionFrame(type: string, payload: string): Uint8Array {
  return frameMessage(headersOf('exception', type), encoder.encode(payload))
}
