import type { IncomingMessage } from 'node:http'
import type { Reading } from './behaviour.ts'
import type { RecordedRequest } from './recording.ts'

/** Larger bodies are refused. */
export const bodyLimit: number = 256 * 1024 * 1024

/** Reads the body into the record. Returns whether there is somebody left to answer. */
export function receive(request: IncomingMessage, record: RecordedRequest, reading: Reading): Promise<boolean> {
  const { gap = 0, stopAt = Infinity } = reading
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined
    const done = (present: boolean): void => {
      clearTimeout(timer)
      request.off('data', onData)
      record.bodyAt = Date.now()
      resolve(present)
    }
    const onData = (piece: Buffer): void => {
      record.append(piece)
      if (record.bodySize >= Math.min(stopAt, bodyLimit + 1)) {
        request.pause()
        done(true)
      } else if (gap > 0) {
        request.pause()
        timer = setTimeout(() => request.resume(), gap)
      }
    }
    request.once('end', () => {
      record.bodyComplete = true
      done(true)
    })
    request.once('close', () => done(false))
    request.on('error', () => done(false))
    if (stopAt > 0) request.on('data', onData)
    else done(true)
  })
}
