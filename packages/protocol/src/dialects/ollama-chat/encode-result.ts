import type { CodecContext } from '../../dialect.ts'
import type { ChatChoice, ChatResult } from '../../ir/chat.ts'
import { encodeMessageParts } from './encode-message.ts'
import { encodeFinishReason } from './finish-reason.ts'
import { decodeLogprobs, encodeLogprobs } from './logprobs.ts'
import { writeTime } from './time.ts'
import { encodeUsage } from './usage.ts'
import { drop, formOf, kept, type WireObject } from './wire.ts'

/** Writes the whole answer of `/api/chat`. There is no clock here: the time is 1970 when the provider gave none. */
export function encodeResult(result: ChatResult, context: CodecContext): WireObject {
  const { model, created, choices, usage, extensions } = result
  const time = writeTime(created, formOf(extensions)?.['created_at'])
  const rest = kept(extensions, context, '')
  const [choice, ...others] = choices
  if (others.length > 0) drop(context, 'choices[1]', 'Only one answer has a place in this dialect; every other')
  return {
    model,
    ...(time !== undefined && { created_at: time }),
    message: encodeMessage(choice, context),
    ...encodeEnd(choice),
    ...rest,
    ...(usage !== undefined && encodeUsage(usage)),
    ...encodeChoiceLogprobs(choice),
  }
}

function encodeMessage(choice: ChatChoice | undefined, context: CodecContext): WireObject {
  const rest = kept(choice?.extensions, context, 'message')
  const form = formOf(choice?.extensions)
  return {
    role: 'assistant',
    ...encodeMessageParts(choice?.content ?? [], form, 'result', context, 'message'),
    ...rest,
  }
}

function encodeEnd(choice: ChatChoice | undefined): WireObject {
  const form = formOf(choice?.extensions)
  if (choice === undefined || choice.finishReason === null) {
    if (form === undefined) return { done: true, done_reason: 'stop' }
    return form['done'] === null ? {} : { done: form['done'] }
  }
  const { finishReason, providerFinishReason } = choice
  const unsaid = form !== undefined && form['done_reason'] === null && finishReason === 'stop'
  const own = form === undefined ? undefined : providerFinishReason
  return { done: true, ...(!unsaid && { done_reason: encodeFinishReason(finishReason, own) }) }
}

function encodeChoiceLogprobs(choice: ChatChoice | undefined): WireObject | undefined {
  const content = choice?.logprobs?.content
  if (content === undefined) return undefined
  const own = formOf(choice?.extensions)?.['logprobs']
  const same = own !== undefined && JSON.stringify(decodeLogprobs(own)) === JSON.stringify(content)
  return { logprobs: same ? own : encodeLogprobs(content) }
}
