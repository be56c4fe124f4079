import { SluiceError } from '@sluice/protocol'
import { type Expression, type ReferenceExpression, type SqlBool, sql, type Transaction } from 'kysely'
import type { Database } from '../stores/database.ts'
import { notifyOfChange } from '../stores/notify-changes.ts'
import type { Page } from '../stores/page.ts'
import type { AuditRow, UserRow } from '../stores/access-tables.ts'
import type { Tables } from '../stores/tables.ts'
import type {
  AccessStore,
  AuditPage,
  Change,
  GrantRow,
  Records,
  RecordsPage,
  RecordsTable,
  RuleRows,
} from './access-store.ts'
import type { Reach } from './actor.ts'
import { endSessionsAfter } from '../sessions/end-sessions.ts'
import { createId } from './create-id.ts'
import { writeAudit } from './write-audit.ts'

/** By which column of a table each part of a reach limits it; `null` for a table of which such an actor sees nothing. */
type Limits = Readonly<Record<keyof Reach, string | null | undefined>>

const limits: Readonly<Record<RecordsTable | 'audit_log', Limits>> = {
  organisations: { organisation: 'id', workspace: undefined, user: undefined },
  workspaces: { organisation: 'organisation_id', workspace: 'id', user: undefined },
  users: { organisation: 'organisation_id', workspace: null, user: 'id' },
  keys: { organisation: 'organisation_id', workspace: 'workspace_id', user: 'user_id' },
  site_settings: { organisation: 'organisation_id', workspace: 'id', user: undefined },
  limit_rules: { organisation: 'organisation_id', workspace: 'workspace_id', user: null },
  budget_rules: { organisation: 'organisation_id', workspace: 'workspace_id', user: null },
  audit_log: { organisation: 'organisation_id', workspace: 'workspace_id', user: null },
}

/** A row of any of the tables, as far as the code here looks into it. */
type AnyRow = { readonly id: string } & Readonly<Record<string, string | number | null>>

