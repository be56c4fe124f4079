import { onTestFinished } from 'vitest'
import { describeOnPostgres } from '../../../../tests/servers/describe-on.ts'
import { postgresForTests } from '../../../../tests/servers/postgres.ts'
import { openDatabase } from '../stores/database.ts'
import type { AccessStore } from './access-store.ts'
import { describeAccessStore } from './contracts/describe-access-store.ts'
import { createDatabaseAccessStore } from './database-access-store.ts'

async function open(place: string): Promise<AccessStore> {
  const database = await openDatabase(place)
  onTestFinished(() => database.destroy())
  return createDatabaseAccessStore(database, Date.now)
}

describeAccessStore('on SQLite', () => open(':memory:'))

describeOnPostgres('PostgreSQL', () => {
  describeAccessStore('on PostgreSQL', async () => open((await postgresForTests()).url))
})
