import type { Insertable } from 'kysely'
import type { Database } from '../stores/database.ts'
import type { ResponseRow } from '../stores/tables.ts'
import { type ResponseStore, type ResponseStoreOptions, sizeOf, type StoredResponse } from './response-store.ts'

/** Milliseconds between two searches for what has expired. */
const sweepInterval = 60_000
/** Ids in one statement. */
const mostIds = 500

/** Responses in the gateway's database, which is closed by whoever opened it. */
export function createDatabaseResponseStore(
  database: Database,
  { ttl, maxBytes, now }: ResponseStoreOptions,
): ResponseStore {
  /** Bytes saved since the last sweep, and what there was then; other processes' are counted at the next. */
  let size = maxBytes
  let sweptAt = -Infinity

  async function insert(executor: Database, response: StoredResponse): Promise<void> {
    const row = rowOf(response, now() + ttl)
    await executor
      .insertInto('responses')
      .values(row)
      .onConflict((conflict) => conflict.columns(['owner', 'id']).doUpdateSet(row))
      .execute()
    size += row.bytes
  }

  async function sweep(): Promise<void> {
    if (size <= maxBytes && now() - sweptAt < sweepInterval) return
    sweptAt = now()
    await database.deleteFrom('responses').where('expires_at', '<=', sweptAt).execute()
    size = await measure()
    if (size <= maxBytes) return
    // Some more than there must be, so that not every save has to look again.
    const goal = Math.floor(maxBytes * 0.9)
    await database
      .deleteFrom('responses')
      .where(({ eb, refTuple, selectFrom }) =>
        eb(
          refTuple('owner', 'id'),
          'in',
          selectFrom(
            selectFrom('responses')
              .select(({ fn }) => [
                'owner',
                'id',
                fn
                  .sum<number>('bytes')
                  .over((over) => over.orderBy('expires_at', 'desc').orderBy('id', 'desc'))
                  .as('total'),
              ])
              .as('ranked'),
          )
            .select(['owner', 'id'])
            .where('total', '>', goal)
            .$asTuple('owner', 'id'),
        ),
      )
      .execute()
    size = await measure()
  }

  async function measure(): Promise<number> {
    const row = await database
      .selectFrom('responses')
      .select(({ fn }) => fn.sum<number | null>('bytes').as('size'))
      .executeTakeFirst()
    return Number(row?.size ?? 0)
  }

  return {
    async save(response, builtOn = []) {
      if (builtOn.length === 0) await insert(database, response)
      else
        await database.transaction().execute(async (transaction) => {
          for (let start = 0; start < builtOn.length; start += mostIds) {
            await transaction
              .updateTable('responses')
              .set({ expires_at: now() + ttl })
              .where('owner', '=', response.owner)
              .where('id', 'in', builtOn.slice(start, start + mostIds))
              .where('expires_at', '>', now())
              .execute()
          }
          await insert(transaction, response)
        })
      await sweep()
    },
    async find(id, owner) {
      const row = await database
        .selectFrom('responses')
        .selectAll()
        .where('owner', '=', owner)
        .where('id', '=', id)
        .where('expires_at', '>', now())
        .executeTakeFirst()
      return row === undefined ? undefined : readRow(row)
    },
    async has(id) {
      const row = await database
        .selectFrom('responses')
        .select('id')
        .where('id', '=', id)
        .where('expires_at', '>', now())
        .executeTakeFirst()
      return row !== undefined
    },
    async remove(id, owner) {
      const { numDeletedRows } = await database
        .deleteFrom('responses')
        .where('owner', '=', owner)
        .where('id', '=', id)
        .where('expires_at', '>', now())
        .executeTakeFirstOrThrow()
      return numDeletedRows > 0n
    },
    close: () => Promise.resolve(),
  }
}

function rowOf(response: StoredResponse, expiresAt: number): Insertable<ResponseRow> {
  const kept = response.kind === 'kept' ? response : undefined
  const relayed = response.kind === 'relayed' ? response : undefined
  return {
    owner: response.owner,
    id: response.id,
    previous_id: kept?.previousId ?? null,
    dialect: kept?.dialect ?? null,
    input: kept?.input ?? null,
    response: kept?.response ?? null,
    provider: relayed?.provider ?? null,
    model: relayed?.model ?? null,
    bytes: sizeOf(response),
    expires_at: expiresAt,
  }
}

function readRow(row: ResponseRow): StoredResponse {
  const { owner, id, provider, model, dialect, input, response } = row
  if (response === null) return { kind: 'relayed', id, owner, provider: provider ?? '', model: model ?? '' }
  const previousId = row.previous_id ?? undefined
  return { kind: 'kept', id, owner, previousId, dialect: dialect ?? '', input: input ?? 'null', response }
}
