import { append } from '../../ir/append.ts'
import type { ContentPart, ReasoningPart } from '../../ir/chat.ts'
import { decodeAnnotation } from './annotation.ts'
import { decodeContentPart } from './content-part.ts'
import { decodeMessageAudio } from './message-audio.ts'
import { decodeReasoningDetail, reasoningFields, signedPlain } from './reasoning.ts'
import { decodeFunctionCall, decodeToolCall } from './tool-call.ts'
import { isArray, isRecord, isString, type WireFields, type WireObject } from './wire.ts'

export interface AssistantContent {
  readonly parts: ContentPart[]
  /** The members that were there but empty, and the empty form, or `true`, of those that the parts fill. */
  readonly form: WireObject
}

/**
 * Reads the members of an assistant's message that say something, in the order in which a model says them:
 * reasoning, content, refusal, audio, calls.
 *
 * @param callPrefix for the ids of calls that have none.
 */
export function decodeAssistantMessage(fields: WireFields, callPrefix: string, path: string): AssistantContent {
  const form: Record<string, unknown> = {}
  const parts: ContentPart[] = decodeReasoning(fields, form)
  decodeContent(fields, form, parts, path)

  const refusal = fields.take('refusal', isString)
  if (refusal !== undefined && refusal !== '') parts.push({ type: 'refusal', text: refusal })
  const audio = fields.take('audio', isRecord)
  if (audio !== undefined) parts.push(decodeMessageAudio(audio))
  decodeCalls(fields, form, parts, callPrefix)
  for (const name of ['refusal', 'audio', 'annotations', 'function_call']) noteEmpty(fields, form, name)
  return { parts, form }
}

function noteEmpty(fields: WireFields, form: Record<string, unknown>, name: string): void {
  const value = fields.wire[name]
  if (value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)) return
  form[name] = value
  fields.skip(name)
}

function decodeContent(fields: WireFields, form: Record<string, unknown>, parts: ContentPart[], path: string): void {
  const content = fields.wire['content']
  if (isString(content)) {
    form['content'] = ''
    if (content !== '') parts.push({ type: 'text', text: content })
  } else if (Array.isArray(content)) {
    form['content'] = []
    content.forEach((part: unknown, index) => parts.push(decodeContentPart(part, `${path}content[${index}]`)))
  } else if (content === null) form['content'] = null
  else return
  fields.skip('content')
  annotate(fields, form, parts)
}

/** Annotations count from the start of the content, which is where its first text part begins. */
function annotate(fields: WireFields, form: Record<string, unknown>, parts: ContentPart[]): void {
  const annotations = fields.wire['annotations']
  const at = parts.findIndex((part) => part.type === 'text')
  const text = parts[at]
  if (!Array.isArray(annotations) || annotations.length === 0 || text?.type !== 'text') return
  if (!annotations.every(isRecord)) return
  fields.skip('annotations')
  form['annotations'] = []
  parts[at] = { ...text, annotations: annotations.map(decodeAnnotation) }
}

function decodeCalls(fields: WireFields, form: Record<string, unknown>, parts: ContentPart[], prefix: string): void {
  const wireCalls = fields.wire['tool_calls']
  if (isArray(wireCalls) && wireCalls.length > 0) {
    const calls = wireCalls.map((call, index) => decodeToolCall(call, `${prefix}${index}`))
    if (calls.every((call) => call !== undefined)) {
      fields.skip('tool_calls')
      append(parts, calls)
    }
  } else noteEmpty(fields, form, 'tool_calls')
  const functionCall = fields.take('function_call', isRecord)
  if (functionCall !== undefined) parts.push(decodeFunctionCall(functionCall, `${prefix}function_call`))
}

/** Reasoning may come as a string under one of two names, as a list of details, or as both, saying the same. */
function decodeReasoning(fields: WireFields, form: Record<string, unknown>): ReasoningPart[] {
  const parts = decodeDetails(fields, form)
  const detailText = parts.map((part) => part.text).join('')
  let plain: string | undefined
  for (const name of reasoningFields) {
    const text = fields.wire[name]
    if (!isString(text) || text === '') {
      noteEmpty(fields, form, name)
      continue
    }
    if (plain === undefined) {
      plain = text
      if (text !== detailText) placePlain(parts, text)
    } else if (text !== plain) continue
    form[name] = true
    fields.skip(name)
  }
  return parts
}

function decodeDetails(fields: WireFields, form: Record<string, unknown>): ReasoningPart[] {
  const wireDetails = fields.wire['reasoning_details']
  if (!isArray(wireDetails) || wireDetails.length === 0) {
    noteEmpty(fields, form, 'reasoning_details')
    return []
  }
  const details = wireDetails.map(decodeReasoningDetail)
  if (!details.every((part) => part !== undefined)) return []
  fields.skip('reasoning_details')
  return details
}

/** A single signed detail without text is the signature of the plain text. */
function placePlain(parts: ReasoningPart[], text: string): void {
  const only = parts.length === 1 ? parts[0] : undefined
  if (only !== undefined && only.text === '' && only.signature !== undefined) parts[0] = signedPlain(only, text)
  else parts.unshift({ type: 'reasoning', text })
}
