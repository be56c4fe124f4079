import { crc32 } from 'node:zlib'
import type { Framing } from '../../framing.ts'

/**
 * Messages with two lengths, headers, a payload and checksums; names that end in `Exception` are those of exceptions.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html
 */
export const eventStream: Framing = {
  contentType: 'application/vnd.amazon.eventstream',
  event(data, name = 'contentBlockDelta') {
    const kind = name.endsWith('Exception') ? 'exception' : 'event'
    const headers = Buffer.concat([
      header(`:${kind}-type`, name),
      header(':content-type', 'application/json'),
      header(':message-type', kind),
    ])
    return message(headers, Buffer.from(data))
  },
  // There are no comments: an empty piece is nothing on the wire.
  keepAlive: () => new Uint8Array(),
}

/** A string: type 7. */
function header(name: string, value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.of(name.length), Buffer.from(name), Buffer.of(7), uint(bytes.length, 2), bytes])
}

function message(headers: Buffer, payload: Buffer): Buffer {
  const lengths = Buffer.concat([uint(headers.length + payload.length + 16, 4), uint(headers.length, 4)])
  const checked = Buffer.concat([lengths, uint(crc32(lengths), 4), headers, payload])
  return Buffer.concat([checked, uint(crc32(checked), 4)])
}

function uint(value: number, size: number): Buffer {
  const bytes = Buffer.alloc(size)
  bytes.writeUIntBE(value, 0, size)
  return bytes
}
