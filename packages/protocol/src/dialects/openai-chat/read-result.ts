import { SluiceError } from '../../errors/sluice-error.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import type { ChatResult } from '../../ir/chat.ts'
import { foldChatEvents } from '../../ir/fold-chat-events.ts'
import { decodeError } from './decode-error.ts'
import { readWholeAnswer } from './decode-stream.ts'
import { findError } from './find-error.ts'
import { isArray, isRecord } from './wire.ts'

/**
 * As `decodeResult`, by what reads streams, which clients have in any case. How something was written, which only its
 * writing anew would ask for, is not noted.
 */
export function readResult(wire: unknown): ChatResult {
  if (isErrorBody(wire)) throw decodeError({ status: 200, header: () => undefined, body: wire })
  if (!isRecord(wire) || !isArray(wire['choices']) || !wire['choices'].every(isRecord)) {
    throw new SluiceError('upstream_invalid_response', 'The provider answered with JSON that is no chat completion.')
  }
  const events: ChatEvent[] = []
  readWholeAnswer({ ...wire, error: undefined }, (event) => events.push(event))
  return foldChatEvents(events)
}

/** Whether a whole answer is an error. */
export function isErrorBody(wire: unknown): boolean {
  const choices = isRecord(wire) ? wire['choices'] : undefined
  return (!isArray(choices) || choices.length === 0) && findError(wire) !== undefined
}
