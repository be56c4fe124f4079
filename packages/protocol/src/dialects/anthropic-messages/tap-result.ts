import type { Tap } from '../../dialect.ts'
import { createResultTap as createTap, type ResultShape } from '../../tap/result-tap.ts'
import { decodeStopReason } from './stop-reason.ts'
import { decodeUsage } from './usage.ts'
import { isRecord, isString } from './wire.ts'

const message: ResultShape = {
  member: 'content',
  readUsage: decodeUsage,
  finish: 'stop_reason',
  readFinishReason: (word) => (isString(word) ? decodeStopReason(word) : undefined),
  processing: 'usage',
  readProcessing: (usage) => (isRecord(usage) ? usage['service_tier'] : undefined),
}

/** Watches a message that is relayed as it is. */
export function createResultTap(): Tap {
  return createTap(message)
}
