import type {
  AccessTables,
  AuditRow,
  KeyRow,
  OrganisationRow,
  SiteSettingsRow,
  UserRow,
  WorkspaceRow,
} from '../stores/access-tables.ts'
import type { Page } from '../stores/page.ts'
import type { Actor, Reach } from './actor.ts'

/** Who is asked for and what is changed; each change with its entry in the audit log, or neither. */
export interface AccessStore {
  /** Grows by each change of whoever; 0 before the first. */
  version(): Promise<number>
  /** What a key is good for, by its hash or that of the one before its rotation. */
  findGrant(hash: string): Promise<GrantRow | undefined>
  findGrantOf(keyId: string): Promise<GrantRow | undefined>
  /**
   * Keeps the check of a pepper where there is none yet. @returns the one that is kept.
   */
  keepPepperCheck(check: string): Promise<string>
  readonly organisations: Records<OrganisationRow>
  readonly workspaces: Records<WorkspaceRow>
  readonly users: Records<UserRow>
  readonly keys: Records<KeyRow>
  readonly siteSettings: Records<SiteSettingsRow>
  /** Newest first. */
  audit(reach: Reach, request: RecordsPage<AuditRow>): Promise<Page<AuditRow>>
}

/** A key, and what else decides on it. */
export interface GrantRow extends KeyRow {
  readonly workspace_kind: string | null
  readonly user_blocked_at: number | null
  /** Of the workspace's settings: when they were changed; `null` where it has none. */
  readonly settings_at: number | null
}

export type RecordsTable = keyof Pick<AccessTables, 'organisations' | 'workspaces' | 'users' | 'keys' | 'site_settings'>

/** What is outside of an actor's reach is not there for them. */
export interface Records<Row extends { readonly id: string }> {
  find(id: string, reach: Reach): Promise<Row | undefined>
  /** Newest first, since ids grow with time. */
  list(reach: Reach, request: RecordsPage<Row>): Promise<Page<Row>>
  /** @throws SluiceError `conflict` */
  add(row: Row, by: Change): Promise<void>
  /**
   * @param changes a function is given the row as it is while nobody else changes anything, so that nothing written in
   * between is lost; `undefined` from it leaves the row alone. What it throws is thrown on, and nothing is changed.
   * @returns the row as it is now; `undefined` when there is none. @throws SluiceError `conflict`
   */
  update(id: string, changes: Partial<Row> | ChangesOf<Row>, by: Change): Promise<Row | undefined>
  /** @returns whether there was one. @throws SluiceError `conflict` when others refer to it. */
  remove(id: string, by: Change): Promise<boolean>
}

export type ChangesOf<Row> = (before: Row) => Partial<Row> | undefined

export interface RecordsPage<Row> {
  /** The id that the page before ended with. */
  readonly after: string | undefined
  readonly limit: number
  /** Columns that must be so. */
  readonly where: Partial<Row>
}

/** Who changes something, and how the audit log calls that. */
export interface Change {
  readonly actor: Actor
  /** `keys.rotate` */
  readonly action: string
  readonly requestId?: string | undefined
  readonly address?: string | undefined
}
