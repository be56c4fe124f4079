import { startTestGateway } from '../start-test-gateway.ts'

export interface SpendingOptions {
  /** At the same moment; every other one is a stream. */
  readonly requests: number
  /** How many of them the budget pays for. */
  readonly affordable: number
  readonly gateways: number
  /** What they count in together; absent: each for itself. */
  readonly redisUrl?: string | undefined
}

export interface SpendingReport {
  readonly answered: number
  readonly refused: number
  /** Neither answered nor refused for the budget's sake. */
  readonly others: number
  /** Nano-dollars, as the ledger's records have it. */
  readonly spent: number
  readonly budget: number
}

/** A token costs a thousandth of a dollar; a request says how many it takes at most, and takes them all. */
const nanoDollarsPerToken = 1_000_000
const outputTokens = 1_000
const inputTokens = 10

/** Sends all requests to gateways with one budget for a few of them, and adds up what was spent. */
export async function spendAllAtOnce(options: SpendingOptions): Promise<SpendingReport> {
  const { requests, affordable, gateways, redisUrl } = options
  const budget = affordable * (inputTokens + outputTokens) * nanoDollarsPerToken
  const labs = await Promise.all(
    Array.from({ length: gateways }, () =>
      startTestGateway({
        config: {
          ...(redisUrl !== undefined && { server: { redis_url: redisUrl } }),
          models: [{ id: 'lab/small', price: { input: 1000, output: 1000 } }],
          budgets: { rules: [{ per: 'all', amount: budget / 1e9 }] },
        },
      }),
    ),
  )
  const body = (stream: boolean): string =>
    JSON.stringify({ model: 'small', max_tokens: outputTokens, stream, messages: [{ role: 'user', content: 'Hi' }] })
  for (const { simulator } of labs)
    simulator.always({ reply: { usage: { input: inputTokens, output: outputTokens } }, timing: { latency: 50 } })
  const statuses = await Promise.all(
    Array.from({ length: requests }, async (_, index) => {
      const answer = await fetch(`${labs[index % gateways]!.url}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: body(index % 2 === 0),
      })
      await answer.arrayBuffer()
      return answer.status
    }),
  )
  const spent = labs.flatMap(({ usage }) => usage).reduce((sum, { cost }) => sum + (cost?.nanoDollars ?? 0), 0)
  for (const lab of labs) await lab.close()
  const count = (status: number): number => statuses.filter((one) => one === status).length
  const [answered, refused] = [count(200), count(402)]
  return { answered, refused, others: requests - answered - refused, spent, budget }
}
