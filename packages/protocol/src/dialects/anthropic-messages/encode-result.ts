import type { CodecContext } from '../../dialect.ts'
import type { ChatChoice, ChatResult, ContentPart } from '../../ir/chat.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import { noUsage } from '../../ir/usage.ts'
import { encodeBlocks } from './content-block.ts'
import { stopWord } from './stop-reason.ts'
import { encodeKeptUsage, encodeUsage } from './usage.ts'
import { formOf, isRecord, kept, type WireObject } from './wire.ts'

/** Writes a message. Of several choices only the first can be said. */
export function encodeResult(result: ChatResult, context: CodecContext): WireObject {
  const form = formOf(result.extensions)
  const rest = kept(result.extensions, context, '')
  const [choice, ...others] = result.choices
  if (others.length > 0) warnChoices(context)
  const parts = choice?.content ?? []
  const refusal = parts.map((part) => (part.type === 'refusal' ? part.text : '')).join('')
  const blocks = parts.flatMap((part, index) => encodeAnswerBlocks(part, context, `content[${index}]`))
  return {
    id: result.id,
    type: 'message',
    role: 'assistant',
    model: result.model,
    content: blocks,
    ...encodeStop(choice, refusal, context),
    ...(isRecord(form?.['empty']) ? form['empty'] : undefined),
    ...rest,
    ...usageMember(result, form),
  }
}

/** Anthropic's clients count on the member being there. */
function usageMember({ usage }: ChatResult, form: WireObject | undefined): WireObject | undefined {
  if (usage !== undefined) return { usage: encodeKeptUsage(usage, form?.['usage']) }
  if (form === undefined) return { usage: encodeUsage(noUsage) }
  return 'usage' in form ? { usage: form['usage'] } : undefined
}

export function warnChoices(context: CodecContext): void {
  context.warn({
    code: 'field-dropped',
    path: 'choices',
    message: 'A message has one answer; the others were left out.',
  })
}

/** A refusal's text stands in `stop_details`. */
export function encodeAnswerBlocks(part: ContentPart, context: CodecContext, path: string): readonly WireObject[] {
  return part.type === 'refusal' ? [] : encodeBlocks(part, context, path)
}

function encodeStop(choice: ChatChoice | undefined, refusal: string, context: CodecContext): WireObject {
  kept(choice?.extensions, context, 'choices[0]')
  return stopMembers(choice?.finishReason ?? null, refusal, formOf(choice?.extensions))
}

/** A model that refused in words has refused, whatever else ended its answer. */
export function stopMembers(reason: FinishReason | null, refusal: string, form: WireObject | undefined): WireObject {
  const { stop_reason: word, stop_details: details, ...written } = form ?? { stop_sequence: null }
  const refused = form === undefined && refusal !== '' && reason === 'stop' ? 'content-filter' : reason
  const explained =
    refusal === ''
      ? details
      : { type: 'refusal', ...(isRecord(details) ? details : { category: null }), explanation: refusal }
  return {
    stop_reason: refused === null ? null : stopWord(refused, word),
    ...written,
    ...(explained === undefined ? undefined : { stop_details: explained }),
  }
}
