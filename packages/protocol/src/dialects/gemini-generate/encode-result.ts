import type { CodecContext } from '../../dialect.ts'
import type { ChatChoice, ChatResult } from '../../ir/chat.ts'
import { finishWord } from './finish-reason.ts'
import { decodeLogprobs, encodeLogprobs, type Logprobs } from './logprobs.ts'
import { encodeGrounding } from './grounding.ts'
import { encodePart } from './part.ts'
import { readTime } from './decode-result.ts'
import { encodeKeptUsage } from './usage.ts'
import { formOf, isRecord, isString, kept, type WireObject } from './wire.ts'

/** Writes a `GenerateContentResponse`. */
export function encodeResult(result: ChatResult, context: CodecContext): WireObject {
  const form = formOf(result.extensions)
  const choices = result.choices.filter((choice) => formOf(choice.extensions)?.['blocked'] !== true)
  const time = createTime(result.created, form?.['createTime'])
  return {
    ...(form?.['candidates'] !== false && { candidates: choices.map((choice) => encodeCandidate(choice, context)) }),
    ...kept(result.extensions, context, ''),
    ...(result.usage !== undefined && { usageMetadata: encodeKeptUsage(result.usage, form?.['usageMetadata']) }),
    ...(result.model !== '' && { modelVersion: result.model }),
    ...(time !== undefined && { createTime: time }),
    ...(result.id !== '' && { responseId: result.id }),
  }
}

export function createTime(created: number | undefined, given: unknown): string | undefined {
  if (isString(given) && readTime(given) === created) return given
  const date = created === undefined || created === 0 ? undefined : new Date(created * 1000)
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}

function encodeCandidate(choice: ChatChoice, context: CodecContext): WireObject {
  const { index, content, finishReason, providerFinishReason, logprobs, extensions } = choice
  const path = `candidates[${index}]`
  const form = formOf(extensions)
  const rest = kept(extensions, context, path)
  const parts = content
    .map((part, at) => encodePart(part, context, `${path}.content.parts[${at}]`))
    .filter((part) => part !== undefined)
  return {
    ...(form?.['content'] !== null && { content: encodeContent(parts, form) }),
    ...(finishReason !== null && { finishReason: finishWord(finishReason, providerFinishReason) }),
    ...(form?.['index'] !== false && { index }),
    ...(logprobs !== undefined && logprobsMember(logprobs, form?.['logprobsResult'])),
    ...(rest?.['groundingMetadata'] === undefined && groundingMember(content)),
    ...rest,
  }
}

function encodeContent(parts: readonly WireObject[], form: WireObject | undefined): WireObject {
  const others = isRecord(form?.['content']) ? form['content'] : undefined
  const role = form?.['role']
  return {
    ...others,
    ...(form?.['parts'] !== false && { parts }),
    ...(role === null ? undefined : { role: role ?? 'model' }),
  }
}

function logprobsMember(logprobs: Logprobs, given: unknown): WireObject | undefined {
  if (JSON.stringify(decodeLogprobs(given)) === JSON.stringify(logprobs)) return { logprobsResult: given }
  const written = encodeLogprobs(logprobs)
  return written === undefined ? undefined : { logprobsResult: written }
}

/** Annotations from another dialect. */
function groundingMember(content: ChatChoice['content']): WireObject | undefined {
  const text = content.findLast((part) => part.type === 'text' && (part.annotations?.length ?? 0) > 0)
  if (text?.type !== 'text' || text.annotations === undefined) return undefined
  const groundingMetadata = encodeGrounding(text.annotations, text.text)
  return groundingMetadata === undefined ? undefined : { groundingMetadata }
}
