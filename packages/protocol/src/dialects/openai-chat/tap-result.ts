import type { Tap } from '../../dialect.ts'
import { createResultTap as createTap, type ResultShape } from '../../tap/result-tap.ts'
import { decodeFinishReason } from './finish-reason.ts'
import { decodeUsage } from './usage.ts'
import { isRecord } from './wire.ts'

const completion: ResultShape = {
  member: 'choices',
  processing: 'service_tier',
  readUsage: decodeUsage,
  readFinishReason(choices) {
    const first: unknown = Array.isArray(choices) ? choices[0] : undefined
    const word = isRecord(first) ? first['finish_reason'] : undefined
    return typeof word === 'string' ? decodeFinishReason(word) : undefined
  },
}

/** Watches a `chat.completion` that is relayed as it is. */
export function createResultTap(): Tap {
  return createTap(completion)
}
