import { scanObject, SluiceError } from '@sluice/protocol'

/** One request of a batch. */
export interface BatchLine {
  readonly customId: string
  readonly method: string
  readonly url: string
  /** As it stands in the line: nothing of it is read and written anew. */
  readonly body: Uint8Array
}

/** A line of the input file that is not empty. */
export interface NumberedLine {
  /** Counted from 1, empty lines included. */
  readonly number: number
  readonly bytes: Uint8Array
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const keys = ['custom_id', 'method', 'url', 'body'].map((key) => encoder.encode(key))

/** @throws SluiceError `invalid_json`, `invalid_utf8`, `invalid_request` with the member in `param`. */
export function readBatchLine(bytes: Uint8Array): BatchLine {
  const { spans } = scanObject(bytes, keys)
  const [customId, method, url, body] = spans.map((span) => span && bytes.subarray(span.start, span.end))
  return {
    customId: text(customId, 'custom_id'),
    method: text(method, 'method'),
    url: text(url, 'url'),
    body: object(body),
  }
}

function text(bytes: Uint8Array | undefined, param: string): string {
  const value: unknown = bytes === undefined ? undefined : JSON.parse(decoder.decode(bytes))
  if (typeof value === 'string' && value !== '') return value
  throw new SluiceError('invalid_request', `\`${param}\` must be a text that is not empty.`, { param })
}

function object(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes?.[0] === 0x7b) return bytes
  throw new SluiceError('invalid_request', '`body` must be an object.', { param: 'body' })
}

/**
 * The lines of a file, which is never held whole.
 * @param limit of one line, in bytes. @throws SluiceError `body_too_large` for a longer one.
 */
export async function* readLines(chunks: AsyncIterable<Buffer>, limit: number): AsyncGenerator<NumberedLine> {
  let held: Buffer[] = []
  let heldSize = 0
  let number = 0
  const take = (end: Buffer): NumberedLine | undefined => {
    number++
    const bytes = held.length === 0 ? end : Buffer.concat([...held, end])
    held = []
    heldSize = 0
    return /^\s*$/.test(bytes.toString('latin1', 0, 100)) && bytes.toString().trim() === ''
      ? undefined
      : { number, bytes }
  }
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      if (heldSize + end - start > limit) throw tooLong(number + 1, limit)
      const line = take(chunk.subarray(start, end))
      start = end + 1
      if (line !== undefined) yield line
    }
    if (start === chunk.length) continue
    held.push(chunk.subarray(start))
    heldSize += chunk.length - start
    if (heldSize > limit) throw tooLong(number + 1, limit)
  }
  const last = heldSize > 0 ? take(Buffer.alloc(0)) : undefined
  if (last !== undefined) yield last
}

function tooLong(number: number, limit: number): SluiceError {
  return new SluiceError('body_too_large', `Line ${number} is longer than the limit of ${limit} bytes.`)
}
