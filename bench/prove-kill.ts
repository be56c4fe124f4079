import { parseArgs } from 'node:util'
import { killGateway } from '../tests/durability/kill-gateway.ts'
import { startPostgres } from '../tests/servers/postgres.ts'

/**
 * `npm run prove:kill [-- --kills 200] [--only sqlite|postgres]`: callers of a gateway that is killed (SIGKILL) at random
 * moments and started again. Prints what they saw, and what the ledger knows of it.
 */
const { values } = parseArgs({ options: { kills: { type: 'string', default: '200' }, only: { type: 'string' } } })
const kills = Number(values.kills)

async function prove(title: string, databaseUrl: string | undefined): Promise<void> {
  const started = performance.now()
  const progress = (done: number): void => void (done % 20 === 0 && process.stderr.write(`${title}: ${done} kills\n`))
  const report = await killGateway({ kills, callers: 16, databaseUrl, progress })
  const { requests, whole, streamed, saidAll, records, interrupted, lost, duplicates, summed } = report
  console.log(`${title}, ${((performance.now() - started) / 1000).toFixed(0)} s`)
  console.log(`  kills (SIGKILL) and restarts               ${kills}`)
  console.log(`  requests, 16 at a time, half of them streams  ${requests}`)
  console.log(`  answers whose last byte arrived            ${whole}, of them streamed ${streamed}`)
  console.log(`  streams that had said all when killed      ${saidAll}`)
  console.log(`  records in the ledger                      ${records}, of them interrupted streams ${interrupted}`)
  console.log(`  requests in the sums of days               ${summed}`)
  console.log(`  answers that arrived without a record      ${lost.length}`)
  console.log(`  requests with more than one record         ${duplicates.length}`)
  if (lost.length > 0 || duplicates.length > 0 || summed !== records) process.exitCode = 1
}

if (values.only !== 'postgres') await prove('SQLite', undefined)
if (values.only !== 'sqlite') {
  await using server = await startPostgres()
  await prove('PostgreSQL', await server.createDatabase())
}
