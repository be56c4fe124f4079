import type { SelectQueryBuilder } from 'kysely'
import type { Tables } from '../stores/tables.ts'
import type { UsageFilter } from './ledger-store.ts'

/** The columns that requests are told apart by, by their names in a filter. */
export const filterColumns = {
  principal: 'principal',
  organisation: 'organisation',
  workspace: 'workspace',
  user: 'user_id',
  provider: 'provider',
  model: 'model',
  operation: 'operation',
} as const

type Filtered = keyof typeof filterColumns
const columns = Object.entries(filterColumns) as readonly [Filtered, (typeof filterColumns)[Filtered]][]

/** Those of the records that a filter leaves. */
export function whereUsage<Output>(
  query: SelectQueryBuilder<Tables, 'usage_records', Output>,
  filter: UsageFilter,
): SelectQueryBuilder<Tables, 'usage_records', Output> {
  const { from, to, tag, requestId } = filter
  let narrowed = query
  if (from !== undefined) narrowed = narrowed.where('usage_records.started_at', '>=', from)
  if (to !== undefined) narrowed = narrowed.where('usage_records.started_at', '<', to)
  if (requestId !== undefined) narrowed = narrowed.where('usage_records.request_id', '=', requestId)
  for (const [name, column] of columns) {
    const value = filter[name]
    if (value !== undefined) narrowed = narrowed.where(`usage_records.${column}`, '=', value)
  }
  if (tag !== undefined) {
    narrowed = narrowed.where('usage_records.id', 'in', (tags) =>
      tags.selectFrom('usage_tags').select('record_id').where('tag', '=', tag),
    )
  }
  return narrowed
}

/** Those of the days' sums that a filter leaves; it names no tag. */
export function whereDaily<Output>(
  query: SelectQueryBuilder<Tables, 'usage_daily', Output>,
  filter: UsageFilter,
): SelectQueryBuilder<Tables, 'usage_daily', Output> {
  let narrowed = query
  if (filter.from !== undefined) narrowed = narrowed.where('day', '>=', filter.from)
  if (filter.to !== undefined) narrowed = narrowed.where('day', '<', filter.to)
  for (const [name, column] of columns) {
    const value = filter[name]
    if (value !== undefined) narrowed = narrowed.where(column, '=', value)
  }
  return narrowed
}
