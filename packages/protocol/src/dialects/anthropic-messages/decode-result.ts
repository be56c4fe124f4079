import { SluiceError } from '../../errors/sluice-error.ts'
import type { ChatChoice, ChatResult, ContentPart, RefusalPart } from '../../ir/chat.ts'
import { decodeBlock } from './content-block.ts'
import { decodeError } from './error.ts'
import { decodeStopReason, encodeStopReason } from './stop-reason.ts'
import { decodeUsage } from './usage.ts'
import { isArray, isRecord, isString, keep, type Mutable, WireFields, type WireObject } from './wire.ts'

/**
 * Reads a message. Throws the provider's error when that is what the body holds, and `upstream_invalid_response`
 * when it is no answer at all.
 */
export function decodeResult(wire: unknown): ChatResult {
  if (!isRecord(wire) || !isArray(wire['content'])) {
    throw isRecord(wire) && 'error' in wire
      ? decodeError({ status: 200, header: () => undefined, body: wire })
      : notAnAnswer()
  }
  const fields = new WireFields(wire)
  const content = decodeContent(wire['content'])
  const stop = decodeStop(wire)
  for (const name of ['content', 'stop_reason', 'stop_sequence', 'stop_details', 'usage']) fields.skip(name)
  const { head, extensions } = decodeHead(fields)
  const refusal = refusalOf(wire['stop_details'])
  const choice: ChatChoice = {
    index: 0,
    content: refusal === undefined ? content : [...content, refusal],
    ...stop.finish,
    ...keep(undefined, stop.form),
  }
  const usage = decodeUsage(wire['usage'])
  const written = wire['usage'] === undefined ? undefined : { usage: wire['usage'] }
  return {
    ...head,
    choices: [choice],
    ...(usage === undefined ? undefined : { usage }),
    ...keep(extensions.rest, { ...extensions.form, ...written }),
  }
}

function notAnAnswer(): SluiceError {
  return new SluiceError('upstream_invalid_response', 'The provider answered with JSON that is no message.')
}

function decodeContent(wires: readonly unknown[]): ContentPart[] {
  try {
    return wires.map((block, index) => decodeBlock(block, `content[${index}]`))
  } catch (error) {
    throw error instanceof SluiceError && error.code === 'invalid_request' ? notAnAnswer() : error
  }
}

/** What a message says of itself; members that are `null` only tell how it was written. */
export function decodeHead(fields: WireFields): {
  readonly head: { readonly id: string; readonly model: string }
  readonly extensions: { readonly rest: WireObject | undefined; readonly form: WireObject }
} {
  fields.takeExact('type', 'message')
  fields.takeExact('role', 'assistant')
  const head = { id: fields.take('id', isString) ?? '', model: fields.take('model', isString) ?? '' }
  const rest: Record<string, unknown> = {}
  const empty: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields.rest() ?? {})) (value === null ? empty : rest)[name] = value
  return {
    head,
    extensions: {
      rest: Object.keys(rest).length === 0 ? undefined : rest,
      form: Object.keys(empty).length === 0 ? {} : { empty },
    },
  }
}

export interface DecodedStop {
  readonly finish: Pick<ChatChoice, 'finishReason' | 'providerFinishReason'>
  readonly form: WireObject
}

/** Why a message ended, from the message itself or from a stream's `message_delta`. */
export function decodeStop(wire: WireObject): DecodedStop {
  const word = wire['stop_reason']
  const form: Record<string, unknown> = {}
  for (const name of ['stop_sequence', 'stop_details']) if (name in wire) form[name] = wire[name]
  if (!isString(word)) return { finish: { finishReason: null }, form }
  const finish: Mutable<DecodedStop['finish']> = { finishReason: decodeStopReason(word) }
  if (encodeStopReason(decodeStopReason(word)) !== word) {
    finish.providerFinishReason = word
    form['stop_reason'] = word
  }
  return { finish, form }
}

/** What is said of a refusal. */
export function refusalOf(details: unknown): RefusalPart | undefined {
  const explanation = isRecord(details) ? details['explanation'] : undefined
  return isString(explanation) && explanation !== '' ? { type: 'refusal', text: explanation } : undefined
}
