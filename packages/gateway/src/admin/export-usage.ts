import { pipeline } from 'node:stream/promises'
import { SluiceError } from '@sluice/protocol'
import { asSluiceError } from '../pipeline/pipeline.ts'
import type { Call } from '../server/call.ts'
import { queryOf } from '../server/query.ts'
import type { Actor } from '../access/actor.ts'
import type { Admin } from './admin.ts'
import { recordHead, recordLine } from './usage-lines.ts'

/** Records of one question to the database. */
const pageSize = '1000'

/**
 * `GET /api/admin/usage/export`: what `/usage/records` lists, all of it, as lines of CSV or JSON, page by page as the caller
 * takes them. Rejects with what went wrong; after the first byte the connection has ended then, for what is cut short must
 * not look whole.
 */
export async function exportUsage(call: Call, admin: Admin, actor: Actor): Promise<void> {
  const query = queryOf(call)
  const format = query.get('format') ?? 'csv'
  if (format !== 'csv' && format !== 'jsonl')
    throw new SluiceError('invalid_request', '`format` must be `csv` or `jsonl`.', { param: 'format' })
  query.delete('format')
  query.set('limit', pageSize)
  let failure: SluiceError | undefined
  const read = async (): Promise<Listed> => {
    const { body } = await admin.handle({ method: 'GET', path: '/usage/records', query, body: undefined, actor })
    return body as Listed
  }

  const { response } = call
  const first = await read()
  response.writeHead(200, [
    'content-type',
    format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
    'content-disposition',
    `attachment; filename="usage.${format}"`,
    'cache-control',
    'no-store',
    'x-request-id',
    call.id,
  ])
  const lines = async function* (): AsyncGenerator<string> {
    try {
      yield recordHead(format)
      for (let page = first; ; page = await read()) {
        yield page.data.map((record) => recordLine(record, format)).join('')
        if (page.next === null) return
        query.set('after', page.next)
      }
    } catch (error) {
      throw (failure = asSluiceError(error))
    }
  }
  await pipeline(lines, response).catch(() => {
    // A caller who goes away is no failure.
    if (failure !== undefined) throw failure
  })
}

interface Listed {
  readonly data: readonly Readonly<Record<string, unknown>>[]
  readonly next: string | null
}
