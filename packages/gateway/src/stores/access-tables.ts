/** The rows of who may call and who changed what. Times are Unix milliseconds, lists and objects JSON. */
export interface AccessTables {
  readonly organisations: OrganisationRow
  readonly workspaces: WorkspaceRow
  readonly users: UserRow
  readonly keys: KeyRow
  readonly site_settings: SiteSettingsRow
  readonly limit_rules: RuleRow
  readonly budget_rules: RuleRow
  readonly audit_log: AuditRow
  readonly access_state: AccessStateRow
  readonly idempotent_answers: IdempotentAnswerRow
}

export interface OrganisationRow {
  readonly id: string
  readonly name: string
  readonly metadata: string
  readonly created_at: number
  readonly updated_at: number
}

export interface WorkspaceRow {
  readonly id: string
  readonly organisation_id: string
  /** `team`, `site` or `project`. */
  readonly kind: string
  readonly name: string
  readonly metadata: string
  readonly created_at: number
  readonly updated_at: number
}

export interface UserRow {
  readonly id: string
  readonly organisation_id: string
  readonly name: string
  readonly email: string | null
  readonly role: string
  readonly metadata: string
  readonly blocked_at: number | null
  /** JSON: how far those reach who blocked them; `null` where nobody kept that. */
  readonly levels: string | null
  readonly created_at: number
  readonly updated_at: number
}

/** A virtual key, without the key. */
export interface KeyRow {
  readonly id: string
  readonly organisation_id: string | null
  readonly workspace_id: string | null
  readonly user_id: string | null
  readonly name: string
  /** To recognise it by: `sk-sl-AbCd…`. */
  readonly prefix: string
  readonly hash: string
  /** Of the key before the last rotation, for as long as it is still taken. */
  readonly previous_hash: string | null
  readonly previous_expires_at: number | null
  /** `null` for one that may not use the admin API. */
  readonly role: string | null
  /** Of these lists `null` limits nothing. */
  readonly models: string | null
  readonly providers: string | null
  readonly operations: string | null
  readonly addresses: string | null
  /** JSON: ids of sites that it may act for. */
  readonly sites: string | null
  readonly default_route: string | null
  /** As config writes a rule's, as JSON; `null` for none of its own, as for `budget`. */
  readonly limits: string | null
  readonly budget: string | null
  readonly tags: string
  readonly metadata: string
  readonly expires_at: number | null
  readonly blocked_at: number | null
  /** JSON: how far those reach who did what is not to be taken back from below them; `null` for nothing. */
  readonly levels: string | null
  readonly rotated_at: number | null
  readonly created_at: number
  readonly updated_at: number
}

/** Which providers the requests of a workspace use. */
export interface SiteSettingsRow {
  /** The workspace's. */
  readonly id: string
  readonly organisation_id: string
  /** `auto`, or a preset's id. */
  readonly provider: string
  readonly default_model: string | null
  /** Of `provider`, where the site says where that is. */
  readonly base_url: string | null
  /** By preset's id: keys of its own, encrypted. */
  readonly sealed_keys: string
  readonly created_at: number
  readonly updated_at: number
}

/** A rule of limits or a budget, for many keys at once. */
export interface RuleRow {
  readonly id: string
  /** Whose keys it is for; `null` for everybody's. */
  readonly organisation_id: string | null
  /** Of these, whose; `null` for all. */
  readonly workspace_id: string | null
  /** Who made it, and may change it: `gateway` or `organisation`. */
  readonly level: string
  readonly name: string
  /** As config writes a rule, as JSON. */
  readonly settings: string
  readonly created_at: number
  readonly updated_at: number
}

/** One change that somebody made. */
export interface AuditRow {
  readonly id: string
  /** The id of a key or a user, `admin-key`, `local`, `identity-provider`; `nobody` for who was not let in. */
  readonly actor: string
  readonly organisation_id: string | null
  readonly workspace_id: string | null
  /** `keys.rotate` */
  readonly action: string
  /** The id of what was changed. */
  readonly resource: string
  /** As it was, without secrets; `null` for what was made. */
  readonly old_value: string | null
  /** As it is now; `null` for what was removed. */
  readonly new_value: string | null
  readonly request_id: string | null
  readonly address: string | null
  readonly created_at: number
}

/** One row, with the id 1. */
export interface AccessStateRow {
  readonly id: number
  /** Grows by each change; 0 before the first. */
  readonly version: number
  /** By which a process can tell whether it has the pepper that keys were hashed with. */
  readonly pepper_check: string | null
}

/** What a request with an idempotency key was answered. */
export interface IdempotentAnswerRow {
  /** Keyed hash of who asked and of their idempotency key. */
  readonly id: string
  /** Hash of the request. */
  readonly request: string
  /** Encrypted by the idempotency key; `null` while the request is under way. */
  readonly answer: string | null
  readonly expires_at: number
}
