import type { CodecContext } from '../../dialect.ts'
import type { ContentPart, ImagePart, ReasoningPart, TextPart, ToolCallPart } from '../../ir/chat.ts'
import { parseJson } from '../../json/parse-json.ts'
import { cachePoints, readCachePoint } from './cache-point.ts'
import { decodeCitation, encodeCitation } from './citation.ts'
import { decodeAudio, decodeDocument, decodeImage, decodeVideo, encodeAudio, encodeFile, encodeImage } from './media.ts'
import { decodeRedacted, encodeRedacted } from './redacted.ts'
import {
  dialectId,
  formOf,
  invalid,
  isArray,
  isRecord,
  isString,
  keep,
  kept,
  warnChanged,
  warnDropped,
  WireFields,
  withMark,
  type WireObject,
} from './wire.ts'

/** Reads content blocks. A `cachePoint` marks the part before it. */
export function decodeBlocks(wires: readonly unknown[], path: string): ContentPart[] {
  const parts: ContentPart[] = []
  for (const [index, wire] of wires.entries()) addBlock(parts, wire, `${path}[${index}]`)
  return parts
}

export function addBlock(parts: ContentPart[], wire: unknown, path: string): void {
  const mark = readCachePoint(wire)
  const last = parts.at(-1)
  if (mark === undefined || last === undefined || !takesMark(last)) parts.push(decodeBlock(wire, path))
  else parts[parts.length - 1] = withMark(last, mark)
}

function takesMark({ type, extensions }: ContentPart): boolean {
  return type !== 'other' && cachePoints(extensions).length === 0
}

/** A block has one member, which says its kind. One that only this wire knows is kept whole. */
export function decodeBlock(wire: unknown, path: string): ContentPart {
  if (!isRecord(wire)) throw invalid(path, 'must be an object with one member')
  const [kind = '', ...others] = Object.keys(wire)
  const known = others.length === 0 ? decodeKnown(kind, wire[kind]) : undefined
  return known ?? { type: 'other', extensions: keep(wire).extensions ?? {} }
}

function decodeKnown(kind: string, wire: unknown): ContentPart | undefined {
  if (kind === 'text') return isString(wire) ? { type: 'text', text: wire } : undefined
  if (!isRecord(wire)) return undefined
  switch (kind) {
    case 'image':
      return decodeImage(wire)
    case 'document':
      return decodeDocument(wire)
    case 'video':
      return decodeVideo(wire)
    case 'audio':
      return decodeAudio(wire)
    case 'toolUse':
      return decodeToolUse(wire)
    case 'reasoningContent':
      return decodeReasoning(wire)
    case 'guardContent':
      return decodeGuarded(wire)
    case 'citationsContent':
      return decodeCited(wire)
    default:
      return undefined
  }
}

/** A call of a tool that the provider runs itself has a `type`: only this wire knows what to do with it. */
function decodeToolUse(wire: WireObject): ToolCallPart | undefined {
  const fields = new WireFields(wire)
  const id = fields.take('toolUseId', isString)
  const name = fields.take('name', isString)
  if (id === undefined || name === undefined || 'type' in wire) return undefined
  fields.skip('input')
  const said = wire['input'] !== undefined && wire['input'] !== null
  const form = said ? undefined : { input: wire['input'] ?? null, absent: !('input' in wire) }
  const input = said ? JSON.stringify(wire['input']) : '{}'
  return { type: 'tool-call', kind: 'function', id, name, input, ...keep(fields.rest(), form) }
}

function decodeReasoning(wire: WireObject): ReasoningPart | undefined {
  const { reasoningText, redactedContent, ...others } = wire
  if (Object.keys(others).length > 0) return undefined
  if (isRecord(reasoningText) && redactedContent === undefined) {
    const fields = new WireFields(reasoningText)
    const text = fields.take('text', isString)
    const signature = fields.take('signature', isString)
    if (text === undefined) return undefined
    return { type: 'reasoning', text, ...(signature !== undefined && { signature }), ...keep(fields.rest()) }
  }
  if (!isString(redactedContent) || reasoningText !== undefined) return undefined
  return { type: 'reasoning', text: '', encrypted: decodeRedacted(redactedContent) }
}

/** What a guardrail is to look at is content like any other to those who have none. */
function decodeGuarded(wire: WireObject): TextPart | ImagePart | undefined {
  if (Object.keys(wire).length !== 1) return undefined
  const { text: guarded, image } = wire
  if (isRecord(guarded) && isString(guarded['text'])) {
    const { text, ...guard } = guarded
    return { type: 'text', text, ...keep(undefined, { guard }) }
  }
  const part = isRecord(image) ? decodeImage(image) : undefined
  if (part === undefined) return undefined
  return { ...part, ...keep(part.extensions?.[dialectId], { ...formOf(part.extensions), guard: {} }) }
}

