import type { Frame, Framing } from './framing.ts'

/** What goes out, before timing and stops. */
export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: WholeBody | StreamBody
}

interface WholeBody {
  readonly kind: 'whole'
  readonly bytes: string | Uint8Array
}

export interface StreamBody {
  readonly kind: 'stream'
  readonly framing: Framing
  readonly events: Iterable<Frame>
  /** What repeats when the stream has no end. */
  readonly deltas: readonly Frame[]
  /** The name of an event that is an error, where the dialect names its events. */
  readonly errorEvent?: string
  /** The dialect's own end, after the events. */
  readonly end: Frame | undefined
}

export function jsonAnswer(status: number, value: unknown): Answer {
  return { status, contentType: 'application/json', body: { kind: 'whole', bytes: JSON.stringify(value) } }
}
