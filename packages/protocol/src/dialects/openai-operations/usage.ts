import type { Usage } from '../../ir/usage.ts'
import { noUsage } from '../../ir/usage.ts'
import { isRecord } from '../../json/wire-object.ts'

/** `prompt_tokens` of embeddings; `input_tokens` and `output_tokens` of images, speech and transcriptions. */
export function readUsage(wire: unknown): Usage | undefined {
  if (!isRecord(wire)) return undefined
  const input = count(wire['prompt_tokens']) ?? count(wire['input_tokens'])
  const output = count(wire['output_tokens']) ?? count(wire['completion_tokens']) ?? 0
  const total = count(wire['total_tokens'])
  const whole = input ?? (total === undefined ? undefined : Math.max(0, total - output))
  if (whole === undefined) return undefined
  // Images say `input_tokens_details`, transcriptions `input_token_details`.
  const written = wire['input_tokens_details'] ?? wire['input_token_details']
  const details = isRecord(written) ? written : {}
  const imageInput = Math.min(whole, count(details['image_tokens']) ?? 0)
  const audioInput = Math.min(whole - imageInput, count(details['audio_tokens']) ?? 0)
  return {
    ...noUsage,
    input: whole - imageInput - audioInput,
    imageInput,
    audioInput,
    output,
    reported: { input: whole, output, ...(total !== undefined && { total }) },
  }
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
