import { onTestFinished } from 'vitest'
import { describeOnPostgres } from '../../../../tests/servers/describe-on.ts'
import { postgresForTests } from '../../../../tests/servers/postgres.ts'
import { openDatabase } from '../stores/database.ts'
import { describeLedgerStore } from './contracts/ledger-store-contract.ts'
import { createLedgerStore } from './database-ledger-store.ts'
import type { LedgerStore } from './ledger-store.ts'

async function open(place: string): Promise<LedgerStore> {
  const database = await openDatabase(place)
  onTestFinished(() => database.destroy())
  return createLedgerStore(database)
}

describeLedgerStore('on SQLite', () => open(':memory:'))

describeOnPostgres('PostgreSQL', () => {
  describeLedgerStore('on PostgreSQL', async () => open((await postgresForTests()).url))
})