/** @param now milliseconds since 1970. */
export function createDatabaseAccessStore(database: Database, now: () => number): AccessStore {
  // One table's types stand for all: which columns there are, `limits` says.
  const rows = (from: Database | Transaction<Tables>, table: string) => from.selectFrom(table as 'keys').selectAll()

  function within(table: keyof typeof limits, reach: Reach): Expression<SqlBool>[] {
    return Object.entries(limits[table]).flatMap(([part, column]) => {
      const id = reach[part as keyof Reach]
      if (id === undefined || column === undefined) return []
      return column === null ? [sql<SqlBool>`1 = 0`] : [sql<SqlBool>`${sql.ref(column)} = ${id}`]
    })
  }

  async function find<Row>(
    from: Database | Transaction<Tables>,
    table: RecordsTable,
    id: string,
    reach: Reach,
  ): Promise<Row | undefined> {
    const query = rows(from, table)
      .where('id', '=', id)
      .where(({ and }) => and(within(table, reach)))
    return (await query.executeTakeFirst()) as Row | undefined
  }

  async function list<Row>(
    table: keyof typeof limits,
    reach: Reach,
    { after, limit, where, having }: RecordsPage<Row>,
    more: readonly Expression<SqlBool>[] = [],
  ): Promise<Page<Row>> {
    let query = rows(database, table).where(({ and }) => and([...within(table, reach), ...more]))
    if (having !== undefined) query = query.where(sql.ref(having), 'is not', null)
    for (const [column, value] of Object.entries(where))
      if (value !== undefined) query = query.where(column as ReferenceExpression<Tables, 'keys'>, '=', value)
    if (after !== undefined) query = query.where('id', '<', after)
    const found = (await query
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()) as unknown as Row[]
    return { rows: found.slice(0, limit), more: found.length > limit }
  }

  /** What changes, its entry in the audit log and the version stand or fall together; one change at a time. */
  async function changing<Result>(work: (transaction: Transaction<Tables>) => Promise<Result>): Promise<Result> {
    try {
      return await database.transaction().execute(async (transaction) => {
        await transaction
          .updateTable('access_state')
          .set({ version: sql`version + 1` })
          .execute()
        await notifyOfChange(transaction)
        return work(transaction)
      })
    } catch (error) {
      throw asConflict(error)
    }
  }

  async function record(
    transaction: Transaction<Tables>,
    table: RecordsTable,
    before: AnyRow | undefined,
    after: AnyRow | undefined,
    by: Change,
  ): Promise<void> {
    const row = (after ?? before)!
    const organisation = table === 'organisations' ? row.id : row['organisation_id']
    const workspace = table === 'workspaces' || table === 'site_settings' ? row.id : row['workspace_id']
    await write(transaction, by, {
      organisation_id: (organisation as string | null | undefined) ?? null,
      workspace_id: (workspace as string | null | undefined) ?? null,
      resource: row.id,
      old_value: before === undefined ? null : withoutSecrets(before),
      new_value: after === undefined ? null : withoutSecrets(after),
    })
  }

  async function write(
    to: Database | Transaction<Tables>,
    { actor, action, requestId, address }: Change,
    entry: Pick<AuditRow, 'organisation_id' | 'workspace_id' | 'resource' | 'old_value' | 'new_value'>,
  ): Promise<void> {
    const who = { actor: actor.id, action, request_id: requestId ?? null, address: address ?? null }
    await writeAudit(to, { ...entry, ...who }, now())
  }

  function records<Row extends { readonly id: string }>(table: RecordsTable): Records<Row> {
    return {
      find: (id, reach) => find(database, table, id, reach),
      list: (reach, request) => list(table, reach, request),
      add: (row, by) =>
        changing(async (transaction) => {
          if (table === 'users') await checkEmail(transaction, row as unknown as UserRow)
          await transaction
            .insertInto(table as 'keys')
            .values(row as never)
            .execute()
          await record(transaction, table, undefined, row, by)
        }),
      update: (id, given, by) =>
        changing(async (transaction) => {
          const before = await find<Row>(transaction, table, id, by.actor.reach)
          if (before === undefined) return undefined
          const changes = typeof given === 'function' ? given(before) : given
          if (changes === undefined) return before
          // Grows with every change, so that it tells two states apart.
          const at = Math.max(now(), Number((before as unknown as { updated_at: number }).updated_at) + 1)
          const after = { ...before, ...changes, updated_at: at }
          if (table === 'users')
            await checkEmail(transaction, after as unknown as UserRow, before as unknown as UserRow)
          await transaction
            .updateTable(table as 'keys')
            .set({ ...changes, updated_at: at } as never)
            .where('id', '=', id)
            .execute()
          if (table === 'users')
            await endSessionsAfter(transaction, before as unknown as UserRow, after as unknown as UserRow, at)
          await record(transaction, table, before, after, by)
          return after
        }),
      remove: (id, by) =>
        changing(async (transaction) => {
          const before = await find<Row>(transaction, table, id, by.actor.reach)
          if (before === undefined) return false
          await transaction
            .deleteFrom(table as 'keys')
            .where('id', '=', id)
            .execute()
          await record(transaction, table, before, undefined, by)
          return true
        }),
    }
  }

  async function rulesOf(organisation: string | null): Promise<RuleRows> {
    const of = (table: 'limit_rules' | 'budget_rules') =>
      database
        .selectFrom(table)
        .selectAll()
        .where(({ or, eb }) => or([eb('organisation_id', 'is', null), eb('organisation_id', '=', organisation)]))
        .orderBy('id')
        .execute()
    return { limits: await of('limit_rules'), budgets: await of('budget_rules') }
  }

  async function withRules(found: Promise<Omit<GrantRow, 'rules'> | undefined>): Promise<GrantRow | undefined> {
    const row = await found
    return row && { ...row, rules: await rulesOf(row.organisation_id) }
  }

  function audit(reach: Reach, { from, to, kind, ...request }: AuditPage): Promise<Page<AuditRow>> {
    // Ids begin with the time, by which entries are found without an index of their own.
    const at = (time: number): string => createId('aud', Math.max(0, time)).slice(0, 'aud_'.length + 12)
    return list('audit_log', reach, request, [
      ...(from === undefined ? [] : [sql<SqlBool>`id >= ${at(from)}`]),
      ...(to === undefined ? [] : [sql<SqlBool>`id < ${at(to)}`]),
      ...(kind === undefined ? [] : [sql<SqlBool>`action like ${`${kind}.%`}`]),
    ])
  }

  const grants = () =>
    database
      .selectFrom('keys')
      .leftJoin('workspaces', 'workspaces.id', 'keys.workspace_id')
      .leftJoin('users', 'users.id', 'keys.user_id')
      .leftJoin('site_settings', 'site_settings.id', 'keys.workspace_id')
      .selectAll('keys')
      .select(['workspaces.kind as workspace_kind', 'users.blocked_at as user_blocked_at'])
      .select('site_settings.updated_at as settings_at')

  return {
    async version() {
      const { version } = await database.selectFrom('access_state').select('version').executeTakeFirstOrThrow()
      return Number(version)
    },
    rulesOf,
    findGrant: (hash) =>
      withRules(
        grants()
          .where((where) => where.or([where('hash', '=', hash), where('previous_hash', '=', hash)]))
          .executeTakeFirst(),
      ),
    findGrantOf: (id) => withRules(grants().where('keys.id', '=', id).executeTakeFirst()),
    findSite: (id) =>
      database
        .selectFrom('workspaces')
        .leftJoin('site_settings', 'site_settings.id', 'workspaces.id')
        .select(['workspaces.id', 'workspaces.organisation_id', 'site_settings.updated_at as settings_at'])
        .where('workspaces.id', '=', id)
        .where('workspaces.kind', '=', 'site')
        .executeTakeFirst(),
    async keepPepperCheck(check) {
      await database
        .updateTable('access_state')
        .set({ pepper_check: check })
        .where('pepper_check', 'is', null)
        .execute()
      const state = await database.selectFrom('access_state').select('pepper_check').executeTakeFirstOrThrow()
      return state.pepper_check ?? check
    },
    organisations: records('organisations'),
    workspaces: records('workspaces'),
    users: records('users'),
    keys: records('keys'),
    siteSettings: records('site_settings'),
    limitRules: records('limit_rules'),
    budgetRules: records('budget_rules'),
    audit,
    note: ({ resource, organisation, workspace, told }, by) =>
      write(database, by, {
        organisation_id: organisation ?? null,
        workspace_id: workspace ?? null,
        resource,
        old_value: null,
        new_value: JSON.stringify(told),
      }),
  }
}

