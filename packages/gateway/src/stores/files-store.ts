import type { Database } from './database.ts'
import type { Page, PageRequest } from './page.ts'
import type { FileRow } from './tables.ts'

/** What is known of files, each for its owner. Their bytes are kept beside it. */
export interface FilesStore {
  add(file: FileRow): Promise<void>
  /** `undefined` when there is none of this owner, or it has expired. */
  find(id: string, owner: string): Promise<FileRow | undefined>
  /** A page that starts after a file that is not there is empty. */
  list(owner: string, page: PageRequest & { readonly purpose: string | undefined }): Promise<Page<FileRow>>
  /** @returns whether there was one. */
  remove(id: string, owner: string): Promise<boolean>
  /** Removes those that have expired. @returns their ids. */
  removeExpired(): Promise<readonly string[]>
}

/** @param now milliseconds since 1970. */
export function createFilesStore(database: Database, now: () => number): FilesStore {
  const living = () =>
    database
      .selectFrom('files')
      .selectAll()
      .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now())]))

  return {
    async add(file) {
      await database.insertInto('files').values(file).execute()
    },
    find: (id, owner) => living().where('id', '=', id).where('owner', '=', owner).executeTakeFirst(),
    async list(owner, { after, limit, order, purpose }) {
      let query = living().where('owner', '=', owner)
      if (purpose !== undefined) query = query.where('purpose', '=', purpose)
      if (after !== undefined) {
        const last = await database
          .selectFrom('files')
          .select(['created_at', 'id'])
          .where('id', '=', after)
          .where('owner', '=', owner)
          .executeTakeFirst()
        if (last === undefined) return { rows: [], more: false }
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('created_at', 'id'), order === 'asc' ? '>' : '<', tuple(last.created_at, last.id)),
        )
      }
      const rows = await query
        .orderBy('created_at', order)
        .orderBy('id', order)
        .limit(limit + 1)
        .execute()
      return { rows: rows.slice(0, limit), more: rows.length > limit }
    },
    async remove(id, owner) {
      const { numDeletedRows } = await database
        .deleteFrom('files')
        .where('id', '=', id)
        .where('owner', '=', owner)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },
    async removeExpired() {
      const rows = await database.deleteFrom('files').where('expires_at', '<=', now()).returning('id').execute()
      return rows.map(({ id }) => id)
    },
  }
}
