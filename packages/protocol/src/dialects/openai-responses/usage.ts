import { totalInput, totalOutput, type Usage } from '../../ir/usage.ts'
import { decodeUsage as decodeChatUsage } from '../openai-chat/usage.ts'
import { isRecord, type WireObject } from '../../json/wire-object.ts'

/** Its totals are inclusive, as those of Chat Completions, under other names. */
export function decodeUsage(wire: unknown): Usage | undefined {
  if (!isRecord(wire)) return undefined
  return decodeChatUsage({
    ...wire,
    prompt_tokens: wire['input_tokens'],
    prompt_tokens_details: wire['input_tokens_details'],
    completion_tokens: wire['output_tokens'],
    completion_tokens_details: wire['output_tokens_details'],
  })
}

function encodeUsage(usage: Usage): WireObject {
  const input = totalInput(usage)
  const output = totalOutput(usage)
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: usage.cacheRead,
      cache_write_tokens: usage.cacheWrite + usage.cacheWriteLong,
      ...(usage.cacheWriteLong > 0 && {
        cache_write_tokens_details: { ttl_30m_tokens: usage.cacheWrite, ttl_12h_tokens: usage.cacheWriteLong },
      }),
      ...(usage.audioInput > 0 && { audio_tokens: usage.audioInput }),
      ...(usage.imageInput > 0 && { image_tokens: usage.imageInput }),
    },
    output_tokens: output,
    output_tokens_details: {
      reasoning_tokens: usage.reasoning,
      ...(usage.audioOutput > 0 && { audio_tokens: usage.audioOutput }),
      ...(usage.rejectedPrediction > 0 && { rejected_prediction_tokens: usage.rejectedPrediction }),
    },
    total_tokens: input + output,
  }
}

/** The provider's own object where it still says the same; it may hold prices and times beside the counts. */
export function encodeKeptUsage(usage: Usage, wire: unknown): unknown {
  const original = decodeUsage(wire)
  return original !== undefined && JSON.stringify(original) === JSON.stringify(usage) ? wire : encodeUsage(usage)
}
