import type { Tap } from '../../dialect.ts'
import { createResultTap as createTap, type ResultShape } from '../../tap/result-tap.ts'
import { decodeStopReason } from './stop-reason.ts'
import { decodeUsage } from './usage.ts'
import { isRecord, isString } from './wire.ts'

const answer: ResultShape = {
  member: 'stopReason',
  type: 'string',
  processing: 'serviceTier',
  readProcessing: (tier) => (isRecord(tier) ? tier['type'] : undefined),
  readUsage: decodeUsage,
  readFinishReason: (word) => (isString(word) ? decodeStopReason(word) : undefined),
}

/** Watches an answer that is relayed as it is. */
export function createResultTap(): Tap {
  return createTap(answer)
}
