import { parseArgs } from 'node:util'
import { spendAllAtOnce } from '../tests/limits/spend-all-at-once.ts'
import { startRedis } from '../tests/servers/redis.ts'

/**
 * `npm run prove:budget [-- --requests 500] [--affordable 10]`: requests at the same moment against a budget for a few of
 * them, with one gateway and with three that share a Redis. Prints what was spent.
 */
const { values } = parseArgs({
  options: { requests: { type: 'string', default: '500' }, affordable: { type: 'string', default: '10' } },
})
const requests = Number(values.requests)
const affordable = Number(values.affordable)

async function prove(title: string, gateways: number, redisUrl: string | undefined): Promise<void> {
  const { answered, refused, others, spent, budget } = await spendAllAtOnce({
    requests,
    affordable,
    gateways,
    redisUrl,
  })
  console.log(title)
  console.log(`  requests at the same moment, half of them streams  ${requests}`)
  console.log(`  the budget, for ${affordable} of them                        ${(budget / 1e9).toFixed(2)} USD`)
  console.log(`  answered                                          ${answered}`)
  console.log(`  refused with 402                                  ${refused}`)
  console.log(`  other answers                                     ${others}`)
  console.log(`  spent                                             ${(spent / 1e9).toFixed(2)} USD`)
  console.log(
    `  spent beyond the budget                           ${(Math.max(0, spent - budget) / 1e9).toFixed(2)} USD`,
  )
  if (spent > budget || others > 0 || answered === 0) process.exitCode = 1
}

await prove('One gateway, counting in memory', 1, undefined)
await using redis = await startRedis()
await prove('Three gateways, counting in Redis', 3, redis.url)