const isText = (value: unknown): value is { readonly text: string } =>
  isRecord(value) && isString(value['text']) && Object.keys(value).length === 1

function decodeCited(wire: WireObject): TextPart | undefined {
  const { content, citations, ...others } = wire
  if (!isArray(content) || !content.every(isText) || Object.keys(others).length > 0) return undefined
  if (!isArray(citations) || !citations.every(isRecord)) return undefined
  const text = content.map((piece) => piece.text).join('')
  const form = content.length === 1 ? { cited: true } : { cited: content }
  return { type: 'text', text, annotations: citations.map(decodeCitation), ...keep(undefined, form) }
}

/** Writes the blocks that say a part: none, with a warning, where this wire cannot say it. */
export function encodeBlocks(part: ContentPart, context: CodecContext, path: string): readonly WireObject[] {
  const blocks = encodeBare(part, context, path)
  return blocks.length === 0 ? blocks : [...blocks, ...cachePoints(part.extensions)]
}

function encodeBare(part: ContentPart, context: CodecContext, path: string): readonly WireObject[] {
  switch (part.type) {
    case 'text':
      return [encodeText(part, context, path)]
    case 'reasoning':
      return encodeReasoning(part, context, path)
    case 'tool-call':
      return [{ toolUse: { ...toolUseHead(part, context, path), ...toolInput(part, context, path) } }]
    case 'image': {
      const image = encodeImage(part, context, path)
      const guarded = formOf(part.extensions)?.['guard'] !== undefined
      return image === undefined ? [] : [guarded ? { guardContent: { image } } : { image }]
    }
    case 'file':
      return listed(encodeFile(part, context, path))
    case 'audio':
      return listed(encodeAudio(part, context, path))
    case 'refusal':
      kept(part.extensions, context, path)
      return part.text === '' ? [] : [{ text: part.text }]
    case 'other':
      return listed(kept(part.extensions, context, path) ?? warnDropped(context, path, 'This part'))
  }
}

function listed(wire: WireObject | undefined): readonly WireObject[] {
  return wire === undefined ? [] : [wire]
}

function encodeText(part: TextPart, context: CodecContext, path: string): WireObject {
  kept(part.extensions, context, path)
  const { text, extensions, annotations = [] } = part
  const { guard, document, cited } = formOf(extensions) ?? {}
  if (isRecord(guard)) return { guardContent: { text: { ...guard, text } } }
  if (isRecord(document)) return { document: { ...document, source: { text } } }
  const citations = annotations
    .map((annotation, index) => encodeCitation(annotation, context, `${path}.annotations[${index}]`))
    .filter((citation) => citation !== undefined)
  if (citations.length === 0 && cited === undefined) return { text }
  const same = isArray(cited) && cited.every(isText) && cited.map((piece) => piece.text).join('') === text
  return { citationsContent: { content: same ? cited : [{ text }], citations } }
}

/** What can only be read by its provider follows what can be read by all. */
function encodeReasoning(part: ReasoningPart, context: CodecContext, path: string): readonly WireObject[] {
  const rest = kept(part.extensions, context, path)
  const { text, signature, encrypted } = part
  const reasoningText = { ...rest, text, ...(signature !== undefined && { signature }) }
  const readable = encrypted === undefined || text !== '' || signature !== undefined
  return [
    ...(readable ? [{ reasoningContent: { reasoningText } }] : []),
    ...(encrypted === undefined ? [] : [{ reasoningContent: { redactedContent: encodeRedacted(encrypted) } }]),
  ]
}

export function toolUseHead(
  part: Pick<ToolCallPart, 'id' | 'name' | 'extensions'>,
  context: CodecContext,
  path: string,
): WireObject {
  return { ...kept(part.extensions, context, path), toolUseId: part.id, name: part.name }
}

/** The free text of a custom tool is the string `input` of an object. */
function toolInput(part: ToolCallPart, context: CodecContext, path: string): WireObject {
  if (part.kind === 'custom') return { input: { input: part.input } }
  const form = formOf(part.extensions)
  if (form !== undefined && part.input === '{}') return form['absent'] === true ? {} : { input: form['input'] }
  if (part.input.trim() === '') return { input: {} }
  const input = parseJson(part.input)
  if (input !== undefined) return { input }
  warnChanged(context, `${path}.input`, "A tool call's arguments that are no JSON are sent as the text in `arguments`.")
  return { input: { arguments: part.input } }
}
