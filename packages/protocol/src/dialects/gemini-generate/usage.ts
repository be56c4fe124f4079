import { readCount, totalInput, totalOutput, type Usage } from '../../ir/usage.ts'
import { isArray, isRecord, type WireObject } from './wire.ts'

/**
 * Splits `usageMetadata` into disjoint classes. `promptTokenCount` includes cached tokens, `candidatesTokenCount` does
 * not include thoughts; the details count by modality. Video and documents count as plain input.
 * https://ai.google.dev/api/generate-content#UsageMetadata
 */
export function decodeUsage(wire: unknown): Usage | undefined {
  if (!isRecord(wire)) return undefined
  const prompt = readCount(wire['promptTokenCount'])
  const toolPrompt = readCount(wire['toolUsePromptTokenCount'])
  const candidates = readCount(wire['candidatesTokenCount'])
  const thoughts = readCount(wire['thoughtsTokenCount'])
  const total = readCount(wire['totalTokenCount'])
  if ((prompt ?? toolPrompt ?? candidates ?? thoughts ?? total) === undefined) return undefined

  const cacheRead = readCount(wire['cachedContentTokenCount']) ?? 0
  const uncached = (modality: string): number => {
    const asked = count(wire['promptTokensDetails'], modality) + count(wire['toolUsePromptTokensDetails'], modality)
    return Math.max(0, asked - count(wire['cacheTokensDetails'], modality))
  }
  const audioInput = uncached('AUDIO')
  const imageInput = uncached('IMAGE')
  const audioOutput = count(wire['candidatesTokensDetails'], 'AUDIO')
  const imageOutput = count(wire['candidatesTokensDetails'], 'IMAGE')
  const inputTotal = (prompt ?? 0) + (toolPrompt ?? 0)
  return {
    input: Math.max(0, inputTotal - cacheRead - audioInput - imageInput),
    cacheRead,
    cacheWrite: 0,
    cacheWriteLong: 0,
    audioInput,
    imageInput,
    output: Math.max(0, (candidates ?? 0) - audioOutput - imageOutput),
    reasoning: thoughts ?? 0,
    audioOutput,
    imageOutput,
    rejectedPrediction: 0,
    reported: {
      ...(prompt === undefined && toolPrompt === undefined ? undefined : { input: inputTotal }),
      ...(candidates === undefined && thoughts === undefined
        ? undefined
        : { output: (candidates ?? 0) + (thoughts ?? 0) }),
      ...(total === undefined ? undefined : { total }),
    },
  }
}

/** Totals that equal the sum of the classes; details only where a class needs them. */
export function encodeUsage(usage: Usage): WireObject {
  const input = totalInput(usage)
  const output = totalOutput(usage)
  const { cacheRead, audioInput, imageInput, audioOutput, imageOutput, reasoning } = usage
  const special = audioInput + imageInput
  // Of a prompt that was blocked no output is reported.
  const unsaid = output === 0 && usage.reported !== undefined && usage.reported.output === undefined
  return {
    promptTokenCount: input,
    ...(cacheRead > 0 && { cachedContentTokenCount: cacheRead }),
    ...(!unsaid && { candidatesTokenCount: output - reasoning }),
    ...(reasoning > 0 && { thoughtsTokenCount: reasoning }),
    totalTokenCount: input + output,
    ...(special > 0 && {
      promptTokensDetails: [detail('TEXT', input - special), detail('AUDIO', audioInput), detail('IMAGE', imageInput)],
    }),
    ...(audioOutput + imageOutput > 0 && {
      candidatesTokensDetails: [
        detail('TEXT', output - reasoning - audioOutput - imageOutput),
        ...(audioOutput > 0 ? [detail('AUDIO', audioOutput)] : []),
        ...(imageOutput > 0 ? [detail('IMAGE', imageOutput)] : []),
      ],
    }),
  }
}

/** The provider's own object where it still says the same. */
export function encodeKeptUsage(usage: Usage, wire: unknown): unknown {
  const original = decodeUsage(wire)
  return original !== undefined && JSON.stringify(original) === JSON.stringify(usage) ? wire : encodeUsage(usage)
}

function detail(modality: string, tokenCount: number): WireObject {
  return { modality, tokenCount }
}

function count(details: unknown, modality: string): number {
  if (!isArray(details)) return 0
  let sum = 0
  for (const entry of details)
    if (isRecord(entry) && entry['modality'] === modality) sum += readCount(entry['tokenCount']) ?? 0
  return sum
}
