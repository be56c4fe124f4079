import type { CodecContext } from '../../dialect.ts'
import type { ChatMessage, ContentPart } from '../../ir/chat.ts'
import { partsOf } from '../../ir/parts-of.ts'

/** A message and where it stood in the request. */
export interface PlacedMessage {
  readonly message: ChatMessage
  readonly path: string
}

/**
 * OpenAI reads pictures, audio and files in a user's messages only. What else than text a tool returned is told there,
 * after all results of the turn, each under the id of its call.
 */
export function withMediaOfResults(messages: readonly ChatMessage[], context: CodecContext): readonly PlacedMessage[] {
  const placed: PlacedMessage[] = []
  /** What the results so far returned besides text. */
  let media: ContentPart[] = []
  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}]`
    if (message.role === 'tool') {
      placed.push({ message: takeMedia(message, media, context, path), path })
      continue
    }
    if (media.length > 0 && message.role !== 'user') placed.push({ message: { role: 'user', content: media }, path })
    placed.push({ message: media.length > 0 && message.role === 'user' ? withParts(media, message) : message, path })
    media = []
  }
  if (media.length > 0) placed.push({ message: { role: 'user', content: media }, path: `messages[${messages.length}]` })
  return placed
}

/** @param media takes what is not text. @returns the result without it. */
function takeMedia(message: ChatMessage, media: ContentPart[], context: CodecContext, path: string): ChatMessage {
  const { content, toolCallId = '' } = message
  if (typeof content !== 'object' || content === null) return message
  const others = content.filter((part) => !isMedia(part))
  if (others.length === content.length) return message
  context.warn({
    code: 'value-changed',
    path: `${path}.content`,
    message: 'What a tool returned besides text is sent in a message of the user.',
  })
  media.push({ type: 'text', text: `Returned by the call ${toolCallId}:` })
  for (const part of content) if (isMedia(part)) media.push(part)
  return { ...message, content: others.length > 0 ? others : 'What it returned follows in a message of the user.' }
}

function isMedia({ type }: ContentPart): boolean {
  return type === 'image' || type === 'audio' || type === 'file'
}

function withParts(before: readonly ContentPart[], message: ChatMessage): ChatMessage {
  return { ...message, content: [...before, ...partsOf(message)] }
}
