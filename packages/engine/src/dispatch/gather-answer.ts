import { answerLimit, answerTooLong, joinBytes } from '@sluice/protocol'
import type { Answer } from './answer.ts'

/** All bytes of an answer. Rejects when it breaks off, and when it is longer than is kept: that is given up. */
export function gatherAnswer(answer: Answer): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = []
    let size = 0
    answer.relay({
      write(bytes) {
        size += bytes.length
        if (size <= answerLimit) return void pieces.push(bytes)
        answer.cancel()
        reject(answerTooLong())
      },
      end: () => resolve(joinBytes(pieces)),
      fail: reject,
    })
  })
}
