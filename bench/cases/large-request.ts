import { bodyFile, column, interleave, isProxy, withContenders, type Case } from '../case.ts'
import { expectAnswer } from '../measure/expect.ts'
import { processorTime } from '../measure/process-tree.ts'
import { wrk } from '../measure/wrk.ts'
import { chatAnswer, chatRequest } from '../payloads.ts'
import { startAnswering } from '../upstreams/upstreams.ts'

const requestBytes = 400 * 1024
const answerBytes = 900
const connections = 8

export const largeRequest: Case = {
  id: 'large-request',
  title: 'Large requests, 400 KB in, 0.9 KB out',
  method:
    `wrk with ${connections} keep-alive connections; nginx as upstream. Warm-up: 1,000 requests or 8 seconds; ` +
    'each round: 400 requests or 2 seconds. The body is one long message, as of a pasted document.',
  run: async (bench) => {
    const upstream = await startAnswering(bench.processes, `${bench.directory}/upstream`, answerBytes)
    const body = chatRequest(requestBytes, false)
    const check = expectAnswer(body, chatAnswer(answerBytes))
    return await withContenders(bench, upstream.origin, check, async (all) => {
      const proxies = all.filter(isProxy)
      const load = { bodyFile: bodyFile(bench, body), connections }
      for (const proxy of proxies) await wrk(proxy, { ...load, requests: 1_000, seconds: 8 })
      const figures = await interleave(proxies, bench.quick ? 5 : 9, async (proxy) => {
        const before = processorTime(proxy.pid)
        const result = await wrk(proxy, { ...load, requests: 400, seconds: 2 })
        return { processor: (processorTime(proxy.pid) - before) / result.requests }
      })
      return [column('CPU per request', 'µs', 0, true, figures.processor)]
    }).finally(upstream.stop)
  },
}
