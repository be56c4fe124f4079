import type { Database } from './database.ts'
import type { Page, PageRequest } from './page.ts'
import type { BatchLineRow, BatchRow, FileRow } from './tables.ts'

/** Those that something is still to be done for. */
const unfinishedStatuses = ['validating', 'in_progress', 'finalizing', 'cancelling'] as const

/** Batches and what became of their lines: all that a run needs to go on after its process died. */
export interface BatchesStore {
  add(batch: BatchRow): Promise<void>
  find(id: string, owner: string): Promise<BatchRow | undefined>
  /** A page that starts after a batch that is not there is empty. */
  list(owner: string, page: PageRequest): Promise<Page<BatchRow>>
  /** Oldest first. */
  unfinished(): Promise<readonly BatchRow[]>
  /** An unfinished batch that reads a file. */
  readerOf(fileId: string): Promise<string | undefined>
  /** @returns whether it was in one of the statuses `from`; if not, nothing is changed. */
  update(id: string, from: readonly string[], changes: Partial<BatchRow>): Promise<boolean>
  /** Keeps what became of a line and counts it, in one step. A line that is kept already stays as it is. */
  record(line: BatchLineRow, outcome: 'completed' | 'failed'): Promise<void>
  /** Numbers of the lines that are kept. */
  recorded(id: string): Promise<ReadonlySet<number>>
  /** In the order of the input. */
  lines(id: string, kind: string): AsyncIterable<string>
  /** Ends a batch with the files that were written of its lines, which are then forgotten, in one step. */
  finish(id: string, changes: Partial<BatchRow>, files: readonly FileRow[]): Promise<void>
}

/** Lines read at once. */
const pageSize = 100

export function createBatchesStore(database: Database): BatchesStore {
  const selectLines = (id: string) => database.selectFrom('batch_lines').where('batch_id', '=', id)

  return {
    async add(batch) {
      await database.insertInto('batches').values(batch).execute()
    },
    find: (id, owner) =>
      database.selectFrom('batches').selectAll().where('id', '=', id).where('owner', '=', owner).executeTakeFirst(),
    async list(owner, { after, limit, order }) {
      let query = database.selectFrom('batches').selectAll().where('owner', '=', owner)
      if (after !== undefined) {
        const last = await this.find(after, owner)
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
    unfinished: () =>
      database
        .selectFrom('batches')
        .selectAll()
        .where('status', 'in', unfinishedStatuses)
        .orderBy('created_at')
        .orderBy('id')
        .execute(),
    async readerOf(fileId) {
      const reader = await database
        .selectFrom('batches')
        .select('id')
        .where('status', 'in', unfinishedStatuses)
        .where('input_file_id', '=', fileId)
        .executeTakeFirst()
      return reader?.id
    },
    async update(id, from, changes) {
      const { numUpdatedRows } = await database
        .updateTable('batches')
        .set(changes)
        .where('id', '=', id)
        .where('status', 'in', from)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    async record(line, outcome) {
      await database.transaction().execute(async (transaction) => {
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('batch_lines')
          .values(line)
          .onConflict((conflict) => conflict.columns(['batch_id', 'line']).doNothing())
          .executeTakeFirst()
        if (numInsertedOrUpdatedRows === 0n) return
        await transaction
          .updateTable('batches')
          .set((set) => ({ [outcome]: set(outcome, '+', 1) }))
          .where('id', '=', line.batch_id)
          .execute()
      })
    },
    async recorded(id) {
      const rows = await selectLines(id).select('line').execute()
      return new Set(rows.map(({ line }) => line))
    },
    async *lines(id, kind) {
      let last = 0
      for (;;) {
        const rows = await selectLines(id)
          .select(['line', 'text'])
          .where('kind', '=', kind)
          .where('line', '>', last)
          .orderBy('line')
          .limit(pageSize)
          .execute()
        for (const { text } of rows) yield text
        if (rows.length < pageSize) return
        last = rows.at(-1)!.line
      }
    },
    async finish(id, changes, files) {
      await database.transaction().execute(async (transaction) => {
        if (files.length > 0) await transaction.insertInto('files').values(files).execute()
        await transaction.updateTable('batches').set(changes).where('id', '=', id).execute()
        await transaction.deleteFrom('batch_lines').where('batch_id', '=', id).execute()
      })
    },
  }
}
