import { SluiceError } from '../errors/sluice-error.ts'
import type { ModerateInput, ModerateRequest, ModerateResult, Verdict } from './moderate.ts'

/** @throws SluiceError `upstream_invalid_response` when there is not one verdict for each input: silence is no verdict. */
export function verdictsFor({ verdicts }: ModerateResult, { inputs }: ModerateRequest): readonly Verdict[] {
  if (verdicts.length === inputs.length) return verdicts
  throw new SluiceError(
    'upstream_invalid_response',
    `The moderation gave ${verdicts.length} verdicts for ${inputs.length} inputs.`,
  )
}

/**
 * The inputs for a wire that takes texts only.
 * @throws SluiceError `invalid_request` for pictures: what is not looked at must not pass.
 */
export function textsToJudge(inputs: readonly ModerateInput[]): readonly string[] {
  return inputs.map((input, index) =>
    typeof input === 'string' ? input : input.map((part) => textOf(part, index)).join('\n'),
  )
}

function textOf(part: Exclude<ModerateInput, string>[number], index: number): string {
  if (part.type === 'text') return part.text
  throw new SluiceError('invalid_request', 'The moderation that is asked here reads text only, and no pictures.', {
    param: `input[${index}]`,
  })
}
