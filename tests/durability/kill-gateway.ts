import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startSimulator } from '@sluice/simulator'
import { type ServeProcess, startServe } from '../start-serve.ts'
import { compareRecords, type FoundRecords, journalsIn, readLedger } from './read-ledger.ts'
import { askOnce, type Heard } from './steady-load.ts'

export interface KillGatewayOptions {
  readonly kills: number
  /** Callers at the same time, every other of them with streams. */
  readonly callers: number
  /** PostgreSQL's; without it SQLite in the data directory. */
  readonly databaseUrl?: string | undefined
  /** Told after every kill. */
  readonly progress?: ((kills: number) => void) | undefined
}

export interface KillGatewayReport {
  readonly kills: number
  readonly requests: number
  /** Answers whose last byte arrived, and of them those that were streamed. */
  readonly whole: number
  readonly streamed: number
  /** Streams that had said all, but whose connection had not ended when the gateway was killed. */
  readonly saidAll: number
  readonly records: number
  /** Records of streams that the gateway was killed in the middle of. */
  readonly interrupted: number
  /** Answers that arrived, and of which there is no record. */
  readonly lost: readonly string[]
  /** Requests that there is more than one record of. */
  readonly duplicates: readonly string[]
  /** What the sums of days say. */
  readonly summed: number
}

/**
 * Callers of a gateway that is killed (SIGKILL) at random moments and started again, over and over; then what the callers saw
 * is held against what the database says.
 */
export async function killGateway(options: KillGatewayOptions): Promise<KillGatewayReport> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-kill-'))
  // Slow enough that many are in the middle of something at any moment.
  const timing = { latency: 3, gap: 2 }
  const simulator = await startSimulator({ models: ['small'], timing, recording: { requests: 1 } })
  try {
    await writeFile(join(folder, 'sluice.yaml'), configOf(simulator.url))
    const answers = await runKills(folder, options)
    await settle(folder, options)
    return compare(options, answers, await readLedger(join(folder, 'data'), options.databaseUrl))
  } finally {
    await simulator.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function configOf(simulatorUrl: string): string {
  return `
server: { data_dir: data, drain_timeout: 1 }
default_provider: lab
environment_providers: false
providers:
  lab: { type: openai_compatible, base_url: "${simulatorUrl}", api_key: upstream-key, models_path: null }
`
}

async function runKills(folder: string, options: KillGatewayOptions): Promise<readonly Heard[]> {
  const answers: Heard[] = []
  let count = 0
  for (let kills = 0; kills < options.kills; kills++) {
    await using gateway = await startGateway(folder, options)
    const { url } = gateway
    const agent = new Agent({ keepAlive: true })
    const before = answers.length
    let going = true
    const callers = Array.from({ length: options.callers }, async (_, caller) => {
      while (going) {
        const answer = await askOnce({ url, agent, key: 'any', id: `call-${++count}`, stream: caller % 2 === 0 })
        answers.push(answer)
        if (!answer.whole) return
      }
    })
    await wait(30 + Math.random() * 370)
    // However slow the machine is: what was answered is what the ledger is asked for.
    while (!answers.slice(before).some(({ stream }) => !stream)) await wait(5)
    const killed = gateway.end('SIGKILL')
    going = false
    await killed
    await Promise.all(callers)
    agent.destroy()
    options.progress?.(kills + 1)
  }
  return answers
}

function startGateway(folder: string, { databaseUrl }: KillGatewayOptions): Promise<ServeProcess> {
  return startServe(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }, folder)
}

/** Starts it once more, until all that was left behind is in the database, and lets it end by itself. */
async function settle(folder: string, options: KillGatewayOptions): Promise<void> {
  await using _ = await startGateway(folder, options)
  while ((await journalsIn(join(folder, 'data'))).length > 0) await wait(50)
}

function compare({ kills }: KillGatewayOptions, answers: readonly Heard[], found: FoundRecords): KillGatewayReport {
  const { records, summed } = found
  const arrived = answers.filter(({ whole, saidAll }) => whole || saidAll)
  return {
    kills,
    requests: answers.length,
    whole: answers.filter(({ whole }) => whole).length,
    streamed: answers.filter(({ whole, stream }) => whole && stream).length,
    saidAll: answers.filter(({ whole, saidAll }) => saidAll && !whole).length,
    records: records.length,
    interrupted: records.filter(([, outcome]) => outcome === 'interrupted').length,
    ...compareRecords(
      arrived.map(({ id }) => id),
      found,
    ),
    summed,
  }
}
