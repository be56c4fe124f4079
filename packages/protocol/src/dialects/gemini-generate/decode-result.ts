import { SluiceError } from '../../errors/sluice-error.ts'
import type { ChatChoice, ChatResult, ContentPart } from '../../ir/chat.ts'
import { findGoogleError, readErrorBody } from './error.ts'
import { finishReasonOf, providerWord } from './finish-reason.ts'
import { decodeGrounding } from './grounding.ts'
import { decodeLogprobs } from './logprobs.ts'
import { decodePart } from './part.ts'
import { decodeUsage, encodeUsage } from './usage.ts'
import {
  isArray,
  isFilled,
  isNumber,
  isRecord,
  isString,
  keep,
  type Mutable,
  WireFields,
  type WireObject,
} from './wire.ts'

/**
 * Reads a `GenerateContentResponse`. A prompt that was blocked is an answer that says nothing; throws the provider's
 * error where there is one, and `upstream_invalid_response` for what has no candidate.
 */
export function decodeResult(wire: unknown): ChatResult {
  if (findGoogleError(wire) !== undefined) throw readErrorBody(wire)
  if (!isRecord(wire)) throw notAnAnswer()
  const fields = new WireFields(wire)
  const candidates = fields.take('candidates', isArray) ?? []
  const blocked = blockReason(wire)
  if (candidates.length === 0 && blocked === undefined) throw notAnAnswer()
  const id = fields.take('responseId', isFilled) ?? ''
  const form: Record<string, unknown> = { candidates: candidates.length > 0 || 'candidates' in wire }
  const result: Mutable<ChatResult> = {
    id,
    model: fields.take('modelVersion', isFilled) ?? '',
    choices:
      candidates.length > 0
        ? candidates.map((candidate, position) => decodeCandidate(candidate, position, id))
        : [blockedChoice(blocked ?? '')],
  }
  const created = readTime(wire['createTime'])
  if (created !== undefined) {
    fields.skip('createTime')
    form['createTime'] = wire['createTime']
    result.created = created
  }
  const usage = decodeUsage(wire['usageMetadata'])
  if (usage !== undefined) {
    fields.skip('usageMetadata')
    if (JSON.stringify(encodeUsage(usage)) !== JSON.stringify(wire['usageMetadata']))
      form['usageMetadata'] = wire['usageMetadata']
    result.usage = usage
  }
  return Object.assign(result, keep(fields.rest(), form))
}

function notAnAnswer(): SluiceError {
  return new SluiceError('upstream_invalid_response', 'The provider answered with JSON that is no generated content.')
}

/** Why the prompt was not answered at all. */
export function blockReason(wire: WireObject): string | undefined {
  const feedback = wire['promptFeedback']
  const reason = isRecord(feedback) ? feedback['blockReason'] : undefined
  return isFilled(reason) ? reason : undefined
}

function blockedChoice(reason: string): ChatChoice {
  return {
    index: 0,
    content: [],
    finishReason: 'content-filter',
    providerFinishReason: reason,
    ...keep(undefined, { blocked: true }),
  }
}

/** Unix seconds. */
export function readTime(time: unknown): number | undefined {
  const milliseconds = isString(time) ? Date.parse(time) : Number.NaN
  return Number.isFinite(milliseconds) ? Math.floor(milliseconds / 1000) : undefined
}

export function readIndex(wire: WireObject, position: number): number {
  const { index } = wire
  return isNumber(index) && Number.isSafeInteger(index) && index >= 0 ? index : position
}

/** Ids for calls that have none must differ between turns, and hold only what every provider accepts. */
export function callPrefix(resultId: string, choice: number): string {
  return `call_${resultId.replace(/[^A-Za-z0-9_-]/g, '_')}_${choice}_`
}

function decodeCandidate(wire: unknown, position: number, resultId: string): ChatChoice {
  if (!isRecord(wire)) throw notAnAnswer()
  const fields = new WireFields(wire)
  const index = readIndex(wire, position)
  if (wire['index'] === index) fields.skip('index')
  const form: Record<string, unknown> = { index: wire['index'] === index }
  const content = decodeContent(fields, form, callPrefix(resultId, index))
  annotate(content, wire['groundingMetadata'])
  const choice: Mutable<ChatChoice> = { index, content, finishReason: null }
  const logprobs = decodeLogprobs(wire['logprobsResult'])
  if (logprobs !== undefined) {
    choice.logprobs = logprobs
    fields.skip('logprobsResult')
    form['logprobsResult'] = wire['logprobsResult']
  }
  const word = fields.take('finishReason', isFilled)
  if (word !== undefined)
    Object.assign(
      choice,
      finishOf(
        word,
        content.some((part) => part.type === 'tool-call'),
      ),
    )
  return Object.assign(choice, keep(fields.rest(), form))
}

export function finishOf(
  word: string,
  hasCalls: boolean,
): Pick<ChatChoice, 'providerFinishReason'> & { finishReason: NonNullable<ChatChoice['finishReason']> } {
  const finishReason = finishReasonOf(word, hasCalls)
  const said = providerWord(word, finishReason)
  return { finishReason, ...(said !== undefined && { providerFinishReason: said }) }
}

function decodeContent(fields: WireFields, form: Record<string, unknown>, prefix: string): Mutable<ContentPart>[] {
  const content = fields.take('content', isRecord)
  if (content === undefined) {
    form['content'] = null
    return []
  }
  const { parts, role, ...others } = content
  if (role !== 'model') form['role'] = role ?? null
  form['content'] = { ...others, ...(isArray(parts) || parts === undefined ? undefined : { parts }) }
  if (!isArray(parts)) {
    form['parts'] = false
    return []
  }
  let calls = 0
  return parts.map((wire) => {
    if (!isRecord(wire)) throw notAnAnswer()
    const part = decodePart(wire, `${prefix}${calls}`)
    if (part.type === 'tool-call') calls++
    return part
  })
}

/** Google's segments count from the start of the answer's text. */
function annotate(content: Mutable<ContentPart>[], grounding: unknown): void {
  const text = content.findLast((part) => part.type === 'text' && part.text !== '')
  if (text?.type !== 'text') return
  const annotations = decodeGrounding(grounding, text.text)
  if (annotations.length > 0) (text as { annotations?: unknown }).annotations = annotations
}
