import { answerTooLong, joinBytes } from '@sluice/protocol'
import type { Transport, UpstreamHeaders, UpstreamRequest } from './transport.ts'

/** An answer, whole. */
export interface CollectedAnswer {
  readonly status: number
  readonly headers: UpstreamHeaders
  readonly body: Uint8Array
}

/**
 * Sends a call and waits for its whole answer, whatever its status: for small ones such as lists of models.
 * Rejects with a `SluiceError`: the transport's, or `upstream_invalid_response` for more than `limit` bytes.
 */
export function collect(transport: Transport, request: UpstreamRequest, limit: number): Promise<CollectedAnswer> {
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = []
    let length = 0
    let status = 0
    let headers: UpstreamHeaders = {}
    const flow = transport.send(request, {
      start(answerStatus, answerHeaders) {
        status = answerStatus
        headers = answerHeaders
      },
      data(chunk) {
        length += chunk.length
        pieces.push(chunk)
        if (length <= limit) return
        flow.cancel()
        reject(answerTooLong(limit))
      },
      end() {
        resolve({ status, headers, body: joinBytes(pieces) })
      },
      error: reject,
    })
  })
}
