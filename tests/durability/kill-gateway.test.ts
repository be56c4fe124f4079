import { expect, test } from 'vitest'
import { describeOnPostgres } from '../servers/describe-on.ts'
import { postgresForTests } from '../servers/postgres.ts'
import { killGateway } from './kill-gateway.ts'

// The same with more kills: npm run prove:kill

test('no answer that arrived is missing from SQLite after kills, and none is there twice', async () => {
  const { lost, duplicates, records, summed, streamed, whole } = await killGateway({ kills: 4, callers: 8 })
  expect({ lost, duplicates, summed }).toEqual({ lost: [], duplicates: [], summed: records })
  expect(whole).toBeGreaterThan(streamed)
}, 60_000)

describeOnPostgres('on PostgreSQL', () => {
  test('no answer that arrived is missing after kills, and none is there twice', async () => {
    const { url: databaseUrl } = await postgresForTests()
    const report = await killGateway({ kills: 3, callers: 8, databaseUrl })
    const { lost, duplicates, records, summed, whole } = report
    expect({ lost, duplicates, summed }).toEqual({ lost: [], duplicates: [], summed: records })
    expect(whole).toBeGreaterThan(0)
  }, 60_000)
})
