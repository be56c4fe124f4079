import { SluiceError } from '../../errors/sluice-error.ts'
import type { ChatChoice, ChatResult } from '../../ir/chat.ts'
import { decodeMessageParts } from './decode-message.ts'
import { findOllamaError, readErrorBody } from './error.ts'
import { decodeFinishReason, providerWord } from './finish-reason.ts'
import { decodeLogprobs, encodeLogprobs } from './logprobs.ts'
import { idOf, readTime } from './time.ts'
import { decodeUsage, usageMembers } from './usage.ts'
import { isRecord, isString, keep, type Mutable, WireFields } from './wire.ts'

/**
 * Reads the whole answer of `/api/chat`. Its id is made of its time. Throws the provider's error where there is one,
 * and `upstream_invalid_response` for what has no message.
 */
export function decodeResult(wire: unknown): ChatResult {
  if (!isRecord(wire) || !isRecord(wire['message'])) {
    throw findOllamaError(wire) === undefined ? notAnAnswer() : readErrorBody(wire)
  }
  const fields = new WireFields(wire)
  const message = new WireFields(wire['message'])
  fields.skip('message')
  const created = readTime(wire['created_at'])
  const id = idOf(wire['created_at'])
  if (created !== undefined) fields.skip('created_at')
  const model = fields.take('model', isString) ?? ''
  const result: Mutable<ChatResult> = {
    id,
    model,
    ...(created !== undefined && { created }),
    choices: [decodeChoice(fields, message, id)],
  }
  const usage = decodeUsage(wire)
  if (usage !== undefined) {
    result.usage = usage
    for (const name of usageMembers) fields.skip(name)
  }
  return Object.assign(result, keep(fields.rest(), { created_at: created === undefined ? null : wire['created_at'] }))
}

function notAnAnswer(): SluiceError {
  return new SluiceError('upstream_invalid_response', 'The provider answered with JSON that is no chat answer.')
}

function decodeChoice(fields: WireFields, message: WireFields, id: string): ChatChoice {
  const { wire } = fields
  const form: Record<string, unknown> = {}
  message.takeExact('role', 'assistant')
  const content = decodeMessageParts(message, form, callPrefix(id), false)
  const choice: Mutable<ChatChoice> = { index: 0, content, finishReason: null }
  if (wire['done'] === true) {
    const { done_reason: word } = wire
    const calls = content.some((part) => part.type === 'tool-call')
    choice.finishReason = decodeFinishReason(word, calls)
    const said = providerWord(word, choice.finishReason)
    if (said !== undefined) choice.providerFinishReason = said
    form['done_reason'] = word ?? null
    if (word === undefined || isString(word)) fields.skip('done_reason')
  } else form['done'] = wire['done'] ?? null
  fields.skip('done')
  const logprobs = decodeLogprobs(wire['logprobs'])
  if (logprobs !== undefined) {
    choice.logprobs = { content: logprobs }
    fields.skip('logprobs')
    if (JSON.stringify(encodeLogprobs(logprobs)) !== JSON.stringify(wire['logprobs']))
      form['logprobs'] = wire['logprobs']
  }
  return Object.assign(choice, keep(message.rest(), form))
}

/** Ids for calls that have none must differ between turns, and be what every provider accepts: OpenAI takes 40 characters. */
export function callPrefix(id: string): string {
  return `call_${id.replace('ollama-', '')}_`
}
