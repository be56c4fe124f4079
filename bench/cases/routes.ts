import { bodyFile, column, interleave, isProxy, withContenders, type Case } from '../case.ts'
import { expectAnswer } from '../measure/expect.ts'
import { processorTime } from '../measure/process-tree.ts'
import { wrk } from '../measure/wrk.ts'
import { chatAnswer, chatRequest } from '../payloads.ts'
import { startAnswering } from '../upstreams/upstreams.ts'

const requestBytes = 1024
const answerBytes = 900
const connections = 32

/** The names of the config that the contender is started with. */
const ways = [
  { model: 'lab/qwen', name: 'a model' },
  { model: 'route-1', name: 'a route of one' },
  { model: 'weighted-8', name: 'weighted over 8' },
  { model: 'latency-8', name: 'lowest latency of 8' },
] as const

export const routes: Case = {
  id: 'routes',
  title: 'What choosing among targets costs',
  method:
    `Sluice alone: non-streaming requests as above, for a model's name and for routes, which take turns. All targets ` +
    'are the same nginx. What a route adds is the difference to the model in the same round. Warm-up: 20,000 requests ' +
    'or 10 seconds each; each round: 8,000 requests or 2 seconds.',
  run: async (bench) => {
    const upstream = await startAnswering(bench.processes, `${bench.directory}/upstream`, answerBytes)
    const bodies = ways.map(({ model }) => chatRequest(requestBytes, false).replace('"lab/qwen"', `"${model}"`))
    const sluice = bench.contenders.filter(({ id }) => id === 'sluice')
    const check = expectAnswer(bodies.at(-1)!, chatAnswer(answerBytes))
    return await withContenders({ ...bench, contenders: sluice }, upstream.origin, check, async (all) => {
      const proxy = all.find(isProxy)
      if (proxy === undefined) return []
      const loads = ways.map(({ model }, index) => ({
        id: model,
        load: { bodyFile: bodyFile(bench, bodies[index]!, `request-${index}`), connections },
      }))
      for (const { id, load } of loads) {
        bench.log(`warming up ${id}`)
        await wrk(proxy, { ...load, requests: 20_000, seconds: 10 })
      }
      bench.log('measuring')
      const { processor } = await interleave(loads, bench.quick ? 9 : 15, async ({ load }) => {
        const before = processorTime(proxy.pid)
        const { requests } = await wrk(proxy, { ...load, requests: 8_000, seconds: 2 })
        return { processor: (processorTime(proxy.pid) - before) / requests }
      })
      const [plain] = ways.map(({ model }) => processor[model]!)
      return ways.flatMap(({ model, name }, index) => {
        const own = processor[model]!
        const added = own.map((value, round) => value - plain![round]!)
        return [
          column(name, 'µs', 1, false, { sluice: own }),
          ...(index === 0 ? [] : [column(`added by ${name}`, 'µs', 1, false, { sluice: added })]),
        ]
      })
    }).finally(upstream.stop)
  },
}
