/**
 * An upstream that streams events prepared in advance, one write each, on bare sockets so that it costs little. Run as
 * `node stream-server.ts --port N --chunks N --gap MILLISECONDS [--hold]`; gap 0 writes again as soon as the event loop
 * comes round; `--hold` leaves every answer open after its first event. It knows just enough HTTP for that.
 */
import { createServer, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { chatEvents, messageEvents } from '../payloads.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    chunks: { type: 'string', default: '100' },
    gap: { type: 'string', default: '1' },
    hold: { type: 'boolean', default: false },
  },
})
const gap = Number(values.gap)
const eventBytes = 200
const head =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n' +
  'Transfer-Encoding: chunked\r\n\r\n'

/** The writes of one answer. */
function writesOf(events: readonly string[]): Buffer[] {
  return events.map((event, index) =>
    Buffer.from(
      [
        index === 0 ? head : '',
        `${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`,
        index === events.length - 1 ? '0\r\n\r\n' : '',
      ].join(''),
    ),
  )
}

const plain = writesOf(chatEvents(Number(values.chunks), eventBytes, false))
const withUsage = writesOf(chatEvents(Number(values.chunks), eventBytes, true))
const messages = writesOf(messageEvents(Number(values.chunks), eventBytes))

function answerTo(request: string): readonly Buffer[] {
  if (request.startsWith('POST /v1/messages')) return messages
  return /"include_usage"\s*:\s*true/.test(request) ? withUsage : plain
}

interface Stream {
  readonly socket: Socket
  readonly writes: readonly Buffer[]
  next: number
}
const streams = new Set<Stream>()

function advance(stream: Stream): void {
  if (stream.socket.destroyed) return void streams.delete(stream)
  stream.socket.write(stream.writes[stream.next++]!)
  if (stream.next === stream.writes.length) streams.delete(stream)
  else if (gap === 0 && !values.hold) setImmediate(advance, stream)
}

const server = createServer({ noDelay: true }, (socket) => {
  let received = ''
  socket.on('error', () => socket.destroy())
  socket.on('data', (piece) => {
    received += piece.toString('latin1')
    const bodyStart = received.indexOf('\r\n\r\n') + 4
    if (bodyStart < 4) return
    const length = /\r\ncontent-length: *(\d+)/i.exec(received.slice(0, bodyStart))?.[1]
    const whole = length === undefined ? received.endsWith('0\r\n\r\n') : received.length - bodyStart >= Number(length)
    if (!whole) return
    const stream = { socket, writes: answerTo(received), next: 0 }
    received = ''
    if (gap > 0 && !values.hold) streams.add(stream)
    advance(stream)
  })
})

// One timer for all streams: every chunk of a stream is a segment of its own, a gap after the one before.
if (gap > 0) setInterval(() => streams.forEach(advance), gap)
server.listen(Number(values.port), '127.0.0.1')
