import { setTimeout as wait } from 'node:timers/promises'
import { startRedis } from '../servers/redis.ts'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { askOnce, startSteadyLoad } from './steady-load.ts'

export interface StopRedisOptions {
  readonly whenLost: 'fail-open' | 'fail-closed'
  /** That it is away. */
  readonly seconds: number
  /** Seconds of load before, and after it is back. */
  readonly around: number
  readonly requestsPerSecond: number
}

/** Of requests by a key with a limit, many more than it has room for: how many were let in, and what the others were told. */
export interface LetIn {
  readonly asked: number
  readonly answered: number
  readonly refusals: Readonly<Record<string, number>>
}

export interface StopRedisReport {
  readonly gateways: number
  /** Requests a minute, of all gateways together. */
  readonly limit: number
  readonly before: LetIn
  readonly away: LetIn
  readonly after: LetIn
  /** Of a key whose limit has room for all: callers who ask all the time, half of them with streams. */
  readonly load: LetIn
  /** What health said of the limits: before, while it was away, and after. */
  readonly states: readonly [string, string, string]
}

const gateways = 3
const limit = 12

/** Three gateways under load that count in one Redis, which is stopped and comes back empty. */
export async function stopRedis(options: StopRedisOptions): Promise<StopRedisReport> {
  const { whenLost, seconds, around, requestsPerSecond } = options
  await using redis = await startRedis()
  const labs = await Promise.all(
    Array.from({ length: gateways }, () =>
      startTestGateway({
        config: {
          server: { redis_url: redis.url, keys: ['busy', 'limited'] },
          limits: {
            replicas: gateways,
            when_lost: whenLost,
            rules: [
              { per: 'key', match: { keys: ['key-1'] }, requests_per_minute: 3_000_000 },
              { per: 'key', match: { keys: ['key-2'] }, requests_per_minute: limit },
            ],
          },
        },
      }),
    ),
  )
  const urls = labs.map(({ gateway }) => gateway.url)
  const load = startSteadyLoad({ gateways: urls, keys: ['busy'], callers: 6, requestsPerSecond })

  async function useUp(title: string): Promise<LetIn> {
    const asking = Array.from({ length: 3 * limit }, (_, index) =>
      askOnce({ url: urls[index % gateways]!, key: 'limited', id: `${title}-${index}`, stream: index % 2 === 0 }),
    )
    return letIn(await Promise.all(asking))
  }
  /** When all gateways say so. The load makes them ask. */
  async function untilLimitsAre(state: string): Promise<string> {
    for (const lab of labs) while ((await limitsState(lab)) !== state) await wait(20)
    return state
  }

  try {
    await wait(around * 1000)
    const wasOk = await untilLimitsAre('ok')
    const before = await useUp('before')
    await redis.stop()
    const wasLost = await untilLimitsAre('lost')
    const away = await useUp('away')
    await wait(seconds * 1000)
    await redis.start()
    const isOk = await untilLimitsAre('ok')
    const after = await useUp('after')
    await wait(around * 1000)
    await load.stop()
    return {
      gateways,
      limit,
      before,
      away,
      after,
      load: letIn(load.heard),
      states: [wasOk, wasLost, isOk],
    }
  } finally {
    await load.stop()
    for (const lab of labs) await lab.close()
  }
}

function letIn(heard: SteadyHeard): LetIn {
  const refusals: Record<string, number> = {}
  for (const { whole, status, code } of heard) {
    if (whole) continue
    const told = `${status} ${code ?? ''}`.trim()
    refusals[told] = (refusals[told] ?? 0) + 1
  }
  return { asked: heard.length, answered: heard.filter(({ whole }) => whole).length, refusals }
}

type SteadyHeard = ReturnType<typeof startSteadyLoad>['heard']

async function limitsState({ gateway }: TestGateway): Promise<string> {
  const response = await fetch(`${gateway.url}/api/llm/health`, { headers: { authorization: 'Bearer busy' } })
  return ((await response.json()) as { limits: { state: string } }).limits.state
}
