import type { CodecContext } from '../../dialect.ts'
import type { ChatChoice, ChatResult } from '../../ir/chat.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import { noUsage, type Usage } from '../../ir/usage.ts'
import { encodeBlocks } from './content-block.ts'
import { stopWord } from './stop-reason.ts'
import { encodeKeptUsage, encodeUsage } from './usage.ts'
import { formOf, inner, isString, kept, type WireObject } from './wire.ts'

/** Writes the answer of `Converse`. Of several choices only the first can be said. */
export function encodeResult(result: ChatResult, context: CodecContext): WireObject {
  const form = formOf(result.extensions)
  const rest = kept(result.extensions, context, '')
  const [choice, ...others] = result.choices
  if (others.length > 0) warnChoices(context)
  const parts = choice?.content ?? []
  const content = parts.flatMap((part, index) => encodeBlocks(part, context, `content[${index}]`))
  const message = { role: 'assistant', ...kept(choice?.extensions, context, 'choices[0]'), content }
  const usage = usageMember(result.usage, form)
  return {
    ...(form === undefined && unmeasured),
    ...rest,
    output: { ...inner(rest, 'output'), message },
    ...stopMember(choice),
    ...(usage !== undefined && { usage }),
    ...tierMember(result.serviceTier),
  }
}

/** AWS's clients count on the member being there. */
export const unmeasured: WireObject = { metrics: { latencyMs: 0 } }

export function usageMember(usage: Usage | undefined, form: WireObject | undefined): unknown {
  if (usage !== undefined) return encodeKeptUsage(usage, form?.['usage'])
  return form === undefined ? encodeUsage(noUsage) : form['usage']
}

export function tierMember(tier: string | null | undefined): WireObject | undefined {
  return isString(tier) ? { serviceTier: { type: tier } } : undefined
}

export function warnChoices(context: CodecContext): void {
  context.warn({
    code: 'field-dropped',
    path: 'choices',
    message: 'A message has one answer; the others were left out.',
  })
}

function stopMember(choice: ChatChoice | undefined): WireObject | undefined {
  if (choice === undefined || choice.finishReason === null) return undefined
  const refused = choice.content.some((part) => part.type === 'refusal' && part.text !== '')
  return { stopReason: stopReasonOf(choice.finishReason, refused, formOf(choice.extensions)) }
}

/** A model that refused in words has refused, whatever else ended its answer. */
export function stopReasonOf(reason: FinishReason, refused: boolean, form: WireObject | undefined): string {
  return stopWord(refused && reason === 'stop' ? 'content-filter' : reason, form?.['stopReason'])
}
