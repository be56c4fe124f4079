import { setTimeout as sleep } from 'node:timers/promises'
import { checkedProxies, column, interleave, startProxy, type Case, type Proxy } from '../case.ts'
import type { Running } from '../contenders/contender.ts'
import { residentMemory } from '../measure/process-tree.ts'
import { openStreams } from '../measure/stream-client.ts'
import { chatRequest } from '../payloads.ts'
import { startStreaming } from '../upstreams/upstreams.ts'

const streams = 512
const megabyte = 1024 * 1024

export const idleStreams: Case = {
  id: 'idle-streams',
  title: `${streams} open streams that are silent`,
  method:
    `Each contender is started anew in every round and warmed up with 64 streams; then ${streams} streams are ` +
    'opened that bring one event and stay open. Memory is what is resident for the processes (nginx: both of them), ' +
    'taken a second after the last stream has brought its event; per stream, it is the growth since before.',
  run: async (bench) => {
    const shape = { chunks: 3, gap: 0, hold: true }
    const upstream = await startStreaming(bench.processes, `${bench.directory}/upstream`, shape)
    const body = chatRequest(1024, true)
    const measure = async (one: Proxy): Promise<{ held: number; each: number }> => {
      const close = await openStreams(one, body, 64)
      await sleep(500)
      close()
      await sleep(1_000)
      const before = residentMemory(one.pid)
      const closeAll = await openStreams(one, body, streams)
      await sleep(1_000)
      const held = residentMemory(one.pid)
      closeAll()
      await sleep(200)
      return { held: held / megabyte, each: (held - before) / streams / 1024 }
    }
    const check = async (one: Running): Promise<void> => (await openStreams(one, body, 1))()
    const proxies = await checkedProxies(bench, upstream.origin, check)
    const figures = await interleave(proxies, bench.quick ? 1 : 3, async (contender) => {
      const one = await startProxy(bench, contender, upstream.origin)
      return await measure(one).finally(one.stop)
    }).finally(upstream.stop)
    return [column('memory', 'MB', 0, false, figures.held), column('per stream', 'KB', 1, true, figures.each)]
  },
}
