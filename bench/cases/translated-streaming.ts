import { bodyFile, column, interleave, isProxy, withContenders, type Case } from '../case.ts'
import type { Running } from '../contenders/contender.ts'
import { processorTime } from '../measure/process-tree.ts'
import { wrk } from '../measure/wrk.ts'
import { chatRequest, path } from '../payloads.ts'
import { startStreaming } from '../upstreams/upstreams.ts'

const chunks = 100
const connections = 8
const streams = 512

interface Way {
  readonly id: string
  readonly name: string
  readonly path: string
  /** Which of the two providers is asked. */
  readonly provider: 'lab' | 'claude'
}

const ways: readonly Way[] = [
  { id: 'relayed', name: 'relayed', path, provider: 'lab' },
  { id: 'from-openai', name: 'OpenAI provider, Anthropic caller', path: '/v1/messages', provider: 'lab' },
  { id: 'from-anthropic', name: 'Anthropic provider, OpenAI caller', path, provider: 'claude' },
]

export const translatedStreaming: Case = {
  id: 'translated-streaming',
  title: `Streams of ${chunks} chunks between two dialects`,
  method:
    `Sluice alone, in three ways that take turns: relaying OpenAI's events, and translating them to and from ` +
    `Anthropic's. ${connections} connections; the upstream writes as fast as it goes. Warm-up: 2,048 streams or 10 ` +
    `seconds each; each round: ${streams} streams.`,
  run: async (bench) => {
    const upstream = await startStreaming(bench.processes, `${bench.directory}/upstream`, { chunks, gap: 0 })
    const sluice = bench.contenders.filter(({ id }) => id === 'sluice')
    return await withContenders({ ...bench, contenders: sluice }, upstream.origin, checkWays, async (all) => {
      const proxy = all.find(isProxy)
      if (proxy === undefined) return []
      const loads = ways.map((way) => ({
        id: way.id,
        load: { bodyFile: bodyFile(bench, requestOf(way), way.id), path: way.path, connections, finish: true },
      }))
      for (const { id, load } of loads) {
        bench.log(`warming up ${id}`)
        await wrk(proxy, { ...load, requests: 2_048, seconds: bench.quick ? 6 : 10 })
      }
      bench.log('measuring')
      const { processor } = await interleave(loads, bench.quick ? 5 : 15, async ({ load }) => {
        const before = processorTime(proxy.pid)
        const { requests } = await wrk(proxy, { ...load, requests: streams, seconds: 30 })
        return { processor: (processorTime(proxy.pid) - before) / requests }
      })
      return ways.map(({ id, name }) => column(name, 'µs', 0, false, { sluice: processor[id]! }))
    }).finally(upstream.stop)
  },
}

function requestOf({ provider }: Way): string {
  return chatRequest(1024, true).replace('"lab/qwen"', `"${provider}/qwen"`)
}

/** What is fast must first be right: all the words, and the end. */
async function checkWays({ origin, headers }: Running): Promise<void> {
  for (const way of ways) {
    const response = await fetch(origin + way.path, { method: 'POST', headers, body: requestOf(way) })
    const answer = await response.text()
    const end = way.path === path ? 'data: [DONE]' : '"type":"message_stop"'
    const words = answer.split('quick brown fox').length - 1
    if (!answer.includes(end) || words < chunks - 1) throw new Error(`${way.name}: ${answer.slice(0, 500)}`)
  }
}
