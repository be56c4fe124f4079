import type { Usage } from '../../ir/usage.ts'
import { noUsage, readCount } from '../../ir/usage.ts'
import { isRecord } from '../../json/wire-object.ts'

/**
 * `prompt_tokens` of embeddings; `input_tokens` and `output_tokens` of images, speech and transcriptions; `seconds` of
 * transcriptions that are billed by time, in whole ones.
 */
export function readUsage(wire: unknown): Usage | undefined {
  if (!isRecord(wire)) return undefined
  const input = count(wire['prompt_tokens']) ?? count(wire['input_tokens'])
  const output = count(wire['output_tokens']) ?? count(wire['completion_tokens']) ?? 0
  const total = count(wire['total_tokens'])
  const whole = input ?? (total === undefined ? undefined : Math.max(0, total - output))
  if (whole === undefined) return readDuration(wire)
  // Images say `input_tokens_details`, transcriptions `input_token_details`.
  const details = detailsOf(wire['input_tokens_details'] ?? wire['input_token_details'])
  const imageInput = Math.min(whole, count(details['image_tokens']) ?? 0)
  const audioInput = Math.min(whole - imageInput, count(details['audio_tokens']) ?? 0)
  const imageOutput = Math.min(output, count(detailsOf(wire['output_tokens_details'])['image_tokens']) ?? 0)
  return {
    ...noUsage,
    input: whole - imageInput - audioInput,
    imageInput,
    audioInput,
    output: output - imageOutput,
    imageOutput,
    reported: { input: whole, output, ...(total !== undefined && { total }) },
  }
}

function detailsOf(written: unknown): Readonly<Record<string, unknown>> {
  return isRecord(written) ? written : {}
}

function readDuration({ seconds }: Readonly<Record<string, unknown>>): Usage | undefined {
  if (typeof seconds !== 'number' || seconds < 0) return undefined
  const audioSeconds = readCount(Math.ceil(seconds))
  return audioSeconds === undefined ? undefined : { ...noUsage, audioSeconds }
}

/** Of speech, whose answers say nothing: what OpenAI bills is what was asked to be spoken. */
export function readSpokenText(request: Uint8Array | undefined): Usage | undefined {
  if (request === undefined) return undefined
  try {
    const body: unknown = JSON.parse(new TextDecoder().decode(request))
    const input = isRecord(body) ? body['input'] : undefined
    return typeof input === 'string' ? { ...noUsage, characters: Array.from(input).length } : undefined
  } catch {
    return undefined
  }
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
