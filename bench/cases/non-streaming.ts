import { bodyFile, column, interleave, isProxy, withContenders } from '../case.ts'
import type { Bench, Case, Column, Proxy } from '../case.ts'
import { expectAnswer } from '../measure/expect.ts'
import { processorTime } from '../measure/process-tree.ts'
import { wrk } from '../measure/wrk.ts'
import { chatAnswer, chatRequest } from '../payloads.ts'
import { startAnswering } from '../upstreams/upstreams.ts'

const requestBytes = 1024
const answerBytes = 900
const connections = 32

export const nonStreaming: Case = {
  id: 'non-streaming',
  title: 'Non-streaming requests, 1 KB in, 0.9 KB out',
  method:
    `wrk with ${connections} keep-alive connections, each sending its next request when it has its answer. The ` +
    'upstream is nginx answering from memory. Warm-up: 20,000 requests or 15 seconds; each round: 8,000 requests or ' +
    '2 seconds, whichever ends first. Requests per second are wall-clock on one core, given for orientation.',
  run: async (bench) => {
    const upstream = await startAnswering(bench.processes, `${bench.directory}/upstream`, answerBytes)
    const body = chatRequest(requestBytes, false)
    const check = expectAnswer(body, chatAnswer(answerBytes))
    return await withContenders(bench, upstream.origin, check, (all) =>
      measure(bench, all.filter(isProxy), body),
    ).finally(upstream.stop)
  },
}

async function measure(bench: Bench, proxies: readonly Proxy[], body: string): Promise<Column[]> {
  const load = { bodyFile: bodyFile(bench, body), connections }
  for (const proxy of proxies) {
    bench.log(`warming up ${proxy.name}`)
    await wrk(proxy, { ...load, requests: 20_000, seconds: 15 })
  }
  bench.log('measuring')
  const figures = await interleave(proxies, bench.quick ? 9 : 15, async (proxy) => {
    const before = processorTime(proxy.pid)
    const result = await wrk(proxy, { ...load, requests: 8_000, seconds: 2 })
    return {
      processor: (processorTime(proxy.pid) - before) / result.requests,
      rate: result.requests / result.seconds,
    }
  })
  return [
    column('CPU per request', 'µs', 1, true, figures.processor),
    column('requests per second', '/s', 0, false, figures.rate),
  ]
}
