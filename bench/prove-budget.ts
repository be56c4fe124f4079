import { parseArgs } from 'node:util'
import { askAllAtOnce } from '../tests/limits/ask-all-at-once.ts'
import { type Held, killHolder } from '../tests/limits/kill-holder.ts'
import { spendAllAtOnce } from '../tests/limits/spend-all-at-once.ts'
import { startRedis } from '../tests/servers/redis.ts'
import { chat, startWorkers } from '../tests/workers/start-workers.ts'

/**
 * `npm run prove:budget [-- --requests 500] [--affordable 10]`: requests at the same moment against a budget for a few of
 * them, with one gateway and with three that share a Redis; the same against a limit, and with two workers and no Redis; and how
 * long a process that was killed holds what it took. Prints what was spent, and how many were let in.
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

async function proveLimit(redisUrl: string): Promise<void> {
  const { answered, refused } = await askAllAtOnce({ requests, limit: affordable, gateways: 3, redisUrl })
  console.log(`Three gateways, one limit of ${affordable} requests a minute, counted in Redis`)
  console.log(`  requests at the same moment, half of them streams  ${requests}`)
  console.log(`  let in                                            ${answered}`)
  console.log(`  refused with 429                                  ${refused}`)
  if (answered !== affordable || answered + refused !== requests) process.exitCode = 1
}

async function proveWorkers(): Promise<void> {
  await using gateway = await startWorkers(`limits: { rules: [{ per: all, requests_per_minute: ${affordable} }] }\n`)
  const answers = await Promise.all(
    Array.from({ length: requests }, (_, index) =>
      gateway.ask('/v1/chat/completions', { body: chat({ stream: index % 2 === 0 }) }),
    ),
  )
  const count = (wanted: number): number => answers.filter(({ status }) => status === wanted).length
  console.log(`Two workers and no Redis, one limit of ${affordable} requests a minute, counted in the first process`)
  console.log(`  requests at the same moment, half of them streams  ${requests}`)
  console.log(
    `  workers that answered                             ${new Set(answers.map(({ worker }) => worker)).size}`,
  )
  console.log(`  let in                                            ${count(200)}`)
  console.log(`  refused with 429                                  ${count(429)}`)
  if (count(200) !== affordable || count(200) + count(429) !== requests) process.exitCode = 1
}

async function proveKilled(title: string, held: Held, refusal: number, redisUrl: string): Promise<void> {
  const { whileHeld, rightAfter, freeAfter } = await killHolder(held, redisUrl)
  console.log(title)
  console.log(`  another gateway, meanwhile                        ${whileHeld}`)
  console.log(`  right after the kill                              ${rightAfter}`)
  console.log(`  let in again after                                ${freeAfter.toFixed(1)} s`)
  if (whileHeld !== refusal || rightAfter !== refusal || freeAfter > 65) process.exitCode = 1
}

await prove('One gateway, counting in memory', 1, undefined)
await using redis = await startRedis()
await prove('Three gateways, counting in Redis', 3, redis.createDatabase())
await proveLimit(redis.createDatabase())
await proveWorkers()
await Promise.all([
  proveKilled('The last place of a limit, held by a gateway that is killed', 'places', 429, redis.createDatabase()),
  proveKilled('The last of a budget, held by a gateway that is killed', 'budget', 402, redis.createDatabase()),
])
