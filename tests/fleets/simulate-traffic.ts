import { openaiChat } from '@sluice/protocol'
import { type Answer, buildConfig, composeEngine, type ConfigInput, type Engine, Exchange, providers } from 'sluice'
import { type Call, createFleet, type Node, originOf } from './fleet.ts'
import { type VirtualClock, withVirtualClock } from './virtual-clock.ts'

export interface Traffic {
  readonly nodes: readonly Node[]
  /** Of the route that leads to them. */
  readonly route: Omit<NonNullable<ConfigInput['routes']>[string], 'targets'>
  readonly routing?: NonNullable<ConfigInput['routing']>
  readonly maxRetries?: number
  readonly seconds: number
  readonly requestsPerSecond: number
  readonly seed: number
  /** Hears of each call with the state of the node's circuit, when it is made. */
  readonly sent?: (call: Call, circuit: 'closed' | 'open' | 'half-open') => void
}

/** What became of one request. */
export interface Outcome {
  /** Seconds. */
  readonly at: number
  /** Who answered; `undefined` when nobody did. */
  readonly node: string | undefined
  /** Milliseconds to the first token, or until the request had failed. */
  readonly took: number
  /** The nodes that were asked, in order of their end. */
  readonly asked: readonly string[]
}

export interface TrafficReport {
  readonly outcomes: readonly Outcome[]
  readonly calls: readonly Call[]
}

/** Callers come back: requests belong to so many sessions. */
const sessions = 300

/** Sends requests through the engine's own loop to a fleet that is simulated, in virtual time. */
export function simulateTraffic(traffic: Traffic): Promise<TrafficReport> {
  return withVirtualClock(traffic.seed, async (clock) => {
    const { nodes, seconds, requestsPerSecond, sent } = traffic
    const startedAt = clock.now()
    const states = (call: Call): void => {
      const { guard } = engine.states.of(`${call.node}/m`)
      sent?.(call, guard?.describe?.(clock.now()).state ?? 'closed')
    }
    const fleet = createFleet(nodes, clock, startedAt, states)
    const engine = composeEngine(
      buildConfig({ presets: providers, input: configOf(traffic) }),
      providers,
      fleet.transport,
    )
    const findRoute = engine.routeFinder(openaiChat)
    const outcomes: Outcome[] = []
    const count = seconds * requestsPerSecond
    for (let index = 0; index < count; index++) {
      const arrival = (index + clock.random()) / requestsPerSecond
      clock.after(arrival * 1000, () => {
        void ask(engine, findRoute, clock, index).then((outcome) => outcomes.push({ ...outcome, at: arrival }))
      })
    }
    await clock.run()
    if (outcomes.length !== count) throw new Error(`${count - outcomes.length} requests were never answered`)
    return { outcomes, calls: fleet.calls }
  })
}

/** A config in which `smart` leads to all nodes. */
export function configOf({
  nodes,
  route,
  routing,
  maxRetries = 0,
}: Pick<Traffic, 'nodes' | 'route' | 'routing' | 'maxRetries'>): ConfigInput {
  const provider = (node: Node): NonNullable<ConfigInput['providers']>[string] => ({
    type: 'openai_compatible',
    base_url: `${originOf(node)}/v1`,
    api_key: 'none',
    models: ['m'],
    models_path: null,
    max_retries: maxRetries,
  })
  return {
    providers: Object.fromEntries(nodes.map((node) => [node.name, provider(node)])),
    models: nodes.flatMap(({ name, price }) =>
      price === undefined ? [] : [{ id: `${name}/m`, price: { input: price, output: price } }],
    ),
    routes: {
      smart: { ...route, targets: nodes.map(({ name, weight = 1 }) => ({ model: `${name}/m`, weight })) },
    },
    ...(routing !== undefined && { routing }),
  }
}

const body = new TextEncoder().encode('{"model":"smart","stream":true,"messages":[{"role":"user","content":"Hello"}]}')

export function fleetExchange(index: number): Exchange {
  const exchange = new Exchange(`req_${index}`, openaiChat, body, openaiChat.peek(body), performance.now())
  exchange.callerHeaders = { 'x-session-id': `session-${(index * 7919) % sessions}` }
  return exchange
}

async function ask(
  engine: Engine,
  findRoute: ReturnType<Engine['routeFinder']>,
  clock: VirtualClock,
  index: number,
): Promise<Omit<Outcome, 'at'>> {
  const exchange = fleetExchange(index)
  const askedNodes = (): string[] => exchange.attempts.map(({ target }) => target.provider.id)
  let answer: Answer
  try {
    answer = await engine.attempt(exchange, findRoute('smart'))
  } catch {
    return { node: undefined, took: clock.now() - exchange.startedAt, asked: askedNodes() }
  }
  const took = clock.now() - exchange.startedAt
  answer.relay({ write: () => undefined, end: () => undefined, fail: () => undefined })
  return { node: answer.target.provider.id, took, asked: askedNodes() }
}
