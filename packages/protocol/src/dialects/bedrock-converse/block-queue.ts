import { PartQueue } from '../../framing/part-queue.ts'
import { frame } from './frame.ts'

const types = { start: 'contentBlockStart', delta: 'contentBlockDelta', stop: 'contentBlockStop' } as const

/** One after the other, the blocks of a message: their starts and deltas as JSON text. */
export function createBlockQueue(emit: (bytes: Uint8Array) => void): PartQueue {
  let index = 0
  return new PartQueue((kind, json) => {
    const member = kind === 'stop' ? '' : `"${kind}":${json},`
    emit(frame(types[kind], `{${member}"contentBlockIndex":${index}}`))
    if (kind === 'stop') index++
  })
}
