import { SluiceError } from '../../errors/sluice-error.ts'
import type { ChatChoice, ChatResult, ContentPart } from '../../ir/chat.ts'
import { decodeBlocks } from './content-block.ts'
import { decodeError } from './error.ts'
import { decodeStopReason, isUsual } from './stop-reason.ts'
import { decodeUsage } from './usage.ts'
import { inner, isArray, isRecord, isString, keep, nest, WireFields, type WireObject } from './wire.ts'

/**
 * Reads the answer of `Converse`, which says neither an id nor a model. Throws the provider's error when that is what
 * the body holds, and `upstream_invalid_response` when it is no answer at all.
 */
export function decodeResult(wire: unknown): ChatResult {
  const output = isRecord(wire) ? inner(wire, 'output') : undefined
  const message = inner(output, 'message')
  if (!isRecord(wire) || message === undefined || !isArray(message['content'])) {
    throw isRecord(wire) && isString(wire['message']) && output === undefined
      ? decodeError({ status: 200, header: () => undefined, body: wire })
      : notAnAnswer()
  }
  const fields = new WireFields(wire)
  for (const name of ['output', 'usage']) fields.skip(name)
  const word = fields.take('stopReason', isString)
  const tier = fields.take('serviceTier', isTier)
  const usage = decodeUsage(wire['usage'])
  const choice: ChatChoice = {
    index: 0,
    content: decodeContent(message['content']),
    ...finishOf(word),
    ...keep(restOf(message), word === undefined ? undefined : { stopReason: word }),
  }
  const { message: _, ...beside } = output ?? {}
  const rest = nest(fields.rest(), 'output', Object.keys(beside).length === 0 ? undefined : beside)
  return {
    id: '',
    model: '',
    choices: [choice],
    ...(usage && { usage }),
    ...(tier && { serviceTier: tier.type }),
    ...keep(rest, { usage: wire['usage'] }),
  }
}

function notAnAnswer(): SluiceError {
  return new SluiceError('upstream_invalid_response', 'The provider answered with JSON that is no message.')
}

function decodeContent(wires: readonly unknown[]): readonly ContentPart[] {
  try {
    return decodeBlocks(wires, 'output.message.content')
  } catch (error) {
    throw error instanceof SluiceError && error.code === 'invalid_request' ? notAnAnswer() : error
  }
}

export const isTier = (value: unknown): value is { readonly type: string } =>
  isRecord(value) && isString(value['type']) && Object.keys(value).length === 1

/** Of a message, all but its role, which is an assistant's, and its content. */
function restOf(message: WireObject): WireObject | undefined {
  const fields = new WireFields(message)
  fields.takeExact('role', 'assistant')
  fields.skip('content')
  return fields.rest()
}

/** Why a message ended, from the answer itself or from a stream's `messageStop`. */
export function finishOf(word: string | undefined): Pick<ChatChoice, 'finishReason' | 'providerFinishReason'> {
  if (word === undefined) return { finishReason: null }
  return { finishReason: decodeStopReason(word), ...(isUsual(word) ? undefined : { providerFinishReason: word }) }
}
