import { parseArgs } from 'node:util'
import { stopPostgres } from '../tests/durability/stop-postgres.ts'
import { type LetIn, stopRedis } from '../tests/durability/stop-redis.ts'

/**
 * `npm run prove:outage [-- --seconds 60] [--rate 50] [--only postgres|redis]`: PostgreSQL, then Redis, stopped for a while under
 * load. Prints what callers saw, what the ledger knows of it, and whether limits held.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '50' },
    only: { type: 'string' },
  },
})
const seconds = Number(values.seconds)
const requestsPerSecond = Number(values.rate)
const around = 5

function say(what: string, figure: number | string): void {
  console.log(`  ${what.padEnd(56)}${figure}`)
}

function hold(so: boolean): void {
  if (!so) process.exitCode = 1
}

async function provePostgres(): Promise<void> {
  const report = await stopPostgres({ seconds, around, requestsPerSecond })
  const { requests, streamed, whileAway, failed, records, summed, lost, duplicates, states } = report
  console.log(`PostgreSQL stopped for ${seconds} s`)
  say('requests, 8 at a time', `${requests}, of them streamed ${streamed}`)
  say('of them while it was away', whileAway)
  say('requests that failed', failed.length)
  say('records in the ledger', records)
  say('requests in the sums of days', summed)
  say('answers without a record', lost.length)
  say('requests with more than one record', duplicates.length)
  say('records that waited in the journal, at the most', report.waiting)
  say('journal, at the most', `${(report.journalBytes / 1024).toFixed(0)} KiB of ${report.maxJournalBytes / 1024} KiB`)
  say('health of the ledger: before, meanwhile, after', states.join(', '))
  say('until all was in the database, after its return', `${report.caughtUp.toFixed(1)} s`)
  hold(failed.length === 0 && lost.length === 0 && duplicates.length === 0 && summed === records)
  hold(records === requests && states.join() === 'ok,behind,ok' && report.journalBytes < report.maxJournalBytes)
}

async function proveRedis(whenLost: 'fail-open' | 'fail-closed'): Promise<void> {
  const report = await stopRedis({ whenLost, seconds, around, requestsPerSecond })
  const { gateways, limit, before, away, after, load, states } = report
  console.log(`Redis stopped for ${seconds} s, ${gateways} gateways, ${whenLost}, a limit of ${limit} a minute`)
  say('let in before', describe(before))
  say('let in while it was away', describe(away))
  say('let in when it was back', describe(after))
  say('callers below their limit, all the while', describe(load))
  say('health of the limits: before, meanwhile, after', states.join(', '))
  hold(before.answered === limit && after.answered === limit && states.join() === 'ok,lost,ok')
  hold(away.answered === (whenLost === 'fail-open' ? limit : 0))
  const told = Object.keys(load.refusals).join()
  hold(told === (whenLost === 'fail-open' ? '' : '503 limits_unavailable'))
}

function describe({ asked, answered, refusals }: LetIn): string {
  const others = Object.entries(refusals).map(([told, count]) => `, ${count} times ${told}`)
  return `${answered} of ${asked}${others.join('')}`
}

if (values.only !== 'redis') await provePostgres()
if (values.only !== 'postgres') {
  await proveRedis('fail-open')
  await proveRedis('fail-closed')
}
