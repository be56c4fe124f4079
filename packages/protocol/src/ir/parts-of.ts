import type { ChatMessage, ContentPart } from './chat.ts'

/** A bare string is one text. */
export function partsOf({ content }: ChatMessage): readonly ContentPart[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? [])
}
