import type { CodecContext } from '../../dialect.ts'
import type { ChatMessage, ContentPart } from '../../ir/chat.ts'
import { encodeImage } from './media.ts'
import { encodeToolCall } from './tool-call.ts'
import { drop, formOf, kept, type WireObject } from './wire.ts'

/** Writes `messages`: text as one string, images beside it, and with each tool's result the tool's name. */
export function encodeMessages(messages: readonly ChatMessage[], context: CodecContext): readonly WireObject[] {
  const names = new Map<string, string>()
  return messages.map((message, index) => {
    if (typeof message.content === 'object' && message.content !== null)
      for (const part of message.content) if (part.type === 'tool-call') names.set(part.id, part.name)
    return encodeMessage(message, names, context, `messages[${index}]`)
  })
}

function encodeMessage(
  message: ChatMessage,
  names: ReadonlyMap<string, string>,
  context: CodecContext,
  path: string,
): WireObject {
  const { role, content } = message
  const form = formOf(message.extensions)
  const rest = kept(message.extensions, context, path)
  const parts = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : (content ?? [])
  const wire = {
    role: role === 'developer' ? 'system' : role,
    ...rest,
    ...encodeMessageParts(parts, form, 'request', context, path),
  }
  if (role === 'tool') return { ...wire, ...encodeAnswered(message, form, names, context, path) }
  if (message.name !== undefined) drop(context, `${path}.name`, "A speaker's name has no counterpart in this dialect")
  return wire
}

function encodeAnswered(
  { toolCallId: id, name, isError }: ChatMessage,
  form: WireObject | undefined,
  names: ReadonlyMap<string, string>,
  context: CodecContext,
  path: string,
): WireObject {
  if (isError === true) drop(context, `${path}.is_error`, 'That a tool failed has no mark in this dialect')
  const tool = form === undefined ? ((id === undefined ? undefined : names.get(id)) ?? name) : (form['name'] ?? name)
  return {
    ...(tool !== undefined && { tool_name: tool }),
    ...(id !== undefined && form?.['id'] !== false && { tool_call_id: id }),
  }
}

/**
 * Writes the members of a message that say something.
 *
 * @param form as `decodeMessageParts` noted it; `undefined` for a message from another dialect.
 * @param place the calls of an answer are numbered.
 */
export function encodeMessageParts(
  parts: readonly ContentPart[],
  form: WireObject | undefined,
  place: 'request' | 'result',
  context: CodecContext,
  path: string,
): WireObject {
  const texts: string[] = []
  const thinking: string[] = []
  const images: string[] = []
  const calls: WireObject[] = []
  for (const [index, part] of parts.entries()) {
    const at = `${path}.content[${index}]`
    switch (part.type) {
      case 'text':
      case 'refusal':
        noteText(part, context, at)
        texts.push(part.text)
        break
      case 'reasoning':
        noteReasoning(part, context, at)
        if (part.text !== '') thinking.push(part.text)
        break
      case 'image': {
        const image = encodeImage(part, context, at)
        if (image !== undefined) images.push(image)
        break
      }
      case 'tool-call':
        calls.push(encodeToolCall(part, place === 'result' ? calls.length : undefined, context, at))
        break
      default:
        dropPart(part, context, at)
    }
  }
  const { content, ...empty } = form ?? {}
  const noContent = texts.length === 0 || (texts.length === 1 && texts[0] === '')
  return {
    ...(noContent && content === 'absent'
      ? undefined
      : { content: noContent && content === 'null' ? null : joined(texts, place) }),
    ...emptyMembers(empty),
    ...(thinking.length > 0 && { thinking: joined(thinking, place) }),
    ...(images.length > 0 && { images }),
    ...(calls.length > 0 && { tool_calls: calls }),
  }
}

/** Parts that a caller kept apart are lines here; those of an answer are written as they were said. */
function joined(texts: readonly string[], place: 'request' | 'result'): string {
  return texts.join(place === 'request' ? '\n' : '')
}

function emptyMembers(form: WireObject): WireObject {
  return Object.fromEntries(
    ['thinking', 'images', 'tool_calls'].filter((name) => name in form).map((name) => [name, form[name]]),
  )
}

/** Says what of a text has no place here. */
export function noteText(part: ContentPart & { type: 'text' | 'refusal' }, context: CodecContext, path: string): void {
  kept(part.extensions, context, path)
  if (part.type === 'refusal') {
    context.warn({ code: 'value-changed', path, message: 'A refusal is said as plain text in this dialect.' })
  } else if (part.annotations !== undefined && part.annotations.length > 0) {
    drop(context, `${path}.annotations`, 'Citations have no place in this dialect')
  }
}

/** Says what of a reasoning has no place here: only its text has. */
export function noteReasoning(
  part: { readonly signature?: string; readonly encrypted?: string; readonly extensions?: ContentPart['extensions'] },
  context: CodecContext,
  path: string,
): void {
  kept(part.extensions, context, path)
  if (part.signature !== undefined) {
    drop(context, `${path}.signature`, 'The signature of a reasoning has no place in this dialect')
  }
  if (part.encrypted !== undefined) {
    drop(context, `${path}.encrypted`, 'Encrypted reasoning has no place in this dialect')
  }
}

const names: Readonly<Partial<Record<ContentPart['type'], string>>> = { audio: 'Audio', file: 'A file' }

export function dropPart(part: ContentPart, context: CodecContext, path: string): void {
  kept(part.extensions, context, path)
  drop(context, path, `${names[part.type] ?? 'This part'} has no place in this dialect`)
}
