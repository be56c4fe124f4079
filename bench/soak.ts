import { soak } from '../tests/soak/soak.ts'

/** `npm run bench:soak [minutes] [requests a second]`: all kinds of requests for a while, and what memory the gateway holds meanwhile. */
const minutes = Number(process.argv[2] ?? 30)
const requestsPerSecond = Number(process.argv[3] ?? 200)
const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1)

console.log('| minute | requests | held by objects, MB | resident, MB |')
console.log('|---|---|---|---|')
let shown = 0
const report = await soak({
  minutes,
  requestsPerSecond,
  tell({ at, requests, held, resident }) {
    if (at - shown < (minutes * 60) / 20) return
    shown = at
    console.log(`| ${(at / 60).toFixed(1)} | ${requests} | ${megabytes(held)} | ${megabytes(resident)} |`)
  },
})
console.log(`\n${report.requests} requests: ${JSON.stringify(report.outcomes)}`)
console.log(`held memory grows by ${(report.slope / 1024).toFixed(1)} KB a minute after the first third`)
console.log(`resident memory by ${(report.residentSlope / 1024).toFixed(1)} KB a minute`)
