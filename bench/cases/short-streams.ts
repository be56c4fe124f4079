import { column, interleave, withContenders, type Case } from '../case.ts'
import { expectStream } from '../measure/expect.ts'
import { median } from '../measure/statistics.ts'
import { keepAliveAgent, readStream } from '../measure/stream-client.ts'
import { chatRequest } from '../payloads.ts'
import { startStreaming } from '../upstreams/upstreams.ts'

const inARow = 20
const chunks = 3

export const shortStreams: Case = {
  id: 'short-streams',
  title: `${inARow} short streams in a row`,
  method:
    `${inARow} streams of 3 chunks, one after the other on one keep-alive connection, from an upstream without any ` +
    "delay; 200 streams of warm-up. A proxy that lets Nagle's algorithm meet delayed acknowledgements shows a " +
    'stall of 40 ms in every row. Wall-clock: a single long stream can be the machine doing something else; the ' +
    'direct way has such ones too.',
  run: async (bench) => {
    const upstream = await startStreaming(bench.processes, `${bench.directory}/upstream`, { chunks, gap: 0 })
    const body = chatRequest(1024, true)
    return await withContenders(bench, upstream.origin, expectStream(body, chunks), async (running) => {
      const row = async (one: (typeof running)[number], count: number): Promise<number[]> => {
        const agent = keepAliveAgent()
        const totals: number[] = []
        for (let index = 0; index < count; index++) totals.push((await readStream(one, body, agent)).total)
        agent.destroy()
        return totals
      }
      for (const one of running) await row(one, 200)
      const figures = await interleave(running, bench.quick ? 5 : 15, async (one) => {
        const totals = await row(one, inARow)
        return { median: median(totals), longest: Math.max(...totals) }
      })
      return [
        column('median of a row', 'ms', 2, false, figures.median),
        column('longest of a row', 'ms', 2, false, figures.longest),
      ]
    }).finally(upstream.stop)
  },
}
