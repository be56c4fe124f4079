import { expect, test } from 'vitest'
import { describeOnPostgres } from '../servers/describe-on.ts'
import { postgresForTests } from '../servers/postgres.ts'
import { upgradeWithData } from './upgrade-with-data.ts'

const inTime = { timeout: 120_000 }

test('a filled SQLite goes back by a version, up, back and up again, and loses nothing', inTime, async () => {
  const { tables, rows, lost, missing } = await upgradeWithData()
  expect([lost, missing]).toEqual([[], []])
  // Each kind of what a gateway keeps was there.
  expect([tables > 12, rows > 20]).toEqual([true, true])
})

describeOnPostgres('A filled PostgreSQL', () => {
  test('goes back by a version, up, back and up again, and loses nothing', inTime, async () => {
    const { tables, rows, lost, missing } = await upgradeWithData((await postgresForTests()).url)
    expect([lost, missing]).toEqual([[], []])
    expect([tables > 12, rows > 20]).toEqual([true, true])
  })
})
