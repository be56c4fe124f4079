import type { AwsEventHeader } from '../../../framing/aws-event-header.ts'
import { createAwsEventParser, encodeAwsEvent } from '../../../framing/aws-event-stream.ts'

const string = (value: string): AwsEventHeader => ({ type: 'string', value })

/** An event as AWS's SDK shows it, `{contentBlockStop: {…}}`, in its frame. */
export function frameEvent(event: unknown): Uint8Array {
  const [type = 'none', payload] = Object.entries(Object(event) as object)[0] ?? []
  const kind = type.endsWith('Exception') ? 'exception' : 'event'
  const headers = {
    [`:${kind}-type`]: string(type.slice(0, 100)),
    ':content-type': string('application/json'),
    ':message-type': string(kind),
  }
  return framed(headers, JSON.stringify(payload ?? null))
}

export function framed(headers: Readonly<Record<string, AwsEventHeader>>, payload: string): Uint8Array {
  return encodeAwsEvent({ headers: new Map(Object.entries(headers)), payload: new TextEncoder().encode(payload) })
}

export function frameEvents(events: readonly unknown[]): Uint8Array {
  return Uint8Array.from(events.flatMap((event) => [...frameEvent(event)]))
}

export function unframeEvents(bytes: Uint8Array): readonly unknown[] {
  const events: unknown[] = []
  const parser = createAwsEventParser(({ headers, payload }) => {
    const type = headers.get(':event-type')?.value ?? headers.get(':exception-type')?.value
    events.push({ [String(type)]: JSON.parse(new TextDecoder().decode(payload)) as unknown })
  })
  parser.write(bytes)
  return events
}
