import type { CodecContext } from '../../dialect.ts'
import { drop, isRecord, type WireObject } from '../ollama-chat/wire.ts'

/** An answer, or a line of one, as `/api/chat` would have said it; what has no text, such as an error, as it is. */
export function asChatAnswer(wire: unknown): unknown {
  if (!isRecord(wire) || !('response' in wire || 'thinking' in wire)) return wire
  const { response, thinking, message: _, ...others } = wire
  const message = { role: 'assistant', content: response ?? '', ...(thinking !== undefined && { thinking }) }
  return { ...others, message }
}

/** An answer of `/api/chat`, or a line of one, as `/api/generate` says it. */
export function asGenerateAnswer(wire: WireObject, context: CodecContext): WireObject {
  const { message, ...others } = wire
  if (!isRecord(message)) return wire
  const { content, thinking, tool_calls: calls, images } = message
  if (calls !== undefined) drop(context, 'message.tool_calls', 'Calls of tools have no place in this dialect')
  if (images !== undefined) drop(context, 'message.images', 'Images in an answer have no place in this dialect')
  return { ...others, response: content ?? '', ...(thinking !== undefined && { thinking }) }
}
