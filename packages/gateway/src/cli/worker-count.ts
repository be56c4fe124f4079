import { availableParallelism } from 'node:os'
import type { Config } from 'sluice'

/** How many processes serve. */
export function workerCount({ workers }: Config['server']): number {
  return workers === 'auto' ? availableParallelism() : workers
}
