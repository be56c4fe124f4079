import type { ChatMessage, ChatRequest, ContentPart, ReasoningPart } from '../ir/chat.ts'

/**
 * The request with every signature on the text that it is of. Callers who keep a stream's pieces as they came send
 * reasoning in several parts, or messages, of which only the last is signed, and has no text.
 */
export function joinReasoning(request: ChatRequest): ChatRequest {
  const { messages } = request
  if (!messages.some(isSealApart)) return request
  const joined: ChatMessage[] = []
  /** Unsigned reasoning that nothing follows yet: where its parts are. */
  let pieces: { readonly parts: ContentPart[]; readonly part: ReasoningPart }[] = []
  for (const message of messages) {
    const { content } = message
    if (message.role !== 'assistant' || typeof content !== 'object' || content === null) {
      pieces = []
      joined.push(message)
      continue
    }
    const parts: ContentPart[] = []
    for (const part of content) {
      if (part.type !== 'reasoning') pieces = []
      else if (isSeal(part) && pieces.length > 0) {
        const text = pieces.map((piece) => piece.part.text).join('')
        for (const piece of pieces) piece.parts.splice(piece.parts.indexOf(piece.part), 1)
        parts.push({ ...part, text })
        pieces = []
        continue
      } else if (part.signature === undefined && part.encrypted === undefined) pieces.push({ parts, part })
      else pieces = []
      parts.push(part)
    }
    joined.push({ ...message, content: parts })
  }
  return { ...request, messages: joined.filter(({ content }) => typeof content !== 'object' || content?.length !== 0) }
}

function isSealApart({ role, content }: ChatMessage): boolean {
  return role === 'assistant' && typeof content === 'object' && content !== null && content.some(isSeal)
}

function isSeal(part: ContentPart): boolean {
  return part.type === 'reasoning' && part.text === '' && part.signature !== undefined
}
