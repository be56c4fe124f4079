import { SluiceError, type WireObject } from '@sluice/protocol'
import { listResponseInput, openaiResponses } from '@sluice/protocol/dialects'
import type { Authenticate } from '../pipeline/authenticate.ts'
import type { Call, Handler } from '../server/call.ts'
import { sendError, sendJson } from '../server/respond.ts'
import { conversationOf, printable, readTurn } from './recall.ts'
import type { RelayToProvider } from './relay-to-provider.ts'
import type { KeptResponse, RelayedResponse, ResponseStore } from './response-store.ts'

/** What can be done with a response that was kept, here or by its provider (OpenAI API reference, "Responses"). */
export interface ResponseHandlers {
  /** `GET /responses/{id}` and `/responses/{id}/input_items` */
  readonly show: Handler
  /** `DELETE /responses/{id}` */
  readonly remove: Handler
  /** `POST /responses/{id}/cancel` */
  readonly cancel: Handler
}

export interface ResponseHandlerParts {
  readonly authenticate: Authenticate
  /** Absent where nothing is kept. */
  readonly store: ResponseStore | undefined
  /** Asks the provider that keeps a response. */
  readonly relay: RelayToProvider
  /** Of a conversation's bytes, about. */
  readonly limit: number
}

const prefix = '/responses/'

export function createResponseHandlers(parts: ResponseHandlerParts): ResponseHandlers {
  const { authenticate, store, relay, limit } = parts

  function guarded(handle: (call: Call, owner: string) => Promise<void>): Handler {
    return async (call) => {
      try {
        await handle(call, (await authenticate(call.request)).owner)
      } catch (thrown) {
        if (!(thrown instanceof SluiceError)) throw thrown
        sendError(call, thrown, openaiResponses, 0)
      }
    }
  }

  async function find(id: string, owner: string): Promise<{ kept: KeptResponse } | { relayed: RelayedResponse }> {
    if (store === undefined)
      throw new SluiceError('response_not_found', 'This gateway keeps no responses: `responses.store` is off.')
    const response = await store.find(id, owner)
    if (response === undefined)
      throw new SluiceError('response_not_found', `Response with id '${printable(id)}' not found.`)
    return response.kind === 'kept' ? { kept: response } : { relayed: response }
  }

  async function show(call: Call, owner: string): Promise<void> {
    const { id, part } = read(call)
    if (part !== undefined && part !== 'input_items') throw notServed(call)
    const query = queryOf(call)
    if (query.get('stream') === 'true') {
      throw new SluiceError(
        'invalid_request',
        '`stream`: a kept response is not streamed again. Ask without `stream`.',
        {
          param: 'stream',
        },
      )
    }
    const found = await find(id, owner)
    if ('relayed' in found) await relay(call, found.relayed, { method: 'GET', below: part, query })
    else if (part === undefined) sendJson(call, 200, JSON.parse(found.kept.response))
    else sendJson(call, 200, page(await listInput(found.kept), query))
  }

  async function listInput(kept: KeptResponse): Promise<readonly WireObject[]> {
    const earlier = await conversationOf(kept, store!, limit)
    return earlier.map(readTurn).flatMap((turn) => {
      const input = listResponseInput(turn)
      return turn.responseId === kept.id ? input : [...input, ...(turn.output as WireObject[])]
    })
  }

  async function remove(call: Call, owner: string): Promise<void> {
    const { id, part } = read(call)
    if (part !== undefined) throw notServed(call)
    const found = await find(id, owner)
    if ('relayed' in found) {
      const status = await relay(call, found.relayed, { method: 'DELETE', below: undefined, query: queryOf(call) })
      if (status >= 400 && status !== 404) return
    }
    await store?.remove(id, owner)
    if ('kept' in found) sendJson(call, 200, { id, object: 'response', deleted: true })
  }

  async function cancel(call: Call, owner: string): Promise<void> {
    const { id, part } = read(call)
    if (part !== 'cancel') throw notServed(call)
    const found = await find(id, owner)
    if ('relayed' in found) await relay(call, found.relayed, { method: 'POST', below: part, query: queryOf(call) })
    else throw new SluiceError('invalid_request', 'Cannot cancel a synchronous response.')
  }

  return { show: guarded(show), remove: guarded(remove), cancel: guarded(cancel) }
}

/** `/responses/{id}` or `/responses/{id}/{part}` */
function read({ path }: Call): { readonly id: string; readonly part: string | undefined } {
  const [id = '', ...parts] = path.slice(prefix.length).split('/')
  return { id, part: parts.length === 0 ? undefined : parts.join('/') }
}

function queryOf({ request }: Call): URLSearchParams {
  const url = request.url ?? ''
  const start = url.indexOf('?')
  return new URLSearchParams(start < 0 ? '' : url.slice(start))
}

function notServed(call: Call): SluiceError {
  return new SluiceError('path_not_found', `Nothing is served at ${call.request.method} ${printable(call.path)}.`)
}

/** A page of items, the newest first unless asked otherwise. */
function page(items: readonly WireObject[], query: URLSearchParams): WireObject {
  const limit = Number(query.get('limit') ?? 20)
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw new SluiceError('invalid_request', '`limit` must be a whole number from 1 to 100.', { param: 'limit' })
  const order = query.get('order') ?? 'desc'
  if (order !== 'asc' && order !== 'desc')
    throw new SluiceError('invalid_request', '`order` must be `asc` or `desc`.', { param: 'order' })
  const ordered = order === 'asc' ? items : items.toReversed()
  const after = query.get('after')
  const start = after === null ? 0 : ordered.findIndex((item) => item['id'] === after) + 1
  if (after !== null && start === 0)
    throw new SluiceError('invalid_request', '`after` names no item of this response.', { param: 'after' })
  const data = ordered.slice(start, start + limit)
  const ends = { first_id: data[0]?.['id'] ?? null, last_id: data.at(-1)?.['id'] ?? null }
  return { object: 'list', data, ...ends, has_more: start + limit < ordered.length }
}
