import { readCount, type Usage } from '../../ir/usage.ts'
import { isArray, isRecord, type WireObject } from './wire.ts'

/**
 * Reads `TokenUsage`, in which `inputTokens` holds neither cache reads nor cache writes. How much of the output was
 * reasoning is not said. `undefined` when `wire` is no object that counts tokens.
 */
export function decodeUsage(wire: unknown): Usage | undefined {
  if (!isRecord(wire)) return undefined
  const input = readCount(wire['inputTokens'])
  const output = readCount(wire['outputTokens'])
  const cacheRead = readCount(wire['cacheReadInputTokens'])
  const written = readCount(wire['cacheWriteInputTokens'])
  if ((input ?? output ?? cacheRead ?? written) === undefined) return undefined
  const long = writtenForAnHour(wire['cacheDetails'])
  const cacheWriteLong = written === undefined ? long : Math.min(long, written)
  return {
    input: input ?? 0,
    cacheRead: cacheRead ?? 0,
    cacheWrite: (written ?? long) - cacheWriteLong,
    cacheWriteLong,
    audioInput: 0,
    imageInput: 0,
    output: output ?? 0,
    reasoning: 0,
    audioOutput: 0,
    imageOutput: 0,
    rejectedPrediction: 0,
  }
}

function writtenForAnHour(details: unknown): number {
  let total = 0
  for (const detail of isArray(details) ? details : []) {
    if (isRecord(detail) && detail['ttl'] === '1h') total += readCount(detail['inputTokens']) ?? 0
  }
  return total
}

export function encodeUsage(usage: Usage): WireObject {
  const { cacheRead, cacheWrite, cacheWriteLong } = usage
  const inputTokens = usage.input + usage.audioInput + usage.imageInput
  const outputTokens = usage.output + usage.reasoning + usage.audioOutput + usage.imageOutput + usage.rejectedPrediction
  const written = cacheWrite + cacheWriteLong
  return {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + cacheRead + written + outputTokens,
    cacheReadInputTokens: cacheRead,
    cacheWriteInputTokens: written,
    ...(cacheWriteLong > 0 && {
      cacheDetails: [
        ...(cacheWrite > 0 ? [{ ttl: '5m', inputTokens: cacheWrite }] : []),
        { ttl: '1h', inputTokens: cacheWriteLong },
      ],
    }),
  }
}

/** The provider's own object where it still says the same; it may hold more than counts. */
export function encodeKeptUsage(usage: Usage, wire: unknown): unknown {
  const original = decodeUsage(wire)
  return original !== undefined && JSON.stringify(original) === JSON.stringify(usage) ? wire : encodeUsage(usage)
}
