import { readCount, type Usage } from '../../ir/usage.ts'
import { isRecord, type WireObject } from './wire.ts'

/**
 * Reads Anthropic's usage, in which `input_tokens` holds neither cache reads nor cache writes, and `output_tokens`
 * holds thinking. `undefined` when `wire` is no object that counts tokens.
 */
export function decodeUsage(wire: unknown): Usage | undefined {
  if (!isRecord(wire)) return undefined
  const input = readCount(wire['input_tokens'])
  const output = readCount(wire['output_tokens'])
  const cacheRead = readCount(wire['cache_read_input_tokens'])
  const written = readCount(wire['cache_creation_input_tokens'])
  if ((input ?? output ?? cacheRead ?? written) === undefined) return undefined
  const creation = isRecord(wire['cache_creation']) ? wire['cache_creation'] : {}
  const details = isRecord(wire['output_tokens_details']) ? wire['output_tokens_details'] : {}
  const long = readCount(creation['ephemeral_1h_input_tokens']) ?? 0
  const short = readCount(creation['ephemeral_5m_input_tokens']) ?? 0
  const allWritten = written ?? short + long
  const cacheWriteLong = Math.min(long, allWritten)
  const reasoning = Math.min(readCount(details['thinking_tokens']) ?? 0, output ?? 0)
  return {
    input: input ?? 0,
    cacheRead: cacheRead ?? 0,
    cacheWrite: allWritten - cacheWriteLong,
    cacheWriteLong,
    audioInput: 0,
    imageInput: 0,
    output: (output ?? 0) - reasoning,
    reasoning,
    audioOutput: 0,
    imageOutput: 0,
    rejectedPrediction: 0,
  }
}

/**
 * The counts so far with those of a later usage object, whose `null` means "as before".
 *
 * @param counts what was given back before, which is changed: a copy for each of many would take quadratic time.
 */
export function mergeUsage(counts: Record<string, unknown> | undefined, more: unknown): typeof counts {
  if (!isRecord(more)) return counts
  if (counts === undefined) return { ...more }
  for (const [name, value] of Object.entries(more)) {
    // To assign to the latter would change what the counts inherit.
    if (value !== null && value !== undefined && name !== '__proto__') counts[name] = value
  }
  return counts
}

export function encodeUsage(usage: Usage): WireObject {
  const { cacheWrite, cacheWriteLong, reasoning } = usage
  return {
    input_tokens: usage.input + usage.audioInput + usage.imageInput,
    cache_creation_input_tokens: cacheWrite + cacheWriteLong,
    cache_read_input_tokens: usage.cacheRead,
    ...(cacheWriteLong === 0
      ? undefined
      : { cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: cacheWriteLong } }),
    output_tokens: usage.output + reasoning + usage.audioOutput + usage.imageOutput + usage.rejectedPrediction,
    ...(reasoning === 0 ? undefined : { output_tokens_details: { thinking_tokens: reasoning } }),
  }
}

/** The provider's own object where it still says the same; it may hold more than counts. */
export function encodeKeptUsage(usage: Usage, wire: unknown): unknown {
  const original = decodeUsage(wire)
  return original !== undefined && JSON.stringify(original) === JSON.stringify(usage) ? wire : encodeUsage(usage)
}
