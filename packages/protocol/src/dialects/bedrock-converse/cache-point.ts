import type { Extensions } from '../../ir/extensions.ts'
import { isRecord, isString, markOf, type WireObject } from './wire.ts'

/** A `cachePoint` block as the mark of the part before it; `undefined` for another block, or one that says more. */
export function readCachePoint(block: unknown): WireObject | undefined {
  if (!isRecord(block) || Object.keys(block).length !== 1 || !isRecord(block['cachePoint'])) return undefined
  const { type, ttl, ...others } = block['cachePoint']
  if (type !== 'default' || Object.keys(others).length > 0) return undefined
  if (ttl === undefined) return { type: 'ephemeral' }
  return isString(ttl) ? { type: 'ephemeral', ttl } : undefined
}

/** The blocks that follow a part which is marked: one or none. */
export function cachePoints(extensions: Extensions | undefined): readonly WireObject[] {
  const mark = markOf(extensions)
  if (mark === undefined) return []
  return [{ cachePoint: { type: 'default', ...(isString(mark['ttl']) && { ttl: mark['ttl'] }) } }]
}
