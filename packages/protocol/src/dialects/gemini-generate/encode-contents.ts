import type { CodecContext } from '../../dialect.ts'
import { append } from '../../ir/append.ts'
import type { ChatMessage, ContentPart, ToolCallPart } from '../../ir/chat.ts'
import { parseJson } from '../../json/parse-json.ts'
import { foreignSignature, isOwnCall, signatureOf } from './function-call.ts'
import type { ModelFamily } from './model-family.ts'
import { encodePart } from './part.ts'
import { drop, formOf, inner, isRecord, isString, kept, ownOf, type WireObject } from './wire.ts'

interface WireContent {
  role?: string
  parts?: WireObject[]
  [member: string]: unknown
}

/** Writes `contents`: the results of one turn's calls as one turn, each with its function's name. */
export function encodeContents(
  messages: readonly ChatMessage[],
  family: ModelFamily,
  context: CodecContext,
): readonly WireContent[] {
  const contents: WireContent[] = []
  const names = new Map<string, string>()
  let previous: ChatMessage | undefined
  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}]`
    const form = formOf(message.extensions)
    const rest = kept(message.extensions, context, path)
    const last = contents.at(-1)
    const joins = form === undefined ? message.role === 'tool' && previous?.role === 'tool' : form['joined'] === true
    previous = message
    if (message.role === 'tool') {
      const parts = encodeResponse(message, names, family, context, path)
      if (joins && last?.parts !== undefined) append(last.parts, parts)
      else contents.push({ ...inner(rest, 'turn'), ...roleOf('user', form), parts })
      continue
    }
    noteCalls(message, names)
    const parts = encodeParts(message, family, context, path)
    if (joins && last?.parts !== undefined) append(last.parts, parts ?? [])
    // Gemini refuses a turn that says nothing.
    else if (form !== undefined || (parts !== undefined && parts.length > 0)) {
      if (message.role === 'system' || message.role === 'developer') {
        context.warn({
          code: 'value-changed',
          path,
          message: 'A system message inside the conversation is sent as the user’s.',
        })
      }
      contents.push({
        ...rest,
        ...roleOf(message.role === 'assistant' ? 'model' : 'user', form),
        ...(parts && { parts }),
      })
    }
  }
  return contents
}

function roleOf(usual: string, form: WireObject | undefined): { role?: string } {
  if (form?.['role'] === null) return {}
  return { role: form?.['role'] === 'function' ? 'function' : usual }
}

function noteCalls({ content }: ChatMessage, names: Map<string, string>): void {
  if (typeof content !== 'object' || content === null) return
  for (const part of content) if (part.type === 'tool-call') names.set(part.id, part.name)
}

function encodeParts(
  message: ChatMessage,
  family: ModelFamily,
  context: CodecContext,
  path: string,
): WireObject[] | undefined {
  const { content } = message
  if (content === undefined || content === null) return undefined
  if (typeof content === 'string') return content === '' ? [] : [{ text: content }]
  const parts: WireObject[] = []
  let calls = 0
  for (const [index, part] of content.entries()) {
    const at = `${path}.content[${index}]`
    if (part.type === 'reasoning' && formOf(part.extensions) === undefined) {
      drop(context, at, 'Reasoning of another model')
      continue
    }
    const wire = encodePart(part, context, at)
    if (wire === undefined) continue
    const unsigned = part.type === 'tool-call' && calls++ === 0 && lacksSignature(part, family)
    parts.push(unsigned ? { ...wire, thoughtSignature: foreignSignature } : wire)
  }
  return parts
}

/** Only the first call of a turn has one. */
function lacksSignature(part: ToolCallPart, family: ModelFamily): boolean {
  return family.signatures && !isOwnCall(part) && signatureOf(part) === undefined
}

function encodeResponse(
  message: ChatMessage,
  names: ReadonlyMap<string, string>,
  family: ModelFamily,
  context: CodecContext,
  path: string,
): WireObject[] {
  const form = formOf(message.extensions)
  const { turn: _, functionResponse: _response, ...outer } = ownOf(message.extensions) ?? {}
  const id = message.toolCallId
  const name = (id === undefined || form !== undefined ? undefined : names.get(id)) ?? message.name ?? id ?? 'unknown'
  const { text, media } = splitContent(message)
  const wires = media
    .map((part, index) => encodePart(part, context, `${path}.content[${index}]`))
    .filter((wire) => wire !== undefined)
  const inside = form === undefined ? family.mediaInResponses && wires.length > 0 : form['parts'] === true
  const response =
    form?.['wrapped'] === null ? undefined : responseOf(text, message.isError === true, form?.['wrapped'])
  const functionResponse = {
    ...inner(ownOf(message.extensions), 'functionResponse'),
    ...(id === undefined || form?.['id'] === false ? undefined : { id }),
    name,
    ...(response && { response }),
    ...(inside && { parts: wires }),
  }
  return [{ ...outer, functionResponse }, ...(inside ? [] : wires)]
}

function splitContent({ content }: ChatMessage): { text: string; media: ContentPart[] } {
  if (content === undefined || content === null) return { text: '', media: [] }
  if (typeof content === 'string') return { text: content, media: [] }
  const texts = content.map((part) => (part.type === 'text' || part.type === 'refusal' ? part.text : ''))
  return { text: texts.join(''), media: content.filter((part) => part.type !== 'text' && part.type !== 'refusal') }
}

/** `output` and `error` are Google's names; JSON that is an object needs neither. */
function responseOf(text: string, failed: boolean, wrapped: unknown): WireObject {
  if (isString(wrapped) && wrapped !== 'json') return { [wrapped]: text }
  const value = failed ? undefined : parseJson(text)
  return isRecord(value) ? value : { [failed ? 'error' : 'output']: text }
}
