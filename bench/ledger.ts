import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Gateway, startGateway, type UsageEntry, type UsageQuery, type LedgerRecord } from '@sluice/gateway'
import { noUsage } from '@sluice/protocol'
import { pino } from 'pino'
import { buildConfig, providers as presets } from 'sluice'

/**
 * `npm run bench:ledger [-- --records 1000000]`: what the ledger costs a request, how fast its writer is, and how long its
 * answers take once a year of records is in it. SQLite, in a new directory.
 */
const { values } = parseArgs({ options: { records: { type: 'string', default: '1000000' } } })
const count = Number(values.records)
const day = 24 * 60 * 60 * 1000
const end = Date.UTC(2026, 9, 31)
const batch = 256

const folder = await mkdtemp(join(tmpdir(), 'sluice-ledger-'))
const config = buildConfig({
  presets,
  environment: {},
  input: {
    server: { port: 0, data_dir: join(folder, 'data'), find_local_servers: false },
    environment_providers: false,
    ledger: { keep_records: 0 },
  },
})
const gateway = await startGateway(config, { logger: pino({ level: 'silent' }), now: () => end })
try {
  await measure(gateway)
} finally {
  await gateway.close()
  await rm(folder, { recursive: true })
}

async function measure({ ledger }: Gateway): Promise<void> {
  if (ledger === undefined) throw new Error('The ledger is switched off.')
  print('record of a request, written before its last byte', `${onePath(ledger.record).toFixed(2)} µs`)
  const drained = performance.now()
  const waiting = ledger.status().waiting
  await ledger.flush()
  const perRecord = ((performance.now() - drained) / waiting) * 1000
  print(`the same in the database, of ${waiting.toLocaleString('en')}, in the background`, `${perRecord.toFixed(1)} µs`)

  const store = await ledger.store()
  const started = performance.now()
  for (let from = 0; from < count; from += batch)
    await store.add(Array.from({ length: Math.min(batch, count - from) }, (_, index) => entry(from + index)))
  print(`${count.toLocaleString('en')} records added`, `${((performance.now() - started) / 1000).toFixed(1)} s`)
  const { size } = await stat(join(folder, 'data/sluice.db'))
  print('size of the database', `${(size / 1024 / 1024).toFixed(0)} MiB`)

  const base: UsageQuery = { groupBy: [], interval: 'month', limit: 1000, offset: 0 }
  const queries: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['usage by month and model', () => store.sum({ ...base, groupBy: ['model'] })],
    ['usage by month and model of one key', () => store.sum({ ...base, groupBy: ['model'], principal: 'key_7' })],
    ['usage by key, one month', () => store.sum({ ...base, groupBy: ['principal'], from: end - 31 * day })],
    ['usage by team and provider, a year', () => store.sum({ ...base, groupBy: ['workspace', 'provider'] })],
    [
      'usage by day, 30 days to the millisecond',
      () => store.sum({ ...base, interval: 'day', from: end - 30 * day + 1 }),
    ],
    ['usage by hour, one day (from the records)', () => store.sum({ ...base, interval: 'hour', from: end - day })],
    [
      'usage by model of one tag, one month',
      () => store.sum({ ...base, tag: 'tag-3', groupBy: ['model'], from: end - 31 * day }),
    ],
    ['the last 100 records of one key', () => store.list({ principal: 'key_7' }, { limit: 100 })],
  ]
  for (const [title, run] of queries) print(title, `${(await median(run)).toFixed(1)} ms`)
}

function print(what: string, figure: string): void {
  console.log(`${what.padEnd(66)} ${figure.padStart(10)}`)
}

function onePath(record: (record: LedgerRecord) => void): number {
  const rounds = 50_000
  const usage = { ...noUsage, input: 1234, cacheRead: 1000, output: 567 }
  const caller = { id: 'key_7', owner: 'key_7' }
  const cost = {
    state: 'priced',
    nanoDollars: 1_234_567,
    source: 'table',
    tableNanoDollars: 1_234_567,
    priceVersion: 'config',
  } as const
  const started = performance.now()
  for (let index = 0; index < rounds; index++) {
    record({
      requestId: `req_${index}`,
      principal: caller.id,
      caller,
      startedAt: end - day,
      operation: 'chat',
      requestedModel: 'gpt-5.2-mini',
      provider: 'openai',
      model: 'gpt-5.2-mini',
      target: undefined,
      stream: false,
      attempts: 1,
      calls: [],
      outcome: 'ok',
      errorCode: undefined,
      usage,
      processing: 'default',
      cost,
      finishReason: 'stop',
      duration: 812.34,
      firstToken: undefined,
      cached: false,
      entry: undefined,
      gathered: false,
    })
  }
  return ((performance.now() - started) / rounds) * 1000
}

/** Of 100 keys of 10 teams, 20 models at 4 providers, over a year. */
function entry(index: number): UsageEntry {
  const key = (index * 7) % 100
  const model = (index * 13) % 20
  return {
    id: `bench-${index}`,
    requestId: `req_bench_${index}`,
    startedAt: end - 365 * day + Math.floor((index / count) * 365 * day),
    principal: `key_${key}`,
    organisation: 'org_1',
    workspace: `ws_${key % 10}`,
    workspaceKind: 'team',
    user: null,
    tags: index % 10 === 0 ? [`tag-${(index / 10) % 7}`] : [],
    operation: 'chat',
    requestedModel: `model-${model}`,
    provider: `provider-${model % 4}`,
    model: `model-${model}`,
    stream: index % 2 === 0,
    outcome: index % 50 === 0 ? 'error' : 'ok',
    errorCode: index % 50 === 0 ? 'upstream_error' : null,
    usage: { ...noUsage, input: 1000, cacheRead: 500, output: 300, processing: null },
    cost: { source: 'table', nanoDollars: 1_234_567, priceVersion: 'config' },
    finishReason: 'stop',
    duration: 900,
    firstToken: null,
    attempts: [
      {
        provider: `provider-${model % 4}`,
        model: `model-${model}`,
        outcome: 'answered',
        errorCode: null,
        status: null,
        duration: 880,
      },
    ],
  }
}

/** Of five, in milliseconds, after one that warms up. */
async function median(run: () => Promise<unknown>): Promise<number> {
  await run()
  const times: number[] = []
  for (let round = 0; round < 5; round++) {
    const started = performance.now()
    await run()
    times.push(performance.now() - started)
  }
  return times.toSorted((left, right) => left - right)[2]!
}
