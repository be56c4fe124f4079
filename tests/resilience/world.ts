import { request as sendRequest } from 'node:http'
import type { UsageRecord } from '@sluice/gateway'
import { type Behaviour, type RecordedRequest, startSimulator } from '@sluice/simulator'
import type { ConfigInput } from 'sluice'
import { startTestGateway } from '../start-test-gateway.ts'
import { callers, type Caller, type Heard, read } from './callers.ts'
import { type Case, casesFor } from './cases.ts'

export const goodText: readonly string[] = ['Here ', 'I ', 'am.']
const spareText = 'I stand in.'

/** What became of one case. */
export interface Observation {
  readonly case: Case
  readonly status: number
  readonly heard: Heard
  /** Milliseconds, by the headers that SDKs read. */
  readonly retryAfter: number | undefined
  /** The HTTP message came to its end. */
  readonly whole: boolean
  /** Calls that reached the failing provider, and the one that is well. */
  readonly calls: number
  readonly spareCalls: number
  readonly records: readonly UsageRecord[]
  /** How the calls at the failing provider ended. */
  readonly endings: readonly string[]
}

export interface MatrixResult {
  readonly observations: readonly Observation[]
  /** What is left when all is over. */
  readonly open: number
  readonly active: number
  /** Calls that a provider still holds open. */
  readonly held: number
}

/** Seconds that a provider may be silent, where that is what goes wrong. */
const shortPatience = 0.7
/** Cases at the same time. */
const concurrency = 32

/** Each case has a model of its own, so that they know nothing of each other. */
export async function runMatrix(): Promise<MatrixResult> {
  const streams = await goodStreams()
  const cases = new Map(casesFor(streams).map((one) => [one.model, one]))
  const requests = new Map<string, RecordedRequest[]>()
  const spareCalls = new Map<string, number>()
  await using spare = await startSimulator({
    recording: { requests: 0 },
    always(request) {
      const model = modelOf(request)
      spareCalls.set(model, (spareCalls.get(model) ?? 0) + 1)
      return { reply: { text: spareText } }
    },
  })
  const closedPort = await unusedPort()
  await using test = await startTestGateway({
    simulator: {
      models: undefined as never,
      recording: { requests: 100_000 },
      always(request) {
        const model = modelOf(request)
        const one = cases.get(model)
        const before = requests.get(model) ?? []
        requests.set(model, [...before, request])
        return one === undefined || (one.setup === 'once' && before.length > 0) ? good : behaviourOf(one)
      },
    },
    config: { routes: Object.fromEntries([...cases.values()].map((one) => [one.model, routeOf(one)])) },
    providers: ({ url }) => providersAt(url, spare.url, `http://127.0.0.1:${closedPort}/v1`),
  })

  const heard = new Map<string, Answered>()
  const waiting = [...cases.values()]
  async function work(): Promise<void> {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift())
      heard.set(one.model, await ask(test.gateway.url, one))
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  for (let patience = 100; patience > 0 && test.usage.length < cases.size; patience--) await pause(20)
  await Promise.all([...requests.values()].flat().map((request) => Promise.race([request.closed(), pause(1_000)])))
  let active = 0
  for (const state of test.gateway.engine.states.all()) active += state.active

  const records = Map.groupBy(test.usage, ({ requestedModel }) => requestedModel ?? '')
  const observations = [...cases.values()].map((one): Observation => {
    const calls = requests.get(one.model) ?? []
    return {
      case: one,
      ...heard.get(one.model)!,
      calls: calls.length,
      spareCalls: spareCalls.get(one.model) ?? 0,
      records: records.get(one.model) ?? [],
      endings: calls.map(({ outcome }) => outcome),
    }
  })
  const held = test.simulator.requests.filter(({ outcome }) => outcome === 'open').length
  return { observations, open: test.gateway.open, active, held }
}

const good: Behaviour = { reply: { text: goodText } }

function behaviourOf({ rule }: Case): Behaviour {
  const { fault, headers, reply } = rule
  return {
    reply: { text: goodText, ...reply },
    ...(fault !== 'refuse' && { fault }),
    ...(headers && { headers }),
    ...(rule.leaves === true && { timing: { gap: 1 } }),
  }
}

function routeOf({ rule, spoken, setup, model }: Case): NonNullable<ConfigInput['routes']>[string] {
  const manner = rule.fault === 'refuse' ? 'gone' : rule.silent === true ? 'hasty' : 'lab'
  const target = `${manner}-${spoken.id}/${model}`
  const spare = `spare/${model}`
  if (setup === 'fallback' && rule.fallback !== undefined)
    return { targets: [target], fallbacks: { [rule.fallback]: spare } }
  return { targets: setup === 'route' ? [target, spare] : [target] }
}

function providersAt(url: string, spare: string, gone: string): NonNullable<ConfigInput['providers']> {
  const common = { type: 'openai_compatible', api_key: 'upstream-key', max_retries: 1, models_path: null }
  const entries = callers.flatMap(({ id, dialect }) => {
    const provider = { ...common, timeout: 10, ...(dialect !== undefined && { speaks: [id] }) }
    return [
      [`lab-${id}`, { ...provider, base_url: url }],
      [`hasty-${id}`, { ...provider, base_url: url, timeout: shortPatience }],
      [`gone-${id}`, { ...provider, base_url: gone }],
    ] as const
  })
  return { ...Object.fromEntries(entries), spare: { ...common, base_url: spare } }
}

/** Of a body, or of a path that names it. */
function modelOf(request: RecordedRequest): string {
  const inPath = /\/models\/([^:/?]+):/.exec(request.path)
  return inPath?.[1] ?? (request.json() as { model: string }).model
}

/** What a provider sends when all is well, event by event. */
async function goodStreams(): Promise<ReadonlyMap<string, readonly string[]>> {
  await using simulator = await startSimulator({ always: good })
  const streams = new Map<string, readonly string[]>()
  for (const caller of callers) {
    if (caller.dialect === undefined) continue
    const response = await fetch(simulator.origin + caller.path('small', true), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify(streamingBody(caller)),
    })
    if (!response.ok) throw new Error(`${caller.id}: ${await response.text()}`)
    const events = (await response.text()).split('\n\n').filter((event) => event !== '')
    streams.set(
      caller.id,
      events.map((event) => `${event}\n\n`),
    )
  }
  return streams
}

/** As the gateway sends it. */
function streamingBody(caller: Caller): object {
  const usage = caller.id === 'openai-chat' ? { stream_options: { include_usage: true } } : {}
  return { ...caller.body('small', true), ...usage }
}

type Answered = Pick<Observation, 'status' | 'heard' | 'whole' | 'retryAfter'>

function ask(origin: string, one: Case): Promise<Answered> {
  const { caller, model, stream, rule } = one
  const body = JSON.stringify(caller.body(model, stream))
  return new Promise((resolve, reject) => {
    const request = sendRequest(origin + caller.path(model, stream), {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    })
    request.on('error', reject)
    request.on('response', (response) => {
      const { statusCode: status = 0, headers } = response
      const asked = headers['retry-after-ms']
      const retryAfter = asked === undefined ? undefined : Number(asked)
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece: string) => {
        text += piece
        if (rule.leaves === true && text.split('\n\n').length > 20) request.destroy()
      })
      response.on('error', () => undefined)
      response.on('close', () =>
        resolve({ status, heard: read(caller, text, stream && status === 200), whole: response.complete, retryAfter }),
      )
    })
    request.end(body)
  })
}

async function unusedPort(): Promise<number> {
  const simulator = await startSimulator()
  await simulator.close()
  return simulator.port
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
