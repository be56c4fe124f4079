import type {
  AccessTables,
  AuditRow,
  KeyRow,
  OrganisationRow,
  RuleRow,
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
  /** Of an organisation, and of everybody; `null`: of everybody only. */
  rulesOf(organisation: string | null): Promise<RuleRows>
  /** What a key is good for, by its hash or that of the one before its rotation. */
  findGrant(hash: string): Promise<GrantRow | undefined>
  findGrantOf(keyId: string): Promise<GrantRow | undefined>
  /** A workspace that is a site. */
  findSite(id: string): Promise<SiteRow | undefined>
  /**
   * Keeps the check of a pepper where there is none yet. @returns the one that is kept.
   */
  keepPepperCheck(check: string): Promise<string>
  readonly organisations: Records<OrganisationRow>
  readonly workspaces: Records<WorkspaceRow>
  readonly users: Records<UserRow>
  readonly keys: Records<KeyRow>
  readonly siteSettings: Records<SiteSettingsRow>
  readonly limitRules: Records<RuleRow>
  readonly budgetRules: Records<RuleRow>
  /** Newest first. */
  audit(reach: Reach, request: AuditPage): Promise<Page<AuditRow>>
  /** Tells the audit log of something that was done and changed no row here. */
  note(note: AuditNote, by: Change): Promise<void>
}

export interface AuditPage extends RecordsPage<AuditRow> {
  /** Unix milliseconds: from then on. */
  readonly from?: number | undefined
  /** Unix milliseconds: before then. */
  readonly to?: number | undefined
  /** Of changes to these only: `keys`. */
  readonly kind?: string | undefined
}

export interface AuditNote {
  /** What it was done to: an id, or a word. */
  readonly resource: string
  readonly organisation?: string | undefined
  readonly workspace?: string | undefined
  /** JSON; without secrets. */
  readonly told: unknown
}

/** Rules that may apply to a key, the oldest first. */
export interface RuleRows {
  readonly limits: readonly RuleRow[]
  readonly budgets: readonly RuleRow[]
}

/** A key, and what else decides on it. */
export interface GrantRow extends KeyRow {
  readonly workspace_kind: string | null
  readonly user_blocked_at: number | null
  /** Of the workspace's settings: when they were changed; `null` where it has none. */
  readonly settings_at: number | null
  /** Of its organisation and of everybody. */
  readonly rules: RuleRows
}

export interface SiteRow {
  readonly id: string
  readonly organisation_id: string
  /** When its settings were changed; `null` where it has none. */
  readonly settings_at: number | null
}

export type RecordsTable = keyof Pick<
  AccessTables,
  'organisations' | 'workspaces' | 'users' | 'keys' | 'site_settings' | 'limit_rules' | 'budget_rules'
>

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
  /** A column that must not be `null`. */
  readonly having?: keyof Row & string
}

/** Who changes something, and how the audit log calls that. */
export interface Change {
  readonly actor: Actor
  /** `keys.rotate` */
  readonly action: string
  readonly requestId?: string | undefined
  readonly address?: string | undefined
}
