import { PartQueue } from '../../framing/part-queue.ts'
import { frame } from './frame.ts'

/** One after the other, the blocks of a message: their starts and deltas as JSON text. */
export function createBlockQueue(emit: (text: string) => void): PartQueue {
  let index = -1
  return new PartQueue((kind, json) => {
    if (kind === 'start') {
      index++
      emit(frame('content_block_start', `{"type":"content_block_start","index":${index},"content_block":${json}}`))
    } else if (kind === 'delta') {
      emit(frame('content_block_delta', `{"type":"content_block_delta","index":${index},"delta":${json}}`))
    } else emit(frame('content_block_stop', `{"type":"content_block_stop","index":${index}}`))
  })
}
