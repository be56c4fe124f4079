import { readCount, totalInput, totalOutput, type Usage } from '../../ir/usage.ts'
import { inner, isRecord, type WireObject } from './wire.ts'

/**
 * Reads `{tokens, billed_units, cached_tokens}`. `tokens` counts what the model read and wrote, cached tokens included;
 * `billed_units`, which leave out what Cohere adds to the prompt, stand in where `tokens` are missing.
 * https://docs.cohere.com/v2/docs/how-does-cohere-pricing-work
 */
export function decodeUsage(wire: unknown): Usage | undefined {
  if (!isRecord(wire)) return undefined
  const counts = inner(wire, 'tokens')
  const billed = inner(wire, 'billed_units')
  const input = readCount(counts?.['input_tokens']) ?? readCount(billed?.['input_tokens'])
  const output = readCount(counts?.['output_tokens']) ?? readCount(billed?.['output_tokens'])
  if ((input ?? output) === undefined) return undefined
  const cacheRead = Math.min(readCount(wire['cached_tokens']) ?? 0, input ?? 0)
  return {
    input: (input ?? 0) - cacheRead,
    cacheRead,
    cacheWrite: 0,
    cacheWriteLong: 0,
    audioInput: 0,
    imageInput: 0,
    output: output ?? 0,
    reasoning: 0,
    audioOutput: 0,
    imageOutput: 0,
    rejectedPrediction: 0,
    reported: { ...(input !== undefined && { input }), ...(output !== undefined && { output }) },
  }
}

function encodeUsage(usage: Usage): WireObject {
  const counts = { input_tokens: totalInput(usage), output_tokens: totalOutput(usage) }
  return {
    billed_units: counts,
    tokens: counts,
    ...(usage.cacheRead > 0 && { cached_tokens: usage.cacheRead }),
  }
}

/** The provider's own object where it still says the same: its billed units are not known otherwise. */
export function encodeKeptUsage(usage: Usage, wire: unknown): unknown {
  const original = decodeUsage(wire)
  return original !== undefined && JSON.stringify(original) === JSON.stringify(usage) ? wire : encodeUsage(usage)
}
