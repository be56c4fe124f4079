import type { Database } from './database.ts'
import type { ProviderObjectRow } from './tables.ts'

/** Which provider keeps what, and whose it is: files and batches that only passed through here. */
export interface ProviderObjectsStore {
  /** The first owner of an id keeps it. */
  remember(object: ProviderObjectRow): Promise<void>
  find(id: string, owner: string): Promise<ProviderObjectRow | undefined>
  /** Of these ids those that are this owner's. */
  owned(ids: readonly string[], owner: string): Promise<ReadonlySet<string>>
  forget(id: string, owner: string): Promise<void>
}

export function createProviderObjectsStore(database: Database): ProviderObjectsStore {
  return {
    async remember(object) {
      await database
        .insertInto('provider_objects')
        .values(object)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute()
    },
    find: (id, owner) =>
      database
        .selectFrom('provider_objects')
        .selectAll()
        .where('id', '=', id)
        .where('owner', '=', owner)
        .executeTakeFirst(),
    async owned(ids, owner) {
      if (ids.length === 0) return new Set()
      const rows = await database
        .selectFrom('provider_objects')
        .select('id')
        .where('id', 'in', ids)
        .where('owner', '=', owner)
        .execute()
      return new Set(rows.map(({ id }) => id))
    },
    async forget(id, owner) {
      await database.deleteFrom('provider_objects').where('id', '=', id).where('owner', '=', owner).execute()
    },
  }
}
