import { SluiceError } from '../../errors/sluice-error.ts'
import type { AnswerHead } from '../../translate/translation.ts'
import { isArray, isRecord, isString, type WireObject } from '../../json/wire-object.ts'
import { echoOf } from './encode-result.ts'
import { dialectId, keep } from './wire.ts'

/** What a request says about the state that OpenAI keeps between requests. */
export interface RequestedState {
  readonly previousResponseId: string | undefined
  /** Whether the answer is to be kept; OpenAI's default is `true`. */
  readonly store: boolean
  readonly background: boolean
  /** Whether a conversation object is named. */
  readonly conversation: boolean
  /** Ids of items that the input refers to. */
  readonly references: readonly string[]
}

/** One turn of a conversation: what was new in the request, and what was answered. */
export interface ConversationTurn {
  readonly responseId: string
  /** The request's `input`, as it was said. */
  readonly input: unknown
  readonly output: readonly unknown[]
  /** Of the provider that answered. */
  readonly dialect: string
}

export interface Continuation {
  /** Oldest first. */
  readonly turns: readonly ConversationTurn[]
  /** Items by the ids that the input refers to them by. */
  readonly references: ReadonlyMap<string, WireObject>
  /** What the provider is spoken to in. Reasoning, and signatures, are told only to the dialect that they came from. */
  readonly dialect: string
}

/** @throws SluiceError `invalid_request` for members of a wrong type. */
export function readRequestedState(wire: WireObject): RequestedState {
  const { previous_response_id: previous, store, background, conversation } = wire
  if (previous !== undefined && previous !== null && !isString(previous)) {
    throw new SluiceError('invalid_request', '`previous_response_id` must be a string.', {
      param: 'previous_response_id',
    })
  }
  return {
    previousResponseId: previous ?? undefined,
    store: store !== false,
    background: background === true,
    conversation: conversation !== undefined && conversation !== null,
    references: isArray(wire['input'])
      ? wire['input'].map(referenceOf).filter((reference) => reference !== undefined)
      : [],
  }
}

/** `{type?: 'item_reference', id}` */
function referenceOf(item: unknown): string | undefined {
  if (!isRecord(item) || !isString(item['id'])) return undefined
  const { type } = item
  const bare = (type === undefined || type === null) && item['role'] === undefined
  return type === 'item_reference' || bare ? item['id'] : undefined
}

/** The request as its caller would say it who sends the whole conversation. Instructions of earlier turns do not count. */
export function continueConversation(wire: WireObject, continuation: Continuation): WireObject {
  const { turns, references, dialect } = continuation
  const { previous_response_id: _, ...request } = wire
  if (turns.length === 0 && references.size === 0) return request
  const own = dialect === dialectId
  const history = turns.flatMap((turn) => [
    ...resolved(itemsOf(turn.input), references),
    ...(turn.dialect === dialect ? turn.output.filter(isRecord) : foreignItems(turn.output, own)),
  ])
  return { ...request, input: [...history, ...resolved(itemsOf(request['input']), references)] }
}

/** As `continueConversation`, without what asks the provider to keep state: somebody else keeps it. */
export function statelessRequest(wire: WireObject, continuation: Continuation): WireObject {
  const { store: _, background, ...request } = continueConversation(wire, continuation)
  return background === undefined || background === false ? request : { ...request, background }
}

function itemsOf(input: unknown): readonly unknown[] {
  if (isString(input)) return [{ role: 'user', content: input }]
  return isArray(input) ? input : []
}

function resolved(items: readonly unknown[], references: ReadonlyMap<string, WireObject>): readonly unknown[] {
  return references.size === 0 ? items : items.map((item) => references.get(referenceOf(item) ?? '') ?? item)
}

/** What other models than the one that said it can be told. @param own whether ids would be looked up at the provider. */
function foreignItems(output: readonly unknown[], own: boolean): WireObject[] {
  return output.filter(isRecord).flatMap((item) => {
    if (item['type'] === 'reasoning') return []
    const { extra_content: _, id, status, ...rest } = item
    return [own ? rest : { ...rest, ...(id !== undefined && { id }), ...(status !== undefined && { status }) }]
  })
}

/** What a translated answer is called, and what it repeats of its request. */
export function answerHeadOf(
  wire: WireObject,
  { id, created, stored }: { readonly id: string; readonly created: number; readonly stored: boolean },
): AnswerHead {
  return { id, created, extensions: keep(undefined, { echo: { ...echoOf(wire), store: stored } }).extensions ?? {} }
}

export interface FinishedResponse {
  /** JSON. */
  readonly text: string
  readonly output: readonly unknown[]
}

const decoder = new TextDecoder()

/**
 * The response that an answer of ours holds.
 * @param bytes the whole answer; of a stream the piece with its last event.
 * @returns `undefined` where that is not there, or the response failed.
 */
export function readFinishedResponse(bytes: Uint8Array, stream: boolean): FinishedResponse | undefined {
  const text = decoder.decode(bytes)
  const data = stream ? /\ndata: (\{"type":"response\.(?:completed|incomplete)",.*)\n\n$/.exec(text)?.[1] : text
  if (data === undefined) return undefined
  const parsed: unknown = JSON.parse(data)
  const response = stream && isRecord(parsed) ? parsed['response'] : parsed
  if (!isRecord(response) || !isArray(response['output']) || response['status'] === 'failed') return undefined
  return { text: stream ? JSON.stringify(response) : text, output: response['output'] }
}

const prefixes: Readonly<Record<string, string>> = {
  message: 'msg_',
  function_call: 'fc_',
  function_call_output: 'fco_',
  custom_tool_call: 'ctc_',
  custom_tool_call_output: 'ctco_',
  reasoning: 'rs_',
}

/** What went into a response, as it is listed: every item with an id and a type, messages with parts. */
export function listResponseInput({ input, responseId }: Pick<ConversationTurn, 'input' | 'responseId'>): WireObject[] {
  const base = responseId.replace(/^resp_/, '')
  return itemsOf(input)
    .filter(isRecord)
    .map((item, index) => {
      const type = isString(item['type']) ? item['type'] : item['role'] === undefined ? 'item_reference' : 'message'
      const id = isString(item['id']) ? item['id'] : `${prefixes[type] ?? 'item_'}${base}i${index}`
      if (type !== 'message') return { ...item, type, id }
      const { role, content } = item
      const part = role === 'assistant' ? 'output_text' : 'input_text'
      return {
        status: 'completed',
        ...item,
        type,
        id,
        content: isString(content) ? [{ type: part, text: content }] : content,
      }
    })
}

/** The response whose item has such an id; `undefined` for an id that was not made here. */
export function responseOfItem(itemId: string): string | undefined {
  const base = /^[a-z]+_([0-9a-f]{32})i?\d{1,6}$/.exec(itemId)?.[1]
  return base === undefined ? undefined : `resp_${base}`
}

export function findResponseItem(turn: ConversationTurn, itemId: string): WireObject | undefined {
  const said = turn.output.find((item): item is WireObject => isRecord(item) && item['id'] === itemId)
  if (said !== undefined) return said
  const index = listResponseInput(turn).findIndex((item) => item['id'] === itemId)
  return itemsOf(turn.input).filter(isRecord)[index]
}
