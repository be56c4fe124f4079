import { SluiceError } from '../../errors/sluice-error.ts'
import type { ChatChoice, ChatResult } from '../../ir/chat.ts'
import { callPrefix } from './call-prefix.ts'
import { decodeAssistantMessage } from './decode-assistant-message.ts'
import { decodeError } from './decode-error.ts'
import { findError } from '../../errors/find-error.ts'
import { encodeFinishReason, finishReasonOf } from './finish-reason.ts'
import { decodeLogprobs } from './logprobs.ts'
import { decodeUsage, findUsage, isCanonicalUsage } from './usage.ts'
import { isArray, isNumber, isRecord, isString, keep, type Mutable, WireFields, type WireObject } from './wire.ts'

/**
 * Reads a `chat.completion`. Throws the provider's error when that is what the body holds, and
 * `upstream_invalid_response` when it is no answer at all.
 */
export function decodeResult(wire: unknown): ChatResult {
  if (!isRecord(wire)) throw notAnAnswer()
  const choices = wire['choices']
  if (!isArray(choices) || (choices.length === 0 && findError(wire) !== undefined)) {
    throw findError(wire) === undefined
      ? notAnAnswer()
      : decodeError({ status: 200, header: () => undefined, body: wire })
  }
  const fields = new WireFields(wire)
  fields.skip('choices')
  fields.takeExact('object', 'chat.completion')
  const id = fields.take('id', isString) ?? ''
  const result: Mutable<ChatResult> = {
    id,
    model: fields.take('model', isString) ?? '',
    choices: decodeChoices(choices, id),
  }
  const created = fields.take('created', isNumber)
  if (created !== undefined) result.created = created
  const tier = fields.take('service_tier', isTier)
  if (tier !== undefined) result.serviceTier = tier

  const usage = decodeUsage(findUsage(wire))
  if (usage !== undefined) result.usage = usage
  if (isCanonicalUsage(wire['usage'])) fields.skip('usage')
  return Object.assign(result, keep(fields.rest()))
}

const isTier = (value: unknown): value is string | null => value === null || isString(value)

function notAnAnswer(): SluiceError {
  return new SluiceError('upstream_invalid_response', 'The provider answered with JSON that is no chat completion.')
}

function decodeChoices(wires: readonly unknown[], resultId: string): ChatChoice[] {
  try {
    return wires.map((choice, index) => decodeChoice(choice, index, resultId))
  } catch (error) {
    throw error instanceof SluiceError && error.code === 'invalid_request' ? notAnAnswer() : error
  }
}

function decodeChoice(wire: unknown, position: number, resultId: string): ChatChoice {
  if (!isRecord(wire)) throw notAnAnswer()
  const fields = new WireFields(wire)
  const index = fields.take('index', isNumber) ?? position
  const messageWire = fields.take('message', isRecord) ?? {}
  const message = new WireFields(messageWire)
  message.takeExact('role', 'assistant')
  const { parts, form } = decodeAssistantMessage(message, callPrefix(resultId, index), '')
  const noted: Record<string, unknown> = { message: form }

  const choice: Mutable<ChatChoice> = { index, content: parts, finishReason: null }
  const logprobs = decodeLogprobs(wire['logprobs'])
  if (logprobs !== undefined) choice.logprobs = logprobs
  if (logprobs !== undefined || wire['logprobs'] === null) {
    fields.skip('logprobs')
    if (isRecord(wire['logprobs'])) noteLogprobs(noted, wire['logprobs'])
    else noted['logprobs'] = null
  }
  const word = fields.take('finish_reason', isString)
  if (word !== undefined) noteFinish(choice, noted, word)
  else if (wire['finish_reason'] === null) fields.skip('finish_reason')
  return Object.assign(choice, keep(fields.rest(), noted, message.rest()))
}

/** The encoder writes both members; those that the provider left out are noted. */
function noteLogprobs(noted: Record<string, unknown>, wire: WireObject): void {
  const absent = ['content', 'refusal'].filter((name) => !(name in wire))
  if (absent.length > 0) noted['absentLogprobs'] = absent
}

function noteFinish(choice: Mutable<ChatChoice>, noted: Record<string, unknown>, word: string): void {
  const reason = finishReasonOf(
    word,
    choice.content.some((part) => part.type === 'tool-call'),
  )
  choice.finishReason = reason
  if (encodeFinishReason(reason) === word) return
  choice.providerFinishReason = word
  noted['finish_reason'] = word
}
