import type { CodecContext } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import type { ContentPart, ReasoningPart, TextPart, ToolCallPart } from '../../ir/chat.ts'
import { parseJson } from '../../json/parse-json.ts'
import { decodeCitation, encodeCitation } from './citation.ts'
import { decodeDocument, decodeImage, encodeFile, encodeImage } from './media.ts'
import {
  formOf,
  isArray,
  isRecord,
  isString,
  keep,
  kept,
  warnChanged,
  warnDropped,
  WireFields,
  type WireObject,
} from './wire.ts'

/** Reads one content block. A block that only this wire knows, such as a server tool's result, is kept whole. */
export function decodeBlock(wire: unknown, path: string): ContentPart {
  if (!isRecord(wire)) {
    throw new SluiceError('invalid_request', `\`${path}\` must be an object with a \`type\`.`, { param: path })
  }
  return decodeKnown(wire) ?? { type: 'other', extensions: keep(wire).extensions ?? {} }
}

function decodeKnown(wire: WireObject): ContentPart | undefined {
  switch (wire['type']) {
    case 'text':
      return decodeText(wire)
    case 'thinking':
      return decodeThinking(wire)
    case 'redacted_thinking': {
      const fields = new WireFields(wire)
      fields.skip('type')
      const encrypted = fields.take('data', isString)
      return encrypted === undefined ? undefined : { type: 'reasoning', text: '', encrypted, ...keep(fields.rest()) }
    }
    case 'tool_use':
      return decodeToolUse(wire)
    case 'image':
      return decodeImage(wire)
    case 'document':
      return decodeDocument(wire)
    default:
      return undefined
  }
}

function decodeText(wire: WireObject): TextPart | undefined {
  const fields = new WireFields(wire)
  fields.skip('type')
  const text = fields.take('text', isString)
  if (text === undefined) return undefined
  const { citations } = wire
  if (citations === null || (isArray(citations) && citations.length === 0)) {
    fields.skip('citations')
    return { type: 'text', text, ...keep(fields.rest(), { citations }) }
  }
  if (!isArray(citations) || !citations.every(isRecord)) return { type: 'text', text, ...keep(fields.rest()) }
  fields.skip('citations')
  return { type: 'text', text, annotations: citations.map(decodeCitation), ...keep(fields.rest()) }
}

/** An unsigned block has an empty signature; where the member is missing altogether that is noted. */
function decodeThinking(wire: WireObject): ReasoningPart | undefined {
  const fields = new WireFields(wire)
  fields.skip('type')
  const text = fields.take('thinking', isString)
  if (text === undefined) return undefined
  const signature = fields.take('signature', isString)
  return {
    type: 'reasoning',
    text,
    ...(signature === undefined || signature === '' ? undefined : { signature }),
    ...keep(fields.rest(), signature === undefined ? { unsigned: true } : undefined),
  }
}

function decodeToolUse(wire: WireObject): ToolCallPart | undefined {
  const fields = new WireFields(wire)
  fields.skip('type')
  fields.skip('input')
  const id = fields.take('id', isString)
  const name = fields.take('name', isString)
  if (id === undefined || name === undefined) return undefined
  const input = JSON.stringify(wire['input'] ?? {})
  const form = wire['input'] === undefined || wire['input'] === null ? { input: wire['input'] ?? null } : undefined
  return { type: 'tool-call', kind: 'function', id, name, input, ...keep(fields.rest(), form) }
}

/** Writes the blocks that say a part: none, with a warning, where this wire cannot say it. */
export function encodeBlocks(part: ContentPart, context: CodecContext, path: string): readonly WireObject[] {
  switch (part.type) {
    case 'text':
      return [encodeText(part, context, path)]
    case 'reasoning':
      return encodeReasoning(part, context, path)
    case 'tool-call':
      return [encodeToolUse(part, context, path)]
    case 'image':
      return [encodeImage(part, context, path)]
    case 'file':
      return listed(encodeFile(part, context, path))
    case 'refusal':
      return part.text === '' ? [] : [{ type: 'text', ...kept(part.extensions, context, path), text: part.text }]
    case 'audio':
      return listed(warnDropped(context, path, 'Audio'))
    case 'other': {
      const wire = kept(part.extensions, context, path)
      return wire === undefined ? listed(warnDropped(context, path, 'This part')) : [wire]
    }
  }
}

function listed(wire: WireObject | undefined): readonly WireObject[] {
  return wire === undefined ? [] : [wire]
}

function encodeText(part: TextPart, context: CodecContext, path: string): WireObject {
  const rest = kept(part.extensions, context, path)
  const form = formOf(part.extensions)
  const source = form?.['source']
  if (isRecord(source)) return { type: 'document', ...rest, source: { ...source, data: part.text } }
  const citations = (part.annotations ?? [])
    .map((annotation, index) => encodeCitation(annotation, context, `${path}.annotations[${index}]`))
    .filter((citation) => citation !== undefined)
  const written =
    citations.length > 0
      ? { citations }
      : form !== undefined && 'citations' in form
        ? { citations: form['citations'] }
        : undefined
  return { type: 'text', ...rest, text: part.text, ...written }
}

/** What can only be read by its provider follows what can be read by all. */
function encodeReasoning(part: ReasoningPart, context: CodecContext, path: string): readonly WireObject[] {
  const rest = kept(part.extensions, context, path)
  const { text, signature, encrypted } = part
  const blocks: WireObject[] = []
  if (encrypted === undefined || text !== '' || signature !== undefined) {
    const unsigned = signature === undefined && formOf(part.extensions)?.['unsigned'] === true
    blocks.push({
      type: 'thinking',
      ...rest,
      thinking: text,
      ...(unsigned ? undefined : { signature: signature ?? '' }),
    })
  }
  if (encrypted !== undefined) blocks.push({ type: 'redacted_thinking', ...rest, data: encrypted })
  return blocks
}

function encodeToolUse(part: ToolCallPart, context: CodecContext, path: string): WireObject {
  const rest = kept(part.extensions, context, path)
  return { type: 'tool_use', ...rest, id: part.id, name: part.name, input: toolInput(part, context, path) }
}

function toolInput(part: ToolCallPart, context: CodecContext, path: string): unknown {
  if (part.kind === 'custom') return { input: part.input }
  const form = formOf(part.extensions)
  if (form !== undefined && 'input' in form && part.input === '{}') return form['input']
  if (part.input.trim() === '') return {}
  const input = parseJson(part.input)
  if (input !== undefined) return input
  warnChanged(context, `${path}.input`, "A tool call's arguments that are no JSON are sent as the text in `arguments`.")
  return { arguments: part.input }
}
