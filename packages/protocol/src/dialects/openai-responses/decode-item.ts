import { append } from '../../ir/append.ts'
import type { ContentPart, ReasoningPart, TokenLogprob, ToolCallPart } from '../../ir/chat.ts'
import { isArray, isRecord, isString, type Mutable, WireFields, type WireObject } from '../../json/wire-object.ts'
import { decodeAnnotations } from './annotation.ts'
import { decodeLogprobs } from './logprobs.ts'
import { absentFrom, keep, pick } from './wire.ts'

/**
 * Reads one item that a model wrote, as the parts of its turn. The first part notes the item, those after it that
 * they belong to the same; an item of a kind that only this dialect knows is one part, kept whole.
 *
 * @param logprobs takes what an answer's texts have; without it they stay where they are.
 */
export function decodeItem(wire: WireObject, logprobs?: TokenLogprob[]): readonly ContentPart[] {
  switch (wire['type']) {
    case 'function_call':
    case 'custom_tool_call':
      return [decodeCall(wire)]
    case 'reasoning':
      return decodeReasoning(wire)
    case 'message':
    case undefined:
      return decodeMessage(wire, logprobs) ?? [wholeItem(wire)]
    default:
      return [wholeItem(wire)]
  }
}

function wholeItem(wire: WireObject): ContentPart {
  return { type: 'other', extensions: keep(wire, { whole: true }).extensions ?? {} }
}

/** What places an item in a conversation and is no content. */
const callMarks = ['id', 'status'] as const

function decodeCall(wire: WireObject): ToolCallPart {
  const kind = wire['type'] === 'function_call' ? 'function' : 'custom'
  const fields = new WireFields(wire)
  fields.skip('type')
  for (const name of callMarks) fields.skip(name)
  const member = kind === 'function' ? 'arguments' : 'input'
  const input = wire[member]
  fields.skip(member)
  const namespace = fields.take('namespace', isString)
  const extra = fields.take('extra_content', isRecord)
  // The id that results name; `id` is that of the item.
  const id = fields.take('call_id', isString) ?? (isString(wire['id']) ? wire['id'] : '')
  return {
    type: 'tool-call',
    kind,
    id,
    name: fields.take('name', isString) ?? '',
    ...(namespace !== undefined && { namespace }),
    input: isString(input) ? input : input === undefined || input === null ? '' : JSON.stringify(input),
    ...keep(fields.rest(), { item: pick(wire, callMarks) }, extra && { extra_content: extra }),
  }
}

/** Marks a signature of another provider's in the place of encrypted reasoning, which callers hand back as it is. */
const signaturePrefix = 'sluice-signature.'

export function decodeEncrypted(wire: unknown): { signature?: string; encrypted?: string } {
  if (!isString(wire)) return {}
  return wire.startsWith(signaturePrefix) ? { signature: wire.slice(signaturePrefix.length) } : { encrypted: wire }
}

export function encodeEncrypted(part: {
  readonly signature?: string
  readonly encrypted?: string
}): string | undefined {
  return part.encrypted ?? (part.signature === undefined ? undefined : signaturePrefix + part.signature)
}

/** Between the pieces of a summary. */
export const pieceSeparator = '\n\n'

/** A summary, the reasoning itself, or both: each is one part. */
function decodeReasoning(wire: WireObject): readonly ReasoningPart[] {
  const { summary, content, encrypted_content: encryptedContent, ...others } = wire
  const item: Record<string, unknown> = others
  const encrypted = decodeEncrypted(encryptedContent)
  if (encryptedContent !== undefined && !isString(encryptedContent)) item['encrypted_content'] = encryptedContent
  const parts: Mutable<ReasoningPart>[] = []
  for (const [kind, written] of [['summary', summary] as const, ['content', content] as const]) {
    const text = reasoningText(written)
    if (text === undefined) {
      if (written !== undefined) item[kind] = written
      continue
    }
    const place = parts.length === 0 ? { item } : { sameItem: true }
    parts.push({ type: 'reasoning', text, ...keep(undefined, { ...place, kind, written }) })
  }
  if (parts.length === 0) parts.push({ type: 'reasoning', text: '', ...keep(undefined, { item }) })
  Object.assign(parts[0]!, encrypted)
  return parts
}

/** `undefined` when there is none. */
export function reasoningText(wire: unknown): string | undefined {
  if (!isArray(wire)) return undefined
  const texts = wire.map((piece) => (isRecord(piece) ? piece['text'] : undefined)).filter(isString)
  return texts.length === 0 ? undefined : texts.join(pieceSeparator)
}

function decodeMessage(wire: WireObject, logprobs: TokenLogprob[] | undefined): readonly ContentPart[] | undefined {
  const { content, ...item } = wire
  if (isString(content)) return [{ type: 'text', text: content, ...keep(undefined, { item, string: true }) }]
  if (!isArray(content) || content.length === 0 || !content.every(isRecord)) return undefined
  return content.map((part, index) => decodeContent(part, index === 0 ? { item } : { sameItem: true }, logprobs))
}

/**
 * @param place notes which item the part belongs to.
 * @param logprobs `null` where they are told apart from the text.
 */
export function decodeContent(wire: WireObject, place: WireObject, logprobs?: TokenLogprob[] | null): ContentPart {
  const fields = new WireFields(wire)
  fields.skip('type')
  if (wire['type'] === 'refusal') {
    const text = fields.take('refusal', isString)
    if (text !== undefined) return { type: 'refusal', text, ...keep(fields.rest(), place) }
  }
  const isText = wire['type'] === 'output_text' || wire['type'] === 'input_text' || wire['type'] === 'text'
  const text = isText ? fields.take('text', isString) : undefined
  if (text === undefined) return { type: 'other', extensions: keep(wire, place).extensions ?? {} }

  const form: Record<string, unknown> = { ...place, ...absentFrom(wire, ['annotations', 'logprobs']) }
  if (wire['type'] !== 'output_text') form['type'] = wire['type']
  fields.skip('logprobs')
  if (logprobs === undefined) form['logprobs'] = wire['logprobs']
  else if (logprobs !== null) {
    const tokens = decodeLogprobs(wire['logprobs'])
    form['tokens'] = tokens.length
    append(logprobs, tokens)
  }
  const annotations = decodeAnnotations(fields.take('annotations', isArray))
  return { type: 'text', text, ...(annotations.length > 0 && { annotations }), ...keep(fields.rest(), form) }
}
