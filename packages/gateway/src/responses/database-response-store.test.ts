import { createLazyDatabase } from '../stores/lazy-database.ts'
import { describeResponseStore } from './contracts/response-store-contract.ts'
import { createDatabaseResponseStore } from './database-response-store.ts'

describeResponseStore('in SQLite', async (options) => {
  const database = createLazyDatabase(':memory:')
  const store = createDatabaseResponseStore(await database.open(), options)
  return { ...store, close: () => database.close() }
})
