import type { Tap } from '../../dialect.ts'
import { createResultTap as createTap, type ResultShape } from '../../tap/result-tap.ts'
import { isArray, isRecord } from '../../json/wire-object.ts'
import { hasCalls, storedIdOf } from './tap-stream.ts'
import { decodeUsage } from './usage.ts'

const response: ResultShape = {
  member: 'output',
  readUsage: decodeUsage,
  // From the items, which also say that they were cut short.
  readFinishReason(output) {
    // Of an answer too large to be held it is not known.
    if (!isArray(output)) return undefined
    if (hasCalls(output)) return 'tool-calls'
    const cut = output.some((item) => isRecord(item) && item['status'] === 'incomplete')
    return cut ? 'length' : 'stop'
  },
  processing: 'service_tier',
  stored: { members: ['id', 'store'], id: ([id, store]) => storedIdOf({ id, store }) },
}

/** Watches a `response` that is relayed as it is. */
export function createResultTap(): Tap {
  return createTap(response)
}
