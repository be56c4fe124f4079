import type { CodecContext } from '../../dialect.ts'
import { append } from '../../ir/append.ts'
import type { ChatMessage, ContentPart } from '../../ir/chat.ts'
import { encodeBlocks } from './content-block.ts'
import { formOf, isRecord, isString, kept, type WireObject } from './wire.ts'

export interface WireMessages {
  readonly system?: unknown
  readonly messages: readonly WireObject[]
}

/** Messages that came from this wire, as they were written. */
export function encodeOwnMessages(all: readonly ChatMessage[], context: CodecContext): WireMessages {
  const messages: Record<string, unknown>[] = []
  let system: unknown
  for (const [index, message] of all.entries()) {
    const path = `messages[${index}]`
    const form = formOf(message.extensions)
    if (form?.['system'] === true) {
      system = ownContent(message, context, 'system')
      continue
    }
    const content =
      message.role === 'tool' ? [encodeToolResult(message, ownId, context, path)] : ownContent(message, context, path)
    const last = messages.at(-1)
    if (form?.['joined'] === true && Array.isArray(last?.['content']) && Array.isArray(content))
      append(last['content'], content)
    else messages.push({ role: roleOf(message), content, ...turnRest(message, form, context, path) })
  }
  return { ...(system === undefined ? undefined : { system }), messages }
}

function turnRest(
  message: ChatMessage,
  form: WireObject | undefined,
  context: CodecContext,
  path: string,
): WireObject | undefined {
  if (message.role !== 'tool') return kept(message.extensions, context, path)
  return isRecord(form?.['turn']) ? form['turn'] : undefined
}

export function roleOf({ role }: ChatMessage): string {
  if (role === 'tool') return 'user'
  return role === 'developer' ? 'system' : role
}

const ownId = (id: string | undefined): string | undefined => id

function ownContent({ content }: ChatMessage, context: CodecContext, path: string): unknown {
  if (isString(content)) return content
  return encodeParts(content ?? [], context, path)
}

export function encodeParts(parts: readonly ContentPart[], context: CodecContext, path: string): WireObject[] {
  return parts.flatMap((part, index) => encodeBlocks(part, context, `${path}.content[${index}]`))
}

/** @param callId how the id of a call is written. */
export function encodeToolResult(
  message: ChatMessage,
  callId: (id: string | undefined) => string | undefined,
  context: CodecContext,
  path: string,
): WireObject {
  const { content, isError } = message
  const id = callId(message.toolCallId)
  const contentless = formOf(message.extensions)?.['contentless'] === true && content === ''
  return {
    type: 'tool_result',
    ...(id === undefined ? undefined : { tool_use_id: id }),
    ...kept(message.extensions, context, path),
    ...(contentless ? undefined : { content: isString(content) ? content : encodeParts(content ?? [], context, path) }),
    ...(isError === undefined ? undefined : { is_error: isError }),
  }
}
