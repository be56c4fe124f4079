import type { Config, Secret } from 'sluice'
import type { AccessStore } from '../access/access-store.ts'
import type { Sealing } from '../access/sealing.ts'
import type { CacheControls } from '../cache/compose-cache.ts'
import type { Counters } from '../counters/counters.ts'
import type { Outbound } from '../outbound/outbound.ts'
import type { Database } from '../stores/database.ts'

export interface ConfigSource {
  /** As people know it; absent where there is none. */
  readonly file: string | undefined
  /** By a setting's path: `sluice.yaml:12`. */
  readonly origins: ReadonlyMap<string, string>
}

/** What the resources of the admin API are built on. */
export interface AdminParts {
  readonly store: AccessStore
  /** For resources that have tables of their own. */
  readonly database: Database
  /** What keys are hashed with. */
  readonly pepper: Secret
  readonly sealing: Sealing
  /** As the gateway runs; of the command line, as it is read here. */
  readonly config: Config
  /** Absent on the command line: only a gateway that runs has one. */
  readonly cache?: CacheControls | undefined
  /** Where `config` comes from; absent where nobody told. */
  readonly source?: ConfigSource | undefined
  /** What budgets have, where they are counted; absent where nobody counts here. */
  readonly look?: Counters['look'] | undefined
  /** Looks at addresses that tenants name. */
  readonly outbound: Pick<Outbound, 'check'>
  /** Milliseconds since 1970. */
  readonly now: () => number
}
