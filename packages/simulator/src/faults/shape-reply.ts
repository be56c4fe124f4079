import type { Fault } from '../fault.ts'
import type { Reply } from '../reply/reply.ts'

/** Faults that are a matter of what is said. */
export function shapeReply(reply: Reply, faults: readonly Fault[]): Reply {
  return faults.reduce((shaped, fault) => {
    if (fault.kind === 'missing-usage') return { ...shaped, usage: false }
    if (fault.kind === 'long-line') return { ...shaped, text: ['x'.repeat(fault.size)] }
    return shaped
  }, reply)
}
