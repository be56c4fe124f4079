import { createHmac } from 'node:crypto'
import type { Secret } from 'sluice'
import type { Database } from '../stores/database.ts'
import { createDatabaseAccessStore } from './database-access-store.ts'
import type { OpenAccess } from './managed-keys.ts'
import { loadPepper, OtherPepper } from './pepper.ts'
import { createSealing } from './sealing.ts'

export interface OpenAccessOptions {
  readonly database: Database
  /** Where the pepper is kept that config does not give. */
  readonly dataDir: string
  readonly pepper: Secret | undefined
  /** What keys of providers are encrypted by: the first seals. */
  readonly masterKeys: readonly Secret[]
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** To be imported when keys are managed, and never at the start otherwise. @throws SluiceError `store_unavailable` */
export async function openAccess({
  database,
  dataDir,
  pepper,
  masterKeys,
  now,
}: OpenAccessOptions): Promise<OpenAccess> {
  const store = createDatabaseAccessStore(database, now)
  const found = pepper ?? loadPepper(dataDir)
  const check = createHmac('sha256', found.reveal()).update('sluice: is this the pepper').digest('base64url')
  if ((await store.keepPepperCheck(check)) === check)
    return { store, database, pepper: found, sealing: createSealing(masterKeys) }
  throw new OtherPepper()
}
