import { startTestGateway } from '../start-test-gateway.ts'

export interface LimitedAsking {
  /** At the same moment; every other one is a stream. */
  readonly requests: number
  /** A minute. */
  readonly limit: number
  readonly gateways: number
  /** What they count in together. */
  readonly redisUrl: string
}

/** Sends all requests to gateways with one limit. */
export async function askAllAtOnce(
  options: LimitedAsking,
): Promise<{ readonly answered: number; readonly refused: number }> {
  const { requests, limit, gateways, redisUrl } = options
  const rules = [{ per: 'all', requests_per_minute: limit, tokens_per_minute: 1_000_000_000 } as const]
  const config = { server: { redis_url: redisUrl }, limits: { rules } }
  const labs = await Promise.all(Array.from({ length: gateways }, () => startTestGateway({ config })))
  const statuses = await Promise.all(
    Array.from({ length: requests }, async (_, index) => {
      const answer = await fetch(`${labs[index % gateways]!.url}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'small',
          stream: index % 2 === 0,
          messages: [{ role: 'user', content: 'Hi' }],
        }),
      })
      await answer.arrayBuffer()
      return answer.status
    }),
  )
  for (const lab of labs) await lab.close()
  const count = (status: number): number => statuses.filter((one) => one === status).length
  return { answered: count(200), refused: count(429) }
}
