import type { CodecContext } from '../../dialect.ts'
import { append } from '../../ir/append.ts'
import type { ChatMessage, ContentPart } from '../../ir/chat.ts'
import type { WireObject } from '../../json/wire-object.ts'
import { encodeInputPart } from './content-part.ts'
import { encodeItems } from './encode-items.ts'
import { formOf, kept, recordOr } from './wire.ts'

/** Writes messages as input items. */
export function encodeInput(messages: readonly ChatMessage[], context: CodecContext): WireObject[] {
  const items: WireObject[] = []
  /** The calls of custom tools, whose results are items of another type. */
  const customCalls = new Set<string>()
  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}]`
    if (message.role === 'tool') items.push(encodeOutput(message, customCalls, context, path))
    else if (message.role !== 'assistant') items.push(encodeMessage(message, context, path))
    else append(items, encodeTurn(message, customCalls, context, path))
    if (message.name !== undefined) {
      context.warn({
        code: 'field-dropped',
        path: `${path}.name`,
        message: 'Messages have no name in this dialect; it was left out.',
      })
    }
  }
  return items
}

function encodeMessage(message: ChatMessage, context: CodecContext, path: string): WireObject {
  const { role, content, extensions } = message
  return {
    ...recordOr(formOf(extensions)?.['item'], {}),
    ...kept(extensions, context, path),
    role,
    content: encodeContent(content, context, `${path}.content`),
  }
}

function encodeOutput(
  message: ChatMessage,
  customCalls: ReadonlySet<string>,
  context: CodecContext,
  path: string,
): WireObject {
  const { content, extensions, toolCallId = '' } = message
  return {
    type: customCalls.has(toolCallId) ? 'custom_tool_call_output' : 'function_call_output',
    ...recordOr(formOf(extensions)?.['item'], {}),
    ...kept(extensions, context, path),
    call_id: toolCallId,
    output: encodeContent(content, context, `${path}.content`),
  }
}

function encodeContent(content: ChatMessage['content'], context: CodecContext, path: string): unknown {
  if (content === undefined || content === null || typeof content === 'string') return content ?? ''
  return content
    .map((part, index) => encodeInputPart(part, context, `${path}[${index}]`))
    .filter((part) => part !== undefined)
}

function encodeTurn(
  message: ChatMessage,
  customCalls: Set<string>,
  context: CodecContext,
  path: string,
): readonly WireObject[] {
  const { content, extensions } = message
  kept(extensions, context, path)
  if (content === undefined || content === null) return []
  if (typeof content === 'string') return content === '' ? [] : [{ role: 'assistant', content }]
  for (const part of content) if (part.type === 'tool-call' && part.kind === 'custom') customCalls.add(part.id)
  const only = onlyText(content)
  if (only !== undefined) {
    kept(only.extensions, context, `${path}.content[0]`)
    return [
      { role: 'assistant', content: only.text },
      ...encodeItems(content.slice(1), { context, path: `${path}.content` }),
    ]
  }
  return encodeItems(content, { context, path: `${path}.content` })
}

/** A plain text of another dialect's that opens a turn and stands alone: items need no parts to say it. */
function onlyText(content: readonly ContentPart[]): (ContentPart & { type: 'text' }) | undefined {
  const [first, second] = content
  if (first?.type !== 'text' || first.annotations !== undefined || formOf(first.extensions) !== undefined)
    return undefined
  return second?.type === 'text' || second?.type === 'refusal' ? undefined : first
}
