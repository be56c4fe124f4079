import type { Transaction } from 'kysely'
import type { AuditRow } from '../stores/access-tables.ts'
import type { Database } from '../stores/database.ts'
import type { Tables } from '../stores/tables.ts'
import { createId } from './create-id.ts'

/** An entry of the audit log, without secrets. @param at one time for all of it: entries are found by that in the id. */
export async function writeAudit(
  to: Database | Transaction<Tables>,
  entry: Omit<AuditRow, 'id' | 'created_at'>,
  at: number,
): Promise<void> {
  await to
    .insertInto('audit_log')
    .values({ ...entry, id: createId('aud', at), created_at: at })
    .execute()
}
