import { append } from '../../ir/append.ts'
import type { ContentPart } from '../../ir/chat.ts'
import { decodeImage } from './media.ts'
import { decodeToolCall } from './tool-call.ts'
import { isArray, isString, type WireFields } from './wire.ts'

/**
 * Reads the members of a message that say something; those of an unexpected type stay.
 *
 * @param form is told of members that are there but empty, and of a `content` that is not.
 * @param callPrefix for the ids of calls that have none.
 * @param imagesFirst as Ollama puts a user's images before the text.
 */
export function decodeMessageParts(
  fields: WireFields,
  form: Record<string, unknown>,
  callPrefix: string,
  imagesFirst: boolean,
): ContentPart[] {
  const parts: ContentPart[] = []
  const thinking = fields.take('thinking', isString)
  if (thinking === '') form['thinking'] = ''
  else if (thinking !== undefined) parts.push({ type: 'reasoning', text: thinking })
  const images = decodeImages(fields, form)
  if (imagesFirst) append(parts, images)
  const { content } = fields.wire
  if (content === undefined || content === null) {
    form['content'] = content === null ? 'null' : 'absent'
    fields.skip('content')
  } else {
    const text = fields.take('content', isString)
    if (text !== undefined && text !== '') parts.push({ type: 'text', text })
  }
  if (!imagesFirst) append(parts, images)
  append(parts, decodeCalls(fields, form, callPrefix))
  return parts
}

function decodeImages(fields: WireFields, form: Record<string, unknown>): ContentPart[] {
  const { images } = fields.wire
  if (!isArray(images) || !images.every(isString)) return []
  fields.skip('images')
  if (images.length === 0) form['images'] = []
  return images.map(decodeImage)
}

function decodeCalls(fields: WireFields, form: Record<string, unknown>, prefix: string): ContentPart[] {
  const { tool_calls: wires } = fields.wire
  if (!isArray(wires)) return []
  const calls = wires.map((wire, index) => decodeToolCall(wire, `${prefix}${index}`))
  if (!calls.every((call) => call !== undefined)) return []
  fields.skip('tool_calls')
  if (calls.length === 0) form['tool_calls'] = []
  return calls
}
