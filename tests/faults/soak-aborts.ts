import { request as sendRequest } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { startTestGateway } from '../start-test-gateway.ts'
import { userMessage } from './ask.ts'

/** What the process holds. */
export interface Holdings {
  /** After a full garbage collection. */
  readonly heapBytes: number
  readonly residentBytes: number
  readonly sockets: number
  readonly timers: number
}

export interface SoakReport {
  readonly before: Holdings
  readonly after: Holdings
  /** Requests that the gateway still answers. */
  readonly open: number
  readonly upstreamConnections: number
  /** Records of the meter by their outcome. */
  readonly outcomes: Readonly<Record<string, number>>
}

/** Callers at the same time. */
const concurrency = 40

/**
 * Gateway and provider in this process; `count` streams whose callers leave, by turns after the first event, in the
 * middle, and before there is any answer.
 */
export async function soakAborts(count: number): Promise<SoakReport> {
  await using test = await startTestGateway({
    // A connection that asked for the list of models would be kept.
    config: { providers: { lab: { models_path: null } } },
    simulator: {
      recording: { requests: 0 },
      always: (request) =>
        request.body.includes('"user":"silent"')
          ? { fault: { kind: 'hang', at: 'head' } }
          : { fault: { kind: 'endless' }, timing: { gap: 1 } },
    },
  })
  const settled = async (expected: number): Promise<void> => {
    for (let waited = 0; waited < 10_000; waited += 20) {
      if (test.usage.length >= expected && test.gateway.open === 0 && test.simulator.openConnections === 0) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const warmUp = 200
  await abortMany(test.url, warmUp)
  await settled(warmUp)
  const before = takeStock()
  await abortMany(test.url, count)
  await settled(warmUp + count)
  const after = takeStock()
  const outcomes: Record<string, number> = {}
  for (const { outcome } of test.usage.slice(warmUp)) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  return { before, after, open: test.gateway.open, upstreamConnections: test.simulator.openConnections, outcomes }
}

async function abortMany(url: string, count: number): Promise<void> {
  let next = 0
  const caller = async (): Promise<void> => {
    while (next < count) await abortOne(url, next++)
  }
  await Promise.all(Array.from({ length: concurrency }, caller))
}

function abortOne(url: string, index: number): Promise<void> {
  const silent = index % 4 === 0
  const events = index % 4
  const body = JSON.stringify({ model: 'small', stream: true, user: silent ? 'silent' : 'loud', messages: userMessage })
  return new Promise((resolve) => {
    const request = sendRequest(`${url}/chat/completions`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', 'content-length': body.length },
    })
    const leave = (): void => void request.destroy()
    request.on('error', () => undefined)
    request.on('close', resolve)
    request.on('response', (response) => {
      let heard = 0
      response.on('error', () => undefined)
      response.on('data', () => ++heard >= events && leave())
    })
    request.end(body, () => silent && setTimeout(leave, 10))
  })
}

function takeStock(): Holdings {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  const { heapUsed, rss } = process.memoryUsage()
  const resources = process.getActiveResourcesInfo()
  const count = (kind: string): number => resources.filter((name) => name === kind).length
  return { heapBytes: heapUsed, residentBytes: rss, sockets: count('TCPSocketWrap'), timers: count('Timeout') }
}
