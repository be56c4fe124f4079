import type { Secret } from 'sluice'
import type { AccessStore } from '../access/access-store.ts'
import type { Database } from '../stores/database.ts'

/** What the resources of the admin API are built on. */
export interface AdminParts {
  readonly store: AccessStore
  /** For resources that have tables of their own. */
  readonly database: Database
  /** What keys are hashed with. */
  readonly pepper: Secret
  /** Milliseconds since 1970. */
  readonly now: () => number
}
