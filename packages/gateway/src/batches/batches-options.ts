import type { Dialect } from '@sluice/protocol'
import type { Logger } from 'pino'
import type { BatchesConfig, Engine } from 'sluice'
import type { SiteEngine } from '../access/sites.ts'
import type { RawAdmit } from '../limits/raw-admit.ts'
import type { Authenticate } from '../pipeline/authenticate.ts'
import type { Principal } from '../pipeline/principal.ts'
import type { Admit } from '../pipeline/admit.ts'
import type { Meter } from '../pipeline/meter.ts'
import type { LazyDatabase } from '../stores/lazy-database.ts'
import type { ErrorLog } from '../telemetry/error-log.ts'

/** What files and batches are built on. */
export interface BatchesOptions {
  readonly config: BatchesConfig
  /** The data directory. */
  readonly directory: string
  readonly database: LazyDatabase
  readonly engine: Engine
  /** Whose requests a batch can be made of. */
  readonly dialects: readonly Dialect[]
  readonly authenticate: Authenticate
  /** Who a caller of earlier is by now. Rejects with a `SluiceError` for one who may not call any more. */
  readonly renew: (principal: Principal) => Promise<Principal>
  readonly admit: Admit
  readonly admitRaw: RawAdmit
  /** Who serves a workspace with providers of its own. */
  readonly siteEngine: SiteEngine
  readonly meter: Meter
  readonly errorLog: ErrorLog
  readonly logger: Logger
  /** Of a request, and of a line. */
  readonly maxBodyBytes: number
  readonly now: () => number
}
