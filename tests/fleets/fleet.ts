import type { Transport, UpstreamReceiver } from 'sluice'
import type { VirtualClock } from './virtual-clock.ts'

/** One target of a simulated fleet. */
export interface Node {
  readonly name: string
  /** Milliseconds to the first token, on average; each call takes 0.7 to 1.3 of it. */
  readonly latency: number
  /** Share of its calls that fail at once. Default 0. */
  readonly failures?: number
  /** Share of its calls that take ten times as long. Default 0. */
  readonly slow?: number
  /** Whether it refuses every call at such a second of the simulation. */
  readonly down?: (second: number) => boolean
  /** USD for a million tokens. */
  readonly price?: number
  /** Its share of a strategy's traffic. Default 1. */
  readonly weight?: number
  /** Calls a minute, as its headers say. */
  readonly limit?: number
}

/** One call to a node, as it was made. */
export interface Call {
  readonly node: string
  /** Seconds. */
  readonly at: number
  failed: boolean
}

export interface Fleet {
  readonly transport: Transport
  readonly calls: readonly Call[]
}

const encoder = new TextEncoder()
const firstToken = encoder.encode(
  'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}]}\n\n',
)
const rest = encoder.encode(
  'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
)
const failure = encoder.encode('{"error":{"message":"The server had an error.","type":"server_error"}}')

/** How long an answer takes from its first token on, as a share of the time to it. */
const streaming = 2

/** A fleet that answers without a network. `sent` hears of each call before it counts. */
export function createFleet(
  nodes: readonly Node[],
  clock: VirtualClock,
  startedAt: number,
  sent?: (call: Call) => void,
): Fleet {
  const calls: Call[] = []
  const byOrigin = new Map(nodes.map((node) => [originOf(node), node]))
  const minutes = new Map<string, number>()

  function headersOf({ name, limit }: Node): Record<string, string> {
    if (limit === undefined) return {}
    const minute = `${name} ${Math.floor(clock.now() / 60_000)}`
    const used = (minutes.get(minute) ?? 0) + 1
    minutes.set(minute, used)
    return {
      'x-ratelimit-limit-requests': String(limit),
      'x-ratelimit-remaining-requests': String(Math.max(1, limit - used)),
    }
  }

  function answer(node: Node, call: Call, receiver: UpstreamReceiver, isOver: () => boolean): void {
    const { latency, failures = 0, slow = 0, down } = node
    const own = latency * (0.7 + 0.6 * clock.random()) * (clock.random() < slow ? 10 : 1)
    call.failed = down?.(call.at) === true || clock.random() < failures
    const later = (milliseconds: number, happen: () => void): void =>
      void clock.after(milliseconds, () => {
        if (!isOver()) happen()
      })
    if (call.failed) {
      later(5, () => {
        receiver.start(500, { 'content-type': 'application/json' })
        receiver.data(failure)
        receiver.end()
      })
      return
    }
    later(own, () => {
      receiver.start(200, { 'content-type': 'text/event-stream', ...headersOf(node) })
      receiver.data(firstToken)
      later(own * streaming, () => {
        receiver.data(rest)
        receiver.end()
      })
    })
  }

  return {
    calls,
    transport: {
      send({ destination }, receiver) {
        const node = byOrigin.get(destination.origin)
        if (node === undefined) throw new Error(`nobody is at ${destination.origin}`)
        const call: Call = { node: node.name, at: (clock.now() - startedAt) / 1000, failed: false }
        sent?.(call)
        calls.push(call)
        let isOver = false
        answer(node, call, receiver, () => isOver)
        return { pause: () => undefined, resume: () => undefined, cancel: () => void (isOver = true) }
      },
      close: () => Promise.resolve(),
    },
  }
}

export function originOf({ name }: Node): string {
  return `http://${name}.fleet`
}
