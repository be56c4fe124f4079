import type { CodecContext } from '../../dialect.ts'
import type { Annotation, ContentPart, TextPart } from '../../ir/chat.ts'
import { type CitationType, decodeCitation, encodeCitation } from './citation.ts'
import { decodePart, encodePart } from './content-part.ts'
import { decodeToolCall, encodeToolCall } from './tool-call.ts'
import {
  formOf,
  invalid,
  isArray,
  isFilled,
  isNumber,
  isRecord,
  isString,
  keep,
  type Mutable,
  type WireFields,
  type WireObject,
} from './wire.ts'

export interface DecodedAssistant {
  readonly parts: readonly ContentPart[]
  /** How the members were written that the parts do not tell. */
  readonly form: WireObject
  /** Citations of what is no text of the answer. */
  readonly citations: readonly unknown[]
}

/**
 * Reads the members of an assistant's message: what it says and thinks, its plan for the calls, the calls. The plan
 * is a text that stands before them, as other models have it.
 *
 * @param callPrefix begins the ids of calls that have none.
 */
export function decodeAssistant(fields: WireFields, callPrefix: string, path: string): DecodedAssistant {
  const { content, tool_plan: plan, tool_calls: calls, citations } = fields.wire
  const form: Record<string, unknown> = {}
  const said = decodeContent(content, path)
  fields.skip('content')
  if ('content' in fields.wire) form['content'] = isString(content) ? 'string' : isArray(content) ? 'array' : null

  const planned: Mutable<TextPart>[] = isFilled(plan) ? [planPart(plan)] : []
  if (planned.length > 0) fields.skip('tool_plan')

  const waiting: ContentPart[] = []
  if (isArray(calls) && calls.length > 0 && calls.every(isRecord)) {
    fields.skip('tool_calls')
    for (const [index, call] of calls.entries()) waiting.push(decodeToolCall(call, `${callPrefix}${index}`))
  }
  const unplaced: unknown[] = []
  if (isArray(citations) && citations.length > 0) {
    fields.skip('citations')
    for (const wire of citations) {
      const part = isRecord(wire) ? citedPart(wire, said, planned) : undefined
      if (part === undefined) unplaced.push(wire)
      else part.annotations = [...(part.annotations ?? []), decodeCitation(wire as WireObject)]
    }
  }
  return { parts: [...said, ...planned, ...waiting], form, citations: unplaced }
}

export function planPart(text: string): TextPart {
  return { type: 'text', text, ...keep(undefined, { plan: true }) }
}

export function isPlan(part: ContentPart): boolean {
  return part.type === 'text' && formOf(part.extensions)?.['plan'] === true
}

function decodeContent(content: unknown, path: string): ContentPart[] {
  if (content === undefined || content === null) return []
  if (isString(content)) return [{ type: 'text', text: content }]
  if (!isArray(content)) throw invalid(`${path}content`, 'must be a string or an array')
  return content.map((part, index) => decodePart(part, `${path}content[${index}]`))
}

/** The text that a citation is of; where it does not say, the first. */
function citedPart(
  wire: WireObject,
  said: readonly ContentPart[],
  planned: readonly ContentPart[],
): Mutable<TextPart> | undefined {
  const { content_index: index, type } = wire
  const candidates = type === 'PLAN' ? planned : said
  const part =
    type !== 'PLAN' && isNumber(index) ? candidates[index] : candidates.find((candidate) => candidate.type === 'text')
  return part?.type === 'text' ? part : undefined
}

interface AssistantOptions {
  /** In a request of another wire's, what is said before calls is sent as their plan: the two do not go together. */
  readonly planText: boolean
  readonly form: WireObject | undefined
  /** The members that nobody else knows. */
  readonly rest: WireObject | undefined
  readonly context: CodecContext
  readonly path: string
}

/** Writes the members of an assistant's message, but its role. */
export function encodeAssistant(parts: readonly ContentPart[], options: AssistantOptions): WireObject {
  const { context, form, rest, path } = options
  const content: WireObject[] = []
  const plans: string[] = []
  const calls: WireObject[] = []
  const citations: WireObject[] = []
  const cite = (annotations: readonly Annotation[], type: CitationType, index: number, text: string): void => {
    for (const annotation of annotations) {
      const citation = encodeCitation(annotation, { type, index, text }, context, `${path}annotations`)
      if (citation !== undefined) citations.push(citation)
    }
  }
  const planText = options.planText && parts.some((part) => part.type === 'tool-call')
  for (const [index, part] of parts.entries()) {
    const at = `${path}content[${index}]`
    if (part.type === 'tool-call') {
      calls.push(encodeToolCall(part, context, at))
      continue
    }
    if (part.type === 'text' && (isPlan(part) || planText)) {
      plans.push(part.text)
      cite(part.annotations ?? [], 'PLAN', 0, part.text)
      continue
    }
    const wire = encodePart(part, context, at)
    if (wire === undefined) continue
    if (part.type === 'other' && formOf(part.extensions)?.['call'] === true) {
      calls.push(wire)
      continue
    }
    if (part.type === 'text') cite(part.annotations ?? [], 'TEXT_CONTENT', content.length, part.text)
    content.push(wire)
  }
  const unplaced = isArray(rest?.['citations']) ? rest['citations'] : []
  return {
    ...rest,
    ...contentMember(content, form, calls.length > 0 || plans.length > 0),
    ...(plans.length > 0 && { tool_plan: plans.join('\n') }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(citations.length > 0 && { citations: [...citations, ...unplaced] }),
  }
}

/** As it was written; an array where this wire wrote nothing. */
function contentMember(content: readonly WireObject[], form: WireObject | undefined, saysMore: boolean): WireObject {
  const [only] = content
  if (form?.['content'] === 'string' && content.length === 1 && isString(only?.['text']))
    return { content: only['text'] }
  if (content.length > 0 || form?.['content'] === 'array') return { content }
  if (form !== undefined) return 'content' in form ? { content: null } : {}
  return saysMore ? {} : { content: [] }
}
