import { soakAborts } from '../tests/faults/soak-aborts.ts'

/** `node --conditions=sluice-source bench/soak-aborts.ts [count]`: aborts so many streams, and prints what they left behind. */
const count = Number(process.argv[2] ?? 10_000)
const started = performance.now()
const { before, after, open, upstreamConnections, outcomes } = await soakAborts(count)
const seconds = (performance.now() - started) / 1000
const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`

console.log(`${count} aborted streams in ${seconds.toFixed(1)} s, gateway, provider and callers in one process`)
console.log(`outcomes             ${JSON.stringify(outcomes)}`)
console.log(`open requests        ${open}`)
console.log(`upstream connections ${upstreamConnections}`)
console.log(`sockets              ${before.sockets} → ${after.sockets}`)
console.log(`timers               ${before.timers} → ${after.timers}`)
console.log(`heap                 ${megabytes(before.heapBytes)} → ${megabytes(after.heapBytes)}`)
console.log(`resident             ${megabytes(before.residentBytes)} → ${megabytes(after.residentBytes)}`)
