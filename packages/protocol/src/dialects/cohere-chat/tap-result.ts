import type { Tap } from '../../dialect.ts'
import { createResultTap as createTap, type ResultShape } from '../../tap/result-tap.ts'
import { finishReasonOf } from './finish-reason.ts'
import { decodeUsage } from './usage.ts'
import { isString } from './wire.ts'

const answer: ResultShape = {
  member: 'finish_reason',
  type: 'string',
  readUsage: decodeUsage,
  readFinishReason: (word) => (isString(word) ? finishReasonOf(word) : undefined),
}

/** Watches an answer that is relayed as it is. */
export function createResultTap(): Tap {
  return createTap(answer)
}
