import { type ClientRequest, request as sendRequest } from 'node:http'
import { type Behaviour, type RecordedRequest, type Simulator, startSimulator } from '@sluice/simulator'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** Callers of routes who go away: what is under way for them ends, and what waits for them never begins. */
let world: TestGateway
let second: Simulator

/** A bound that the requirement names, not a measurement: a call that was forgotten stays open for ever. */
const soon = 100

beforeAll(async () => {
  second = await startSimulator({ models: ['small', 'large'] })
  world = await startTestGateway({
    providers: () => ({
      spare: { type: 'openai_compatible', base_url: second.url, api_key: 'spare-key', models_path: null },
    }),
    config: {
      providers: { lab: { max_retries: 2, models_path: null } },
      routing: { retry_reserve: 10_000, breaker: { enabled: false } },
      routes: {
        pair: { targets: ['lab/small', 'spare/small'] },
        hedged: { targets: ['lab/small', 'spare/small'], hedge: { delay: 20, max_extra: 1 } },
        narrow: { targets: [{ model: 'lab/large', max_concurrent: 1 }] },
        single: { targets: ['lab/small'] },
      },
    },
  })
})

afterAll(async () => {
  await world.close()
  await second.close()
})

afterEach(() => {
  for (const simulator of [world.simulator, second]) simulator.reset()
  for (const simulator of [world.simulator, second]) simulator.always(undefined)
})

const hangs: Behaviour = { fault: { kind: 'hang', at: 'head' } }
const stalls: Behaviour = { fault: { kind: 'hang', at: { event: 2 } } }
const fails: Behaviour = { fault: { kind: 'status', status: 500 } }

function ask(model: string, stream = false): ClientRequest {
  const body = JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hi' }] })
  const request = sendRequest(`${world.url}/chat/completions`, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  })
  request.on('error', () => undefined)
  request.on('response', (response) => response.on('error', () => undefined).resume())
  request.end(body)
  return request
}

const streams = (request: RecordedRequest): boolean => (request.json() as { stream?: boolean }).stream === true

const callsAt = (simulator: Simulator): readonly RecordedRequest[] =>
  simulator.requests.filter(({ method }) => method === 'POST')

async function reached(simulator: Simulator, count = 1): Promise<readonly RecordedRequest[]> {
  await expect.poll(() => callsAt(simulator).filter(({ bodyComplete }) => bodyComplete).length).toBe(count)
  return callsAt(simulator)
}

/** @returns how the calls ended, if they did so in time. */
function endings(calls: readonly RecordedRequest[]): Promise<readonly string[]> {
  const late = (): Promise<string> => new Promise((resolve) => setTimeout(() => resolve('still open'), soon))
  return Promise.all(calls.map((call) => Promise.race([call.closed(), late()])))
}

function active(): number {
  let count = 0
  for (const state of world.gateway.engine.states.all()) count += state.active + (state.limit?.waiting ?? 0)
  return count
}

async function expectNothingLeft(): Promise<void> {
  await expect.poll(() => [world.gateway.open, active()]).toEqual([0, 0])
}

