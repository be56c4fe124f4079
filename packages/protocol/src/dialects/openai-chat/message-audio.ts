import type { AudioPart } from '../../ir/chat.ts'
import { isNumber, isString, keep, type Mutable, WireFields, type WireObject } from './wire.ts'

/** The audio of an answer, or a reference to it in the history. */
export function decodeMessageAudio(wire: WireObject): AudioPart {
  const fields = new WireFields(wire)
  const part: Mutable<AudioPart> = { type: 'audio' }
  const id = fields.take('id', isString)
  const data = fields.take('data', isString)
  const transcript = fields.take('transcript', isString)
  const expiresAt = fields.take('expires_at', isNumber)
  if (id !== undefined) part.id = id
  if (data !== undefined) part.data = data
  if (transcript !== undefined) part.transcript = transcript
  if (expiresAt !== undefined) part.expiresAt = expiresAt
  return Object.assign(part, keep(fields.rest()))
}
