import { SluiceError } from '../../errors/sluice-error.ts'
import type { ChatChoice, ChatResult } from '../../ir/chat.ts'
import { type DecodedAssistant, decodeAssistant } from './assistant-message.ts'
import { restOf } from './decode-request.ts'
import { decodeError } from './error.ts'
import { finishOf } from './finish-reason.ts'
import { decodeLogprobs } from './logprobs.ts'
import { decodeUsage } from './usage.ts'
import { isFilled, isRecord, isString, keep, type Mutable, WireFields } from './wire.ts'

/**
 * Reads an answer, which does not name its model. Throws the provider's error when that is what the body holds, and
 * `upstream_invalid_response` when it is no answer at all. https://docs.cohere.com/v2/reference/chat#response
 */
export function decodeResult(wire: unknown): ChatResult {
  if (!isRecord(wire)) throw notAnAnswer()
  const fields = new WireFields(wire)
  const message = fields.take('message', isRecord)
  if (message === undefined) {
    const failed = isString(wire['message']) || 'error' in wire
    throw failed ? decodeError({ status: 200, header: () => undefined, body: wire }) : notAnAnswer()
  }
  const id = fields.take('id', isString)
  const members = new WireFields(message)
  members.takeExact('role', 'assistant')
  const said = decodeMessage(members, id ?? '')
  const word = fields.take('finish_reason', isFilled)
  const logprobs = decodeLogprobs(wire['logprobs'])
  const form: Record<string, unknown> = { ...said.form, ...('role' in message ? undefined : { role: null }) }
  if (logprobs !== undefined) {
    fields.skip('logprobs')
    form['logprobs'] = wire['logprobs']
  }
  const choice: ChatChoice = {
    index: 0,
    content: said.parts,
    ...(word === undefined ? { finishReason: null } : finishOf(word)),
    ...(logprobs !== undefined && { logprobs }),
    ...keep(restOf(members, said.citations), form),
  }
  const result: Mutable<ChatResult> = { id: id ?? '', model: '', choices: [choice] }
  const usage = decodeUsage(wire['usage'])
  if (usage !== undefined) {
    fields.skip('usage')
    result.usage = usage
  }
  const written = { ...(usage !== undefined && { usage: wire['usage'] }), ...(id === undefined && { id: false }) }
  return Object.assign(result, keep(fields.rest(), written))
}

function decodeMessage(members: WireFields, id: string): DecodedAssistant {
  try {
    return decodeAssistant(members, callPrefix(id), 'message.')
  } catch (error) {
    throw error instanceof SluiceError && error.code === 'invalid_request' ? notAnAnswer() : error
  }
}

/** Ids for calls that have none must differ between turns, and hold only what every provider accepts. */
export function callPrefix(id: string): string {
  return `call_${id.replace(/[^A-Za-z0-9_-]/g, '_')}_`
}

function notAnAnswer(): SluiceError {
  return new SluiceError('upstream_invalid_response', 'The provider answered with JSON that is no chat answer.')
}
