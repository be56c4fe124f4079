import {
  type ChatDialect,
  type ChatEvent,
  joinBytes,
  type SpokenDialect,
  SluiceError,
  unfoldChatResult,
} from '@sluice/protocol'
import type { Exchange } from '../dispatch/exchange.ts'

/** Whether answers are of events: of chats, and of texts that go on. */
export function isChat(dialect: SpokenDialect): dialect is ChatDialect {
  return 'result' in dialect && dialect.stream !== undefined && 'decoder' in dialect.stream
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const silent = { warn: () => {} }

/** The events of a whole answer, or of all of a stream. */
export function readEvents(bytes: Uint8Array, stream: boolean, dialect: ChatDialect): readonly ChatEvent[] {
  if (!stream) return unfoldChatResult(dialect.result.decode(JSON.parse(decoder.decode(bytes)), silent))
  const events: ChatEvent[] = []
  const reader = dialect.stream.decoder((event) => events.push(event), silent)
  reader.write(bytes)
  reader.end()
  return events
}

/** The bytes of a streamed answer. */
export function writeEvents(events: readonly ChatEvent[], dialect: ChatDialect, exchange: Exchange): Uint8Array {
  const pieces: Uint8Array[] = []
  const write = eventWriter(dialect, exchange, (bytes) => pieces.push(bytes))
  for (const event of events) write(event)
  return joinBytes(pieces)
}

export function eventWriter(
  dialect: ChatDialect,
  { peek }: Exchange,
  emit: (bytes: Uint8Array) => void,
): (event: ChatEvent) => void {
  const context = { ...silent, includeUsage: peek.usageRequested }
  const writer = dialect.stream.encoder(
    (bytes) => emit(typeof bytes === 'string' ? encoder.encode(bytes) : bytes),
    context,
  )
  return (event) => writer.write(event)
}

export function encodeJson(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value))
}

/** @throws SluiceError `middleware_failed` */
export function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(decoder.decode(bytes)) as Readonly<Record<string, unknown>>
  } catch (cause) {
    throw new SluiceError('middleware_failed', 'A middleware read the body of an answer that is no JSON.', { cause })
  }
}
