import type { CodecContext } from '../../dialect.ts'
import type { ChatChoice, ChatResult } from '../../ir/chat.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import { encodeAssistantMessage } from './encode-assistant-message.ts'
import { encodeFinishReason, finishReasonOf } from './finish-reason.ts'
import { encodeLogprobs } from './logprobs.ts'
import { encodeKeptUsage } from './usage.ts'
import { formOf, inner, isArray, isString, kept, keptOfMessage, type WireObject } from './wire.ts'

/** Writes a `chat.completion`. `created` is 0 when the provider gave no time: there is no clock here. */
export function encodeResult(result: ChatResult, context: CodecContext): WireObject {
  const rest = kept(result.extensions, context, '')
  return {
    id: result.id,
    object: 'chat.completion',
    created: result.created ?? 0,
    model: result.model,
    choices: result.choices.map((choice) => encodeChoice(choice, context)),
    ...(result.serviceTier === undefined ? undefined : { service_tier: result.serviceTier }),
    ...rest,
    ...(result.usage === undefined ? undefined : { usage: encodeKeptUsage(result.usage, rest?.['usage']) }),
  }
}

function encodeChoice(choice: ChatChoice, context: CodecContext): WireObject {
  const path = `choices[${choice.index}].`
  const form = formOf(choice.extensions)
  return {
    index: choice.index,
    message: {
      role: 'assistant',
      ...encodeAssistantMessage(choice.content, inner(form, 'message'), 'result', context, `${path}message.`),
      ...keptOfMessage(choice.extensions),
    },
    ...encodeChoiceLogprobs(choice, form),
    finish_reason: choice.finishReason === null ? null : finishWord(choice.finishReason, form?.['finish_reason']),
    ...kept(choice.extensions, context, `choices[${choice.index}]`),
  }
}

function encodeChoiceLogprobs(choice: ChatChoice, form: WireObject | undefined): WireObject | undefined {
  if (choice.logprobs === undefined) {
    const leftOut = form?.['message'] !== undefined && form['logprobs'] !== null
    return leftOut ? undefined : { logprobs: null }
  }
  const logprobs: Record<string, unknown> = { ...encodeLogprobs(choice.logprobs) }
  const absent = form?.['absentLogprobs']
  if (isArray(absent)) for (const name of absent) if (isString(name) && logprobs[name] === null) delete logprobs[name]
  return { logprobs }
}

/** The provider's own word where it is of this dialect and still says the same. */
export function finishWord(reason: FinishReason, word: unknown): string {
  const same = isString(word) && (finishReasonOf(word, false) === reason || finishReasonOf(word, true) === reason)
  return same ? word : encodeFinishReason(reason)
}
