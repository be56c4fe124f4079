import { once } from 'node:events'
import { SluiceError } from '@sluice/protocol'
import type { Call } from '../server/call.ts'
import { queryOf } from '../server/query.ts'
import type { Actor } from '../access/actor.ts'
import type { Admin } from './admin.ts'
import { recordHead, recordLine } from './usage-lines.ts'

/** Records of one question to the database. */
const pageSize = '1000'

/**
 * `GET /api/admin/usage/export`: what `/usage/records` lists, all of it, as lines of CSV or JSON, page by page as the caller
 * takes them. Rejects with a `SluiceError` before the first byte only; a failure later ends the connection.
 */
export async function exportUsage(call: Call, admin: Admin, actor: Actor): Promise<void> {
  const query = queryOf(call)
  const format = query.get('format') ?? 'csv'
  if (format !== 'csv' && format !== 'jsonl')
    throw new SluiceError('invalid_request', '`format` must be `csv` or `jsonl`.', { param: 'format' })
  query.delete('format')
  query.set('limit', pageSize)
  const read = async (): Promise<Listed> => {
    const { body } = await admin.handle({ method: 'GET', path: '/usage/records', query, body: undefined, actor })
    return body as Listed
  }

  const { response } = call
  let page = await read()
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
  try {
    response.write(recordHead(format))
    for (;;) {
      const free = response.write(page.data.map((record) => recordLine(record, format)).join(''))
      if (!free && !response.destroyed) await Promise.race([once(response, 'drain'), once(response, 'close')])
      if (response.destroyed) return
      if (page.next === null) break
      query.set('after', page.next)
      page = await read()
    }
    response.end()
  } catch {
    // What is cut short must not look whole.
    response.destroy()
  }
}

interface Listed {
  readonly data: readonly Readonly<Record<string, unknown>>[]
  readonly next: string | null
}
