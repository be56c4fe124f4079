import { onTestFinished } from 'vitest'
import { openDatabase } from '../stores/database.ts'
import { describeAccessStore } from './contracts/describe-access-store.ts'
import { createDatabaseAccessStore } from './database-access-store.ts'

describeAccessStore('on SQLite', async () => {
  const database = await openDatabase(':memory:')
  onTestFinished(() => database.destroy())
  return createDatabaseAccessStore(database, Date.now)
})
