import { bodyFile, column, interleave, isProxy, withContenders, type Bench, type Case, type Column } from '../case.ts'
import { expectStream, readOnce } from '../measure/expect.ts'
import { processorTime } from '../measure/process-tree.ts'
import { wrk } from '../measure/wrk.ts'
import { chatRequest } from '../payloads.ts'
import { startStreaming } from '../upstreams/upstreams.ts'

export const chunks = 100
const connections = 32
const gap = 2

export const streaming: Case = {
  id: 'streaming',
  title: `Streams of ${chunks} chunks, each on its own`,
  method:
    `wrk with ${connections} keep-alive connections. Each answer is ${chunks} server-sent events of about 200 ` +
    `bytes, one write each, ${gap} ms or more apart, so that a proxy meets each alone: the way models send them. ` +
    'Warm-up: 2,048 streams or 10 seconds; each round: 320 streams. "Pieces" is how many reads one lone stream ' +
    `took at the client: below ${chunks}, chunks were lumped together.`,
  run: (bench) => measureStreams(bench, { connections, gap, streams: 320, rounds: 9 }),
}

export interface StreamLoad {
  readonly connections: number
  /** Milliseconds between two chunks. */
  readonly gap: number
  /** In each round. */
  readonly streams: number
  readonly rounds: number
}

export async function measureStreams(bench: Bench, streamLoad: StreamLoad): Promise<Column[]> {
  const { connections, gap, streams, rounds } = streamLoad
  const upstream = await startStreaming(bench.processes, `${bench.directory}/upstream`, { chunks, gap })
  const body = chatRequest(1024, true)
  return await withContenders(bench, upstream.origin, expectStream(body, chunks), async (all) => {
    const proxies = all.filter(isProxy)
    const load = { bodyFile: bodyFile(bench, body), connections, finish: true }
    const pieces: Record<string, number[]> = {}
    for (const proxy of proxies) {
      bench.log(`warming up ${proxy.name}`)
      await wrk(proxy, { ...load, requests: 2_048, seconds: bench.quick ? 6 : 10 })
      pieces[proxy.id] = [(await readOnce(proxy, body)).reads]
    }
    bench.log('measuring')
    const figures = await interleave(proxies, bench.quick ? 5 : rounds, async (proxy) => {
      const before = processorTime(proxy.pid)
      const result = await wrk(proxy, { ...load, requests: streams, seconds: 30 })
      return {
        processor: (processorTime(proxy.pid) - before) / result.requests,
        duration: result.medianLatency / 1_000,
      }
    })
    return [
      column('CPU per stream', 'µs', 0, true, figures.processor),
      column('duration', 'ms', 0, false, figures.duration),
      column('pieces', '', 0, false, pieces),
    ]
  }).finally(upstream.stop)
}
