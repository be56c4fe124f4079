import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startSimulator } from '@sluice/simulator'
import { startPostgres } from '../servers/postgres.ts'
import { startServe } from '../start-serve.ts'
import { compareRecords, readLedger } from './read-ledger.ts'
import { startSteadyLoad } from './steady-load.ts'

export interface StopPostgresOptions {
  /** That it is away. */
  readonly seconds: number
  /** Seconds of load before, and after it is back. */
  readonly around: number
  readonly requestsPerSecond: number
}

export interface StopPostgresReport {
  readonly requests: number
  readonly streamed: number
  /** Of them those that ended while it was away. */
  readonly whileAway: number
  /** Not answered well and whole, whenever. */
  readonly failed: readonly string[]
  readonly records: number
  readonly summed: number
  /** Answered, and of which there is no record. */
  readonly lost: readonly string[]
  /** Requests that there is more than one record of. */
  readonly duplicates: readonly string[]
  /** What health said of the ledger: before, while it was away, and after. */
  readonly states: readonly [string, string, string]
  /** The most that waited in the journal. */
  readonly waiting: number
  readonly journalBytes: number
  readonly maxJournalBytes: number
  /** Seconds after its return until all was in the database. */
  readonly caughtUp: number
}

const adminKey = 'admin-of-the-outage'
const configKey = 'caller-of-the-outage'

interface LedgerHealth {
  readonly state: string
  readonly waiting: number
  readonly journal_bytes: number
  readonly max_journal_bytes: number
}

/** A gateway under load, whole answers and streams, by keys of its config and of its database, while PostgreSQL is away. */
export async function stopPostgres(options: StopPostgresOptions): Promise<StopPostgresReport> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-outage-'))
  const timing = { latency: 3, gap: 2 }
  const simulator = await startSimulator({ models: ['small'], timing, recording: { requests: 1 } })
  try {
    await using server = await startPostgres()
    const databaseUrl = await server.createDatabase()
    await writeFile(join(folder, 'sluice.yaml'), configOf(simulator.url))
    let said: Omit<StopPostgresReport, 'records' | 'summed' | 'lost' | 'duplicates'>
    let answered: readonly string[]
    {
      await using gateway = await startServe({ DATABASE_URL: databaseUrl }, folder)
      const { url } = gateway
      const keys = [configKey, await makeKey(url)]
      const load = startSteadyLoad({
        gateways: [url],
        keys,
        callers: 8,
        requestsPerSecond: options.requestsPerSecond,
      })
      let waiting = 0
      let journalBytes = 0
      async function look(seconds: number): Promise<LedgerHealth> {
        const end = performance.now() + seconds * 1000
        for (;;) {
          const health = await ledgerHealth(url)
          waiting = Math.max(waiting, health.waiting)
          journalBytes = Math.max(journalBytes, health.journal_bytes)
          if (performance.now() >= end) return health
          await wait(100)
        }
      }
      const before = await look(options.around)
      // Both keys are known, and both kinds of answers were given: what comes is the outage alone.
      while (load.heard.length < 20) await wait(20)
      await server.stop()
      const soFar = load.heard.length
      let away = await look(options.seconds)
      while (away.state === 'ok') away = await look(0.1)
      const whileAway = load.heard.length - soFar
      await server.start()
      const back = performance.now()
      while ((await ledgerHealth(url)).state !== 'ok') await wait(20)
      const caughtUp = (performance.now() - back) / 1000
      await look(options.around)
      await load.stop()
      let after = await look(0.1)
      while (after.waiting > 0) after = await look(0.1)
      const { heard } = load
      answered = heard.filter(({ whole }) => whole).map(({ id }) => id)
      said = {
        requests: heard.length,
        streamed: heard.filter(({ stream }) => stream).length,
        whileAway,
        failed: heard.filter(({ whole }) => !whole).map(({ id, status, code }) => `${id}: ${status} ${code ?? ''}`),
        states: [before.state, away.state, after.state],
        waiting,
        journalBytes,
        maxJournalBytes: after.max_journal_bytes,
        caughtUp,
      }
    }
    const found = await readLedger(join(folder, 'data'), databaseUrl)
    return { ...said, records: found.records.length, summed: found.summed, ...compareRecords(answered, found) }
  } finally {
    await simulator.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function configOf(simulatorUrl: string): string {
  return `
server: { data_dir: data, drain_timeout: 1, admin_key: ${adminKey}, keys: [${configKey}] }
default_provider: lab
environment_providers: false
providers:
  lab: { type: openai_compatible, base_url: "${simulatorUrl}", api_key: upstream-key, models_path: null }
`
}

async function makeKey(url: string): Promise<string> {
  const response = await fetch(`${url}/api/admin/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'outage' }),
  })
  const { key } = (await response.json()) as { key: string }
  return key
}

async function ledgerHealth(url: string): Promise<LedgerHealth> {
  const response = await fetch(`${url}/api/llm/health`, { headers: { authorization: `Bearer ${adminKey}` } })
  return ((await response.json()) as { ledger: LedgerHealth }).ledger
}
