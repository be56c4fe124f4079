import type { Peek, RequestChanges } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { isRecord, type WireObject } from './wire.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** The bytes of a request, with what routing needs of it. */
export interface WrittenRequest {
  readonly body: Uint8Array
  readonly peek: Peek
}

/** Of a request that begins with its model. */
interface WrittenPeek extends Peek {
  /** Where that ends; 1 where it names none. */
  readonly modelEnd: number
}

/**
 * Writes a client's own request, its model first, so that another can take its place without a search.
 * @throws SluiceError `invalid_request`. What `JSON.stringify` throws is passed on.
 */
export function writeChatRequest({ model, ...fields }: WireObject): WrittenRequest {
  const peek = peekOf({ ...fields, model })
  const named = peek.model === undefined ? '' : `"model":${JSON.stringify(peek.model)}`
  const rest = JSON.stringify(fields).slice(1)
  const head = encoder.encode(`{${named}`).length
  return {
    body: encoder.encode(`{${named}${named === '' || rest === '}' ? '' : ','}${rest}`),
    peek: { ...peek, modelEnd: head } as WrittenPeek,
  }
}

export function peekWritten(body: Uint8Array): Peek {
  return peekOf(parse(body))
}

/** @returns `undefined` for a request that was not written by `writeChatRequest`. */
export function patchWritten(
  body: Uint8Array,
  peek: Peek,
  { modelJson }: RequestChanges,
): readonly Uint8Array[] | undefined {
  if (!('modelEnd' in peek)) return undefined
  const { model, modelEnd } = peek as WrittenPeek
  return [encoder.encode('{"model":'), modelJson, ...(model === undefined ? [comma] : []), body.subarray(modelEnd)]
}

export function rewriteWritten(body: Uint8Array, { model }: RequestChanges): Uint8Array {
  return encoder.encode(JSON.stringify({ ...parse(body), model }))
}

const comma = encoder.encode(',')

function parse(body: Uint8Array): WireObject {
  return JSON.parse(decoder.decode(body)) as WireObject
}

function peekOf({ model, stream, stream_options: options, models, provider }: WireObject): Peek {
  if (model !== undefined && model !== null && typeof model !== 'string')
    throw new SluiceError('invalid_request', '`model` must be a string.', { param: 'model' })
  return {
    stream: stream === true,
    usageRequested: isRecord(options) && options['include_usage'] === true,
    plain: true,
    ...(typeof model === 'string' && { model }),
    ...((models !== undefined || provider !== undefined) && { choosesRoute: true }),
  }
}
