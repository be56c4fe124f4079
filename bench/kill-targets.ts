import { killTargets } from '../tests/resilience/kill-targets.ts'

/**
 * `npm run bench:kill [requests]`: official SDK clients call a route of two providers, each a process of its own; one
 * after the other is killed and started again meanwhile. Prints what the clients saw, and what the gateway absorbed:
 * as it is by default, and where the route goes on with streams that broke off.
 */
const requests = Number(process.argv[2] ?? 2_000)

async function run(continuation: boolean): Promise<void> {
  const started = performance.now()
  const report = await killTargets({ requests, concurrency: 20, kills: 6, continuation })
  const seconds = (performance.now() - started) / 1000
  const { kills, whole, streamed, errors, cut, upstreamCalls, failures, absorbed } = report

  console.log(`continuation ${continuation ? 'on' : 'off (the default)'}`)
  console.log(
    `  ${requests} requests by the openai SDK, 20 at a time, half of them streams, in ${seconds.toFixed(1)} s`,
  )
  console.log(`  kills (SIGKILL) and restarts  ${kills}`)
  console.log(`  answered, whole               ${whole}`)
  console.log(`  answered, streamed            ${streamed}`)
  console.log(`  errors before an answer       ${errors.length}`)
  console.log(`  streams cut after their words ${cut.length}`)
  console.log(`  upstream calls                ${JSON.stringify(upstreamCalls)}`)
  console.log(`  attempts that failed          ${JSON.stringify(failures)}`)
  console.log(`    of which nobody heard       ${absorbed}`)
  for (const message of new Set([...errors, ...cut])) console.log(`  ! ${message}`)
  if (errors.length > 0) process.exitCode = 1
}

await run(false)
await run(true)
console.log(
  'Words that were said cannot be taken back: without continuation, a stream that breaks off after them says so.',
)
