import { connect } from 'node:net'

/** An HTTP/1.1 answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** A TCP connection that sends bytes as they are: what no HTTP client would send, or stop at. */
export interface RawConnection {
  send(bytes: string | Uint8Array): void
  /** The next whole answer. Rejects when the connection ends before it. */
  answer(): Promise<RawAnswer>
  /** Resolves when the other side has closed or reset the connection. */
  closed(): Promise<void>
  destroy(): void
}

export function openConnection(port: number): Promise<RawConnection> {
  // Half open: that this side goes on after the other's end is what a hostile client does.
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  let received = ''
  let over = false
  let look: () => void = () => undefined
  const closing = new Promise<void>((resolve) => {
    const end = (): void => {
      over = true
      look()
      resolve()
    }
    socket.on('end', end)
    socket.on('close', end)
  })
  socket.on('error', () => undefined)
  socket.on('data', (bytes: Buffer) => {
    received += bytes.toString('latin1')
    look()
  })

  function answer(): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      look = () => {
        const parsed = parseAnswer(received, over)
        if (parsed !== undefined) {
          received = received.slice(parsed.length)
          look = () => undefined
          resolve(parsed.answer)
        } else if (over) reject(new Error(`The connection ended; of an answer there was ${JSON.stringify(received)}`))
      }
      look()
    })
  }

  return new Promise((resolve) => {
    socket.on('connect', () =>
      resolve({
        send: (bytes) => void socket.write(bytes),
        answer,
        closed: () => closing,
        destroy: () => void socket.destroy(),
      }),
    )
  })
}

/** `undefined` while it is not whole. */
function parseAnswer(text: string, over: boolean): { answer: RawAnswer; length: number } | undefined {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const [statusLine = '', ...lines] = text.slice(0, headEnd).split('\r\n')
  const headers = new Map(lines.map((line): [string, string] => splitHeader(line)))
  const status = Number(statusLine.split(' ')[1])
  const start = headEnd + 4
  const made = (body: string, length: number): { answer: RawAnswer; length: number } => ({
    answer: { status, headers, body },
    length,
  })
  if (status < 200) return made('', start)
  const announced = headers.get('content-length')
  if (announced !== undefined) {
    const end = start + Number(announced)
    return text.length >= end ? made(text.slice(start, end), end) : undefined
  }
  if (headers.get('transfer-encoding') === 'chunked') return parseChunks(text, start, made)
  return over ? made(text.slice(start), text.length) : undefined
}

function parseChunks<T>(text: string, start: number, made: (body: string, length: number) => T): T | undefined {
  let body = ''
  for (let index = start; ;) {
    const line = text.indexOf('\r\n', index)
    if (line < 0) return undefined
    const size = Number.parseInt(text.slice(index, line), 16)
    const end = line + 2 + size + 2
    if (text.length < end) return undefined
    if (size === 0) return made(body, end)
    body += text.slice(line + 2, line + 2 + size)
    index = end
  }
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}
