import { readCount, totalInput, totalOutput, type Usage } from '../../ir/usage.ts'
import { isRecord, type WireObject } from './wire.ts'

/**
 * The usage object of an answer or chunk, wherever the provider put it: at the top, in `x_groq` (Groq) or in
 * the first choice (Moonshot).
 */
export function findUsage(body: unknown): unknown {
  if (!isRecord(body)) return undefined
  if (isRecord(body['usage'])) return body['usage']
  const groq = body['x_groq']
  if (isRecord(groq) && isRecord(groq['usage'])) return groq['usage']
  const choices = body['choices']
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined
  return isRecord(first) && isRecord(first['usage']) ? first['usage'] : undefined
}

/**
 * Splits OpenAI's inclusive totals into disjoint classes. `prompt_tokens` holds cached, cache-written, audio
 * and image tokens; `completion_tokens` holds reasoning, audio and rejected prediction tokens. Where details
 * exceed their total the remainder is 0. `undefined` when `wire` is no object that counts tokens.
 */
export function decodeUsage(wire: unknown): Usage | undefined {
  if (!isRecord(wire)) return undefined
  const inputDetails = isRecord(wire['prompt_tokens_details']) ? wire['prompt_tokens_details'] : {}
  const outputDetails = isRecord(wire['completion_tokens_details']) ? wire['completion_tokens_details'] : {}

  const cacheHit = readCount(wire['prompt_cache_hit_tokens'])
  const cacheMiss = readCount(wire['prompt_cache_miss_tokens'])
  const cacheRead = readCount(inputDetails['cached_tokens']) ?? cacheHit ?? readCount(wire['cached_tokens']) ?? 0
  const written = readCount(inputDetails['cache_write_tokens']) ?? 0
  const cacheWriteLong = Math.min(written, longWrites(inputDetails['cache_write_tokens_details']))
  const audio = readCount(inputDetails['audio_tokens']) ?? 0
  const images = readCount(inputDetails['image_tokens']) ?? 0
  const reasoning = readCount(outputDetails['reasoning_tokens']) ?? readCount(wire['reasoning_tokens']) ?? 0
  const audioOutput = readCount(outputDetails['audio_tokens']) ?? 0
  const imageOutput = readCount(outputDetails['image_tokens']) ?? 0
  const rejectedPrediction = readCount(outputDetails['rejected_prediction_tokens']) ?? 0

  const reportedInput = readCount(wire['prompt_tokens'])
  const reportedOutput = readCount(wire['completion_tokens'])
  const reportedTotal = readCount(wire['total_tokens'])
  if ((reportedInput ?? reportedOutput ?? reportedTotal ?? cacheHit) === undefined) return undefined
  const inputTotal =
    reportedInput ??
    (cacheHit !== undefined && cacheMiss !== undefined ? cacheHit + cacheMiss : undefined) ??
    (reportedTotal === undefined ? 0 : reportedTotal - (reportedOutput ?? 0))
  const outputTotal = reportedOutput ?? (reportedTotal === undefined ? 0 : reportedTotal - inputTotal)
  // xAI counts reasoning beside completion_tokens; its own total gives that away.
  const reasoningBeside = reasoning > 0 && reportedTotal === inputTotal + outputTotal + reasoning

  // Audio and images may be among the cached tokens (xAI); what of them is not is all that is left beside those.
  const uncached = Math.max(0, inputTotal - cacheRead - written)
  const audioInput = Math.min(audio, uncached)
  const imageInput = Math.min(images, uncached - audioInput)

  // Without spreads, which would cost more than all the rest: this is on the way of every request.
  const reported: { input?: number; output?: number; total?: number; costNanoDollars?: number } = {}
  if (reportedInput !== undefined) reported.input = reportedInput
  if (reportedOutput !== undefined) reported.output = reportedOutput
  if (reportedTotal !== undefined) reported.total = reportedTotal
  const cost = costNanoDollars(wire)
  if (cost !== undefined) reported.costNanoDollars = cost
  return {
    input: uncached - audioInput - imageInput,
    cacheRead,
    cacheWrite: written - cacheWriteLong,
    cacheWriteLong,
    audioInput,
    imageInput,
    output: Math.max(
      0,
      outputTotal - (reasoningBeside ? 0 : reasoning) - audioOutput - imageOutput - rejectedPrediction,
    ),
    reasoning,
    audioOutput,
    imageOutput,
    rejectedPrediction,
    reported,
  }
}

export interface WireUsage {
  prompt_tokens: number
  completion_tokens: number
  total_tokens: number
  prompt_tokens_details: {
    cached_tokens: number
    audio_tokens: number
    cache_write_tokens?: number
    image_tokens?: number
  }
  completion_tokens_details: {
    reasoning_tokens: number
    audio_tokens: number
    rejected_prediction_tokens: number
    image_tokens?: number
  }
}

/** OpenAI's inclusive totals; they equal the sum of the classes. */
export function encodeUsage(usage: Usage): WireUsage {
  const input = totalInput(usage)
  const output = totalOutput(usage)
  const written = usage.cacheWrite + usage.cacheWriteLong
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: {
      cached_tokens: usage.cacheRead,
      audio_tokens: usage.audioInput,
      ...(written === 0 ? {} : { cache_write_tokens: written }),
      ...(usage.imageInput === 0 ? {} : { image_tokens: usage.imageInput }),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      audio_tokens: usage.audioOutput,
      rejected_prediction_tokens: usage.rejectedPrediction,
      ...(usage.imageOutput === 0 ? {} : { image_tokens: usage.imageOutput }),
    },
  }
}

/** The provider's own object where it still says the same; it may hold prices and times beside the counts. */
export function encodeKeptUsage(usage: Usage, wire: unknown): unknown {
  const original = decodeUsage(wire)
  return original !== undefined && JSON.stringify(original) === JSON.stringify(usage) ? wire : encodeUsage(usage)
}

/** Whether the classes of `Usage` say all that the provider's object says. */
export function isCanonicalUsage(wire: unknown): boolean {
  const usage = decodeUsage(wire)
  return usage !== undefined && isRecord(wire) && hasSameCounts(wire, encodeUsage(usage))
}

function hasSameCounts(wire: WireObject, canonical: object): boolean {
  const expected = Object.entries(canonical)
  if (Object.keys(wire).length !== expected.length) return false
  return expected.every(([name, value]: [string, unknown]) => {
    const given = wire[name]
    return isRecord(given) && isRecord(value) ? hasSameCounts(given, value) : given === value
  })
}

function longWrites(details: unknown): number {
  return isRecord(details) ? (readCount(details['ttl_12h_tokens']) ?? 0) : 0
}

/**
 * The provider's own price: `cost` in USD (OpenRouter), `cost.total_cost` in USD (Perplexity),
 * `cost_in_usd_ticks` of 10⁻¹⁰ USD (xAI), `estimated_cost` in USD (DeepInfra).
 */
function costNanoDollars(wire: WireObject): number | undefined {
  const ticks = amount(wire['cost_in_usd_ticks'])
  if (ticks !== undefined) return Math.round(ticks / 10)
  const cost = wire['cost']
  const dollars = amount(isRecord(cost) ? cost['total_cost'] : cost) ?? amount(wire['estimated_cost'])
  return dollars === undefined ? undefined : Math.round(dollars * 1e9)
}

function amount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}
