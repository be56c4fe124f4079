/** The rows of who is signed in. Times are Unix milliseconds. */
export interface SessionTables {
  readonly sessions: SessionRow
  readonly user_identities: UserIdentityRow
}

/** A browser that somebody signed in with, without what its cookie says. */
export interface SessionRow {
  readonly id: string
  /** Keyed hash of the cookie's value. */
  readonly hash: string
  /** As the audit log names who is signed in: the id of a user or a key, or `admin-key`. */
  readonly owner: string
  /** Of who came by an identity provider. */
  readonly user_id: string | null
  /** Of who came by a key: what is kept of that. */
  readonly key_hash: string | null
  /** How far a user reaches; `null` for the whole gateway. */
  readonly organisation_id: string | null
  /** `oidc` or `key`. */
  readonly method: string
  /** Keyed hash of the attempt at the identity provider that it came of: good for one. */
  readonly attempt: string | null
  readonly address: string | null
  /** What the browser calls itself. */
  readonly user_agent: string | null
  readonly created_at: number
  /** To the minute. */
  readonly seen_at: number
  readonly expires_at: number
  /** By signing out, or by whatever took the right to it away. */
  readonly ended_at: number | null
}

/** Which user somebody of an identity provider is, in an organisation. */
export interface UserIdentityRow {
  readonly issuer: string
  readonly subject: string
  readonly organisation_id: string
  readonly user_id: string
  readonly created_at: number
}
