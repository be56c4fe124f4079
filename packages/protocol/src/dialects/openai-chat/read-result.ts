import type { ChatEvent } from '../../ir/chat-event.ts'
import type { ChatResult } from '../../ir/chat.ts'
import { foldChatEvents } from '../../ir/fold-chat-events.ts'
import { readWholeAnswer } from './decode-stream.ts'
import { findError } from '../../errors/find-error.ts'
import { isArray, isRecord } from './wire.ts'

/**
 * As `decodeResult`, by what reads streams, which clients have in any case; `undefined` for what is no answer. How
 * something was written, which only its writing anew would ask for, is not noted.
 */
export function readResult(wire: unknown): ChatResult | undefined {
  if (!isRecord(wire) || !isArray(wire['choices']) || !wire['choices'].every(isRecord)) return undefined
  const events: ChatEvent[] = []
  try {
    readWholeAnswer({ ...wire, error: undefined }, (event) => events.push(event))
    return foldChatEvents(events)
  } catch {
    return undefined
  }
}

/** Whether a whole answer is an error. */
export function isErrorBody(wire: unknown): boolean {
  const choices = isRecord(wire) ? wire['choices'] : undefined
  return (!isArray(choices) || choices.length === 0) && findError(wire) !== undefined
}
