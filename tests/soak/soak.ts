import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Behaviour, startSimulator } from '@sluice/simulator'
import type { ConfigInput } from 'sluice'
import { type Memory, startWatchedGateway } from './watched-gateway.ts'

export interface SoakOptions {
  readonly minutes: number
  /** About. */
  readonly requestsPerSecond: number
  /** Hears of each look at the memory. */
  readonly tell?: (sample: SoakSample) => void
}

export interface SoakSample extends Memory {
  /** Seconds since the load began. */
  readonly at: number
  readonly requests: number
}

export interface SoakReport {
  readonly requests: number
  /** By what callers saw: a status, `left` for those who went away, `cut` for streams that broke off. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly samples: readonly SoakSample[]
  /** Bytes a minute by which held memory grows, by the samples after the first third. */
  readonly slope: number
  /** The same of resident memory. */
  readonly residentSlope: number
}

const callerKey = 'sk-soak'
/** As fast as they go, before memory is watched: whatever keeps a limited number of things is full by then. */
const warmUpRequests = 6_000
const callers = 24
const models = ['small', 'large'] as const

/** A gateway under every kind of request for a while, with all that it keeps and counts switched on. */
export async function soak({ minutes, requestsPerSecond, tell }: SoakOptions): Promise<SoakReport> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-soak-'))
  const simulator = await startSimulator({ models: [...models], recording: { requests: 0 } })
  let provided = 0
  simulator.always(() => behaviourOf(provided++))
  const gateway = await startWatchedGateway(folder, configuration(simulator.url))
  const outcomes: Record<string, number> = {}
  const samples: SoakSample[] = []
  let requests = 0
  let started = performance.now()
  const seconds = (): number => (performance.now() - started) / 1000
  const end = minutes * 60

  async function askOnce(): Promise<void> {
    const outcome = await ask(gateway.url, requests++)
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  }

  async function warmUp(): Promise<void> {
    while (requests < warmUpRequests) await askOnce()
  }

  async function caller(): Promise<void> {
    while (seconds() < end) {
      // As many as should have been made by now, and no more.
      if (requests - warmUpRequests >= seconds() * requestsPerSecond) await sleep(5)
      else await askOnce()
    }
  }

  async function watch(): Promise<void> {
    while (seconds() < end) {
      await sleep(Math.min(5_000, (end * 1000) / 30))
      const sample = { at: seconds(), requests, ...(await gateway.memory()) }
      samples.push(sample)
      tell?.(sample)
    }
  }

  try {
    await Promise.all(Array.from({ length: callers }, warmUp))
    started = performance.now()
    await Promise.all([watch(), ...Array.from({ length: callers }, caller)])
  } finally {
    await simulator.close()
    await gateway[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  }
  const settled = samples.filter(({ at }) => at > end / 3)
  return {
    requests,
    outcomes,
    samples,
    slope: slopeOf(settled.map(({ at, held }) => [at / 60, held])),
    residentSlope: slopeOf(settled.map(({ at, resident }) => [at / 60, resident])),
  }
}

/** One in ten goes wrong, in one way or another. */
function behaviourOf(number: number): Behaviour {
  switch (number % 40) {
    case 3:
      return { fault: { kind: 'status', status: 500 } }
    case 13:
      return { fault: { kind: 'status', status: 429, retryAfterMs: 10 } }
    case 23:
      return { fault: { kind: 'cut', at: { event: 3 } } }
    case 33:
      return { fault: { kind: 'invalid-json' } }
    default:
      return { reply: { text: 'A few words for an answer. '.repeat(1 + (number % 7)) } }
  }
}

async function ask(url: string, number: number): Promise<string> {
  const stream = number % 2 === 0
  const leaves = number % 10 === 4
  const leave = new AbortController()
  try {
    const response = await fetch(`${url}${number % 5 === 1 ? '/v1/messages' : '/v1/chat/completions'}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${number % 50 === 7 ? 'sk-wrong' : callerKey}`,
        'x-request-id': `soak-${number}`,
      },
      body: number % 50 === 17 ? '{"model":' : JSON.stringify(question(number, stream)),
      signal: leave.signal,
    })
    if (leaves) {
      await response.body?.getReader().read()
      leave.abort()
      return 'left'
    }
    const text = await response.text()
    if (response.status === 200 && stream && !/\[DONE\]|message_stop/.test(text)) return 'cut'
    return String(response.status)
  } catch {
    return leaves ? 'left' : 'cut'
  }
}

function question(number: number, stream: boolean): object {
  return {
    // Names that nobody has, never the same twice, among them.
    model: number % 25 === 9 ? `made-up-${number}` : number % 3 === 0 ? 'pair' : 'lab/small',
    stream,
    max_tokens: 100,
    // Some ask what was asked before.
    messages: [{ role: 'user', content: `Question ${number % 4 === 2 ? number % 100 : number}` }],
  }
}

function configuration(url: string): ConfigInput {
  return {
    server: { port: 0, keys: [callerKey, 'sk-other'], data_dir: 'data' },
    default_provider: 'lab',
    providers: {
      lab: { type: 'openai_compatible', base_url: url, api_key: 'upstream-key', models: [...models] },
    },
    routes: { pair: { targets: ['lab/small', 'lab/large'], strategy: 'round-robin' } },
    routing: { breaker: { enabled: false } },
    cache: { ttl: 30, max_bytes: 1024 * 1024 },
  }
}

/** Least squares. */
function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const meanX = mean(points.map(([x]) => x))
  const meanY = mean(points.map(([, y]) => y))
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  return points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread
}