// Again where the machine was too busy: what is forgotten is so each time.
describe('a caller who goes away', { retry: 2 }, () => {
  test.each([
    ['while the first target is silent', false, hangs],
    ['while the first target streams', true, stalls],
  ])('%s: its call is closed, and no other target is asked', async (_name, stream, behaviour) => {
    const before = world.usage.length
    world.simulator.next(behaviour)
    const request = ask('pair', stream)
    const calls = await reached(world.simulator)
    request.destroy()
    expect(await endings(calls)).toEqual(['aborted'])
    await expectNothingLeft()
    expect(callsAt(second)).toEqual([])
    expect(world.usage.slice(before)).toMatchObject([{ outcome: 'aborted', attempts: 1 }])
  })

  test('after the first target failed, while the second is silent: that call is closed', async () => {
    const before = world.usage.length
    world.simulator.next(fails)
    second.next(hangs)
    const request = ask('pair')
    const calls = await reached(second)
    request.destroy()
    expect(await endings(calls)).toEqual(['aborted'])
    await expectNothingLeft()
    expect(callsAt(world.simulator)).toHaveLength(1)
    expect(world.usage.slice(before)).toMatchObject([{ outcome: 'aborted', attempts: 2 }])
  })

  test('while two targets are asked side by side: both calls are closed', async () => {
    const before = world.usage.length
    world.simulator.next(hangs)
    second.next(hangs)
    const request = ask('hedged')
    const calls = [...(await reached(world.simulator)), ...(await reached(second))]
    request.destroy()
    expect(await endings(calls)).toEqual(['aborted', 'aborted'])
    await expectNothingLeft()
    expect(world.usage.slice(before)).toMatchObject([{ outcome: 'aborted' }])
  })

  test('once one of two side by side streams: the other was closed before, and this one is now', async () => {
    world.simulator.next(hangs)
    second.next(stalls)
    const request = ask('hedged', true)
    await new Promise((resolve) => request.once('response', resolve))
    expect(await endings(callsAt(world.simulator))).toEqual(['aborted'])
    request.destroy()
    expect(await endings(callsAt(second))).toEqual(['aborted'])
    await expectNothingLeft()
  })

  test('while it waits for a place: its place in the queue is free, and nothing is asked for it', async () => {
    const before = world.usage.length
    world.simulator.next(hangs)
    const holder = ask('narrow')
    const calls = await reached(world.simulator)
    const waiting = [ask('narrow'), ask('narrow')]
    await expect.poll(active).toBe(3)
    for (const request of waiting) request.destroy()
    await expect.poll(active).toBe(1)
    holder.destroy()
    expect(await endings(calls)).toEqual(['aborted'])
    await expectNothingLeft()
    expect(callsAt(world.simulator)).toHaveLength(1)
    expect(world.usage.slice(before).map(({ outcome }) => outcome)).toEqual(['aborted', 'aborted', 'aborted'])
    // The place is there for the next one.
    const next = ask('narrow')
    await new Promise((resolve) => next.once('response', resolve))
    await expectNothingLeft()
  })

  test('while a repetition is due: it is never made', async () => {
    const before = world.usage.length
    world.simulator.next({ fault: { kind: 'status', status: 503, retryAfterMs: 300 } })
    const request = ask('single')
    const [call] = await reached(world.simulator)
    await call?.closed()
    await new Promise((resolve) => setTimeout(resolve, 20))
    request.destroy()
    await expectNothingLeft()
    await new Promise((resolve) => setTimeout(resolve, 350))
    expect(callsAt(world.simulator)).toHaveLength(1)
    expect(world.usage.slice(before)).toMatchObject([{ outcome: 'aborted', attempts: 1 }])
  })
})

test('of 500 callers who go away at any moment nothing is left', async () => {
  const before = world.usage.length
  const behaviours = [hangs, stalls, fails, {}, { fault: { kind: 'status', status: 429, retryAfterMs: 40 } }] as const
  const models = ['pair', 'hedged', 'narrow', 'single'] as const
  for (const simulator of [world.simulator, second]) {
    let count = 0
    simulator.always((request) => {
      const behaviour = behaviours[count++ % behaviours.length]!
      // A whole answer that stalls after its last byte has nothing left to be given up: it stays open with its connection.
      return behaviour === stalls && !streams(request) ? hangs : behaviour
    })
  }
  let begun = 0
  async function caller(): Promise<void> {
    for (let index = begun++; index < 500; index = begun++) {
      const request = ask(models[index % models.length]!, index % 3 === 0)
      const closed = new Promise((resolve) => request.once('close', resolve))
      // From before the call is made to after it was repeated.
      setTimeout(() => request.destroy(), (index * 7) % 60)
      await closed
    }
  }
  await Promise.all(Array.from({ length: 25 }, caller))
  await expectNothingLeft()
  await expect
    .poll(() => [world.simulator, second].flatMap(callsAt).filter(({ outcome }) => outcome === 'open'), {
      timeout: 10_000,
    })
    .toEqual([])
  // Who left before the request was whole is not metered: nobody was let in.
  expect(world.usage.length - before).toBeLessThanOrEqual(500)
  expect(new Set(world.usage.slice(before).map(({ requestId }) => requestId)).size).toBe(world.usage.length - before)
})
