import { postgresForTests } from '../tests/servers/postgres.ts'
import { type UpgradeReport, upgradeWithData } from '../tests/stores/upgrade-with-data.ts'

/**
 * `npm run prove:upgrade`: a gateway fills a database, the command line takes that back by its newest migration, and brings it up,
 * back and up again; after each step all rows are held against those of before, and a gateway is asked for what was made.
 */
function print(title: string, { newest, tables, rows, lost, missing }: UpgradeReport): void {
  console.log(title)
  console.log(`  migration, undone and done again          ${newest}`)
  console.log(`  tables with rows, and rows                ${tables}, ${rows}`)
  console.log(`  rows lost or changed, of three steps      ${lost.length}`)
  console.log(`  things that the gateway misses afterwards ${missing.length}`)
  for (const line of [...lost, ...missing]) console.log(`    ${line}`)
  if (lost.length + missing.length > 0) process.exitCode = 1
}

print('SQLite', await upgradeWithData())
print('PostgreSQL', await upgradeWithData((await postgresForTests()).url))
