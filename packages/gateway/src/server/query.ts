import { SluiceError } from '@sluice/protocol'
import type { PageRequest } from '../stores/page.ts'
import type { Call } from './call.ts'

export function queryOf(call: Call): URLSearchParams {
  return new URLSearchParams(queryText(call))
}

/** Without the question mark; empty where there is none. */
export function queryText({ request }: Call): string {
  const url = request.url ?? ''
  const start = url.indexOf('?')
  return start < 0 ? '' : url.slice(start + 1)
}

/**
 * Which page of a list is asked for, as OpenAI's clients say it: `after`, `limit`, `order`.
 * @throws SluiceError `invalid_request`
 */
export function readPage(query: URLSearchParams, most: number, usual: number): PageRequest {
  const limit = Number(query.get('limit') ?? usual)
  if (!Number.isInteger(limit) || limit < 1 || limit > most)
    throw new SluiceError('invalid_request', `\`limit\` must be a whole number from 1 to ${most}.`, { param: 'limit' })
  const order = query.get('order') ?? 'desc'
  if (order !== 'asc' && order !== 'desc')
    throw new SluiceError('invalid_request', '`order` must be `asc` or `desc`.', { param: 'order' })
  return { after: query.get('after') ?? undefined, limit, order }
}

/** A page as OpenAI's clients read it. */
export function listOf(data: readonly { readonly id: string }[], more: boolean): unknown {
  return { object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: more }
}
