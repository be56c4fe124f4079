import { column, withContenders, type Case } from '../case.ts'
import { direct } from '../contenders/direct.ts'
import { expectStream } from '../measure/expect.ts'
import { median } from '../measure/statistics.ts'
import { keepAliveAgent, readStream } from '../measure/stream-client.ts'
import { chatRequest } from '../payloads.ts'
import { startStreaming } from '../upstreams/upstreams.ts'

const chunks = 3

export const firstByte: Case = {
  id: 'first-byte',
  title: 'Time to the first byte of a stream',
  method:
    'One keep-alive connection to each contender; streams of 3 chunks from an upstream that starts at once. The ' +
    'contenders take turns stream by stream; a round is 60 streams of each, its figure their median. Warm-up: 200 ' +
    'streams of each. "Added" is the median less the direct way\'s median of the same round. Wall-clock.',
  run: async (bench) => {
    const upstream = await startStreaming(bench.processes, `${bench.directory}/upstream`, { chunks, gap: 0 })
    const body = chatRequest(1024, true)
    return await withContenders(bench, upstream.origin, expectStream(body, chunks), async (running) => {
      const lanes = running.map((one) => ({ one, agent: keepAliveAgent() }))
      const turn = async (times: number): Promise<Record<string, number>> => {
        const waited: Record<string, number[]> = {}
        for (let count = 0; count < times; count++) {
          for (const { one, agent } of lanes) {
            const { firstByte } = await readStream(one, body, agent)
            ;(waited[one.id] ??= []).push(firstByte)
          }
        }
        return Object.fromEntries(Object.entries(waited).map(([id, times]) => [id, median(times)]))
      }
      await turn(200)
      const total: Record<string, number[]> = {}
      const added: Record<string, number[]> = {}
      for (let round = 0; round < (bench.quick ? 3 : 5); round++) {
        const medians = await turn(60)
        for (const [id, value] of Object.entries(medians)) {
          ;(total[id] ??= []).push(value)
          if (id !== direct.id) (added[id] ??= []).push(value - medians[direct.id]!)
        }
      }
      for (const { agent } of lanes) agent.destroy()
      return [column('time to first byte', 'ms', 2, false, total), column('added', 'ms', 2, false, added)]
    }).finally(upstream.stop)
  },
}
