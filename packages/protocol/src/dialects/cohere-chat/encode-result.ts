import type { CodecContext } from '../../dialect.ts'
import type { ChatResult } from '../../ir/chat.ts'
import { encodeAssistant } from './assistant-message.ts'
import { finishWord } from './finish-reason.ts'
import { encodeLogprobs } from './logprobs.ts'
import { encodeKeptUsage } from './usage.ts'
import { formOf, kept, type WireObject } from './wire.ts'

/** Writes an answer. Of several choices only the first can be said. */
export function encodeResult(result: ChatResult, context: CodecContext): WireObject {
  const [choice, ...others] = result.choices
  if (others.length > 0) warnChoices(context)
  const { content = [], finishReason = null, providerFinishReason, logprobs, extensions } = choice ?? {}
  const form = formOf(extensions)
  const written = formOf(result.extensions)
  const rest = kept(extensions, context, 'message')
  const said = encodeAssistant(content, { planText: false, form, rest, context, path: 'message.' })
  return {
    ...kept(result.extensions, context, ''),
    ...(written?.['id'] !== false && { id: result.id }),
    ...(finishReason !== null && { finish_reason: finishWord(finishReason, providerFinishReason) }),
    message: { ...(form?.['role'] !== null && { role: 'assistant' }), ...said },
    ...(result.usage !== undefined && { usage: encodeKeptUsage(result.usage, written?.['usage']) }),
    ...(logprobs !== undefined && { logprobs: encodeLogprobs(logprobs, form?.['logprobs']) }),
  }
}

export function warnChoices(context: CodecContext): void {
  context.warn({
    code: 'field-dropped',
    path: 'choices',
    message: 'A message has one answer; the others were left out.',
  })
}