/** Whoever signs in first with an address gets the user who has it: two would be a matter of luck. */
async function checkEmail(
  transaction: Transaction<Tables>,
  { id, organisation_id: organisation, email }: UserRow,
  before?: UserRow,
): Promise<void> {
  // Two of earlier times are changed in all else as before.
  if (email === null || email.toLowerCase() === before?.email?.toLowerCase()) return
  const other = await transaction
    .selectFrom('users')
    .select('id')
    .where('organisation_id', '=', organisation)
    .where(sql<string>`lower(email)`, '=', email.toLowerCase())
    .where('id', '!=', id)
    .executeTakeFirst()
  if (other !== undefined)
    throw new SluiceError(
      'conflict',
      `The user "${other.id}" of this organisation has that e-mail address already. Change that one, or take the address from it.`,
    )
}

/** Secrets, and what the log tells by itself. */
const untoldColumns = ['hash', 'previous_hash', 'sealed_keys', 'levels']

function withoutSecrets(row: AnyRow): string {
  const told = Object.fromEntries(Object.entries(row).filter(([name]) => !untoldColumns.includes(name)))
  const sealed = row['sealed_keys']
  return JSON.stringify(
    typeof sealed === 'string' ? { ...told, own_keys: Object.keys(JSON.parse(sealed) as object) } : told,
  )
}

/** What a constraint of the schema refuses, in words: SQLite's and PostgreSQL's codes for the same two. */
function asConflict(error: unknown): unknown {
  const { errcode, code } = (error ?? {}) as { errcode?: unknown; code?: unknown }
  if (errcode === 2067 || errcode === 1555 || code === '23505')
    return new SluiceError('conflict', 'There is one with these values already.', { cause: error })
  if (errcode === 787 || code === '23503')
    return new SluiceError('conflict', 'Something else belongs to it: remove or move that first.', { cause: error })
  return error
}
