import { setTimeout as sleep } from 'node:timers/promises'
import { checkedProxies, column, interleave, startProxy, type Case } from '../case.ts'
import { processorTime, residentMemory } from '../measure/process-tree.ts'
import { startAnswering } from '../upstreams/upstreams.ts'

const megabyte = 1024 * 1024

export const startUp: Case = {
  id: 'start-up',
  title: 'Starting, and doing nothing',
  method:
    'From starting the process to its first 200, looked for every 2 ms. "First start": home, temporary and data ' +
    'directories are new and empty, so that nothing compiled is found there. "Second start": the same directories ' +
    'again. "CPU" is the processor time spent when the second start is ready. Idle memory is what is resident a ' +
    'second later, before any request. Times are wall-clock.',
  run: async (bench) => {
    const upstream = await startAnswering(bench.processes, `${bench.directory}/upstream`, 900)
    let start = 0
    const proxies = await checkedProxies(bench, upstream.origin, () => Promise.resolve())
    const figures = await interleave(proxies, bench.quick ? 3 : 5, async (contender) => {
      const label = `-${start++}`
      const first = await startProxy(bench, contender, upstream.origin, label)
      await first.stop()
      const second = await startProxy(bench, contender, upstream.origin, label)
      const processor = processorTime(second.pid)
      await sleep(1_000)
      const memory = residentMemory(second.pid)
      await second.stop()
      return {
        first: first.startTime,
        second: second.startTime,
        processor: processor / 1_000,
        memory: memory / megabyte,
      }
    }).finally(upstream.stop)
    return [
      column('first start', 'ms', 0, false, figures.first),
      column('second start', 'ms', 0, false, figures.second),
      column('CPU', 'ms', 0, false, figures.processor),
      column('idle memory', 'MB', 0, false, figures.memory),
    ]
  },
}
