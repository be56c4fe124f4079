import { SluiceError } from '../../errors/sluice-error.ts'
import type { CodecContext } from '../../dialect.ts'
import type { ChatRequest } from '../../ir/chat.ts'
import { decodeRequest as decodeChatRequest } from '../ollama-chat/decode-request.ts'
import { encodeRequest as encodeChatRequest } from '../ollama-chat/encode-request.ts'
import { invalid, isArray, isRecord, isString, type WireObject } from '../ollama-chat/wire.ts'

/** Reads the body of `POST /api/generate`: a chat of at most a system message and one of the user. */
export function decodeRequest(wire: unknown): ChatRequest {
  if (!isRecord(wire)) throw new SluiceError('invalid_request', 'The body must be a JSON object.')
  const { prompt, system, images, messages: _, ...others } = wire
  for (const [name, value] of Object.entries({ prompt, system })) {
    if (value !== undefined && !isString(value)) throw invalid(name, 'must be a string')
  }
  const messages: WireObject[] = []
  if (system !== undefined) messages.push({ role: 'system', content: system })
  if (prompt !== undefined || images !== undefined) {
    const content = prompt === undefined ? undefined : { content: prompt }
    messages.push({ role: 'user', ...content, ...(images !== undefined && { images }) })
  }
  const request = decodeChatRequest(messages.length === 0 ? others : { ...others, messages })
  // Numbers that only the model that gave them can read.
  const goesOn = isArray(wire['context']) && wire['context'].length > 0
  return goesOn ? { ...request, remembered: 'context' } : request
}

/**
 * Writes a `POST /api/generate` body. A conversation is not made into one text here, since each model was trained on a
 * form of its own: throws `invalid_request` for anything but one text, with or without a system message.
 */
export function encodeRequest(request: ChatRequest, context: CodecContext): WireObject {
  const { messages, tools, ...others } = encodeChatRequest(request, context) as Record<string, unknown>
  const list: readonly unknown[] = isArray(messages) ? messages : []
  const system = list.find((message) => isRecord(message) && message['role'] === 'system')
  const user = list.find((message) => isRecord(message) && message['role'] === 'user')
  const count = Number(system !== undefined) + Number(user !== undefined)
  if (list.length > count || tools !== undefined) {
    throw new SluiceError(
      'invalid_request',
      `A model that is asked by Ollama's generate takes one prompt and no conversation. Ask \`${request.model}\` for a chat.`,
    )
  }
  return { ...others, ...(isRecord(system) && { system: system['content'] }), ...(isRecord(user) && promptOf(user)) }
}

function promptOf({ content, images }: WireObject): WireObject {
  return { ...(content !== undefined && { prompt: content }), ...(images !== undefined && { images }) }
}
