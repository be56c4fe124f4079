import { bodyFile, column, interleave, withContenders, type Case } from '../case.ts'
import { expectAnswer } from '../measure/expect.ts'
import { wrk } from '../measure/wrk.ts'
import { chatAnswer, chatRequest } from '../payloads.ts'
import { startAnswering } from '../upstreams/upstreams.ts'

const connections = 4
const pause = 20
const answerBytes = 900

export const addedLatency: Case = {
  id: 'added-latency',
  title: 'Latency at a modest, fixed load',
  method:
    `wrk with ${connections} connections that rest ${pause} ms on average between two requests (about ` +
    `${(connections * 1000) / pause} requests a second), 1 KB in, 0.9 KB out, nginx as upstream. Compare with the row ` +
    '"direct". Wall-clock.',
  run: async (bench) => {
    const upstream = await startAnswering(bench.processes, `${bench.directory}/upstream`, answerBytes)
    const body = chatRequest(1024, false)
    const check = expectAnswer(body, chatAnswer(answerBytes))
    return await withContenders(bench, upstream.origin, check, async (running) => {
      const load = { bodyFile: bodyFile(bench, body), connections }
      for (const one of running) await wrk(one, { ...load, requests: 10_000, seconds: 5 })
      const figures = await interleave(running, bench.quick ? 3 : 5, async (one) => {
        const result = await wrk(one, { ...load, pause, requests: 100_000, seconds: 2 })
        return { median: result.medianLatency, high: result.highLatency }
      })
      return [column('median', 'µs', 0, false, figures.median), column('99th percentile', 'µs', 0, false, figures.high)]
    }).finally(upstream.stop)
  },
}
