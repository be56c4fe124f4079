import type { Transaction } from 'kysely'
import { ranksAbove, type Role } from '../access/roles.ts'
import type { UserRow } from '../stores/access-tables.ts'
import type { Tables } from '../stores/tables.ts'

/**
 * Ends whatever a user signed in with, where a change takes from them: they are blocked, or of a lesser role. To be asked in
 * the transaction of the change, so that nobody comes in between.
 */
export async function endSessionsAfter(
  transaction: Transaction<Tables>,
  before: UserRow,
  after: UserRow,
  now: number,
): Promise<void> {
  const blocked = before.blocked_at === null && after.blocked_at !== null
  if (!blocked && !ranksAbove(before.role as Role, after.role as Role)) return
  await transaction
    .updateTable('sessions')
    .set({ ended_at: now })
    .where('user_id', '=', after.id)
    .where('ended_at', 'is', null)
    .execute()
}
