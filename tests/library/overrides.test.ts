import { startSimulator, type Simulator } from '@sluice/simulator'
import { createSluice, type Sluice, type Transport } from 'sluice'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** Calls that say themselves where they go, in this process and by a gateway. */
let world: TestGateway
let spare: Simulator

beforeEach(async () => {
  spare = await startSimulator({ models: ['small'] })
  world = await startTestGateway({ providers: () => ({ spare: spareProvider() }) })
})

afterEach(async () => {
  await world.close()
  await spare.close()
})

const spareProvider = () =>
  ({ type: 'openai_compatible', base_url: spare.url, api_key: 'key', max_retries: 0 }) as const

const messages = [{ role: 'user', content: 'Hi' }] as const

describe.each(['process', 'gateway'])('by the %s', (way) => {
  let sluice: Sluice
  beforeEach(() => {
    const lab = { type: 'openai_compatible', base_url: world.simulator.url, api_key: 'upstream-key', max_retries: 0 }
    const config = way === 'gateway' ? { gateway: world.gateway.url } : { providers: { lab, spare: spareProvider() } }
    sluice = createSluice(config, { environment: {} })
  })
  afterEach(() => sluice.close())

  test('another route', async () => {
    const answer = await sluice.chat({ model: 'lab/small', messages }, { route: 'spare/small' })
    expect(answer.provider).toBe('spare')
  })

  test('more retries', async () => {
    world.simulator.next({ fault: { kind: 'status', status: 500 } })
    const answer = await sluice.chat({ model: 'lab/small', messages }, { retries: 1 })
    expect(answer).toMatchObject({ provider: 'lab', attempts: 2 })
  })

  test('a limit of time, for connecting and the answer together', async () => {
    world.simulator.next({ fault: { kind: 'hang', at: 'head' } })
    const asked = sluice.chat({ model: 'lab/small', messages }, { timeout: 0.5 })
    const message = expect.stringMatching(/first-byte timeout, (?:[1-4]?\d?\d|500) ms/) as string
    await expect(asked).rejects.toMatchObject({ code: 'upstream_timeout', message })
  })

  test('other models after the first', async () => {
    world.simulator.next({ fault: { kind: 'status', status: 500 } })
    const request = { model: 'lab/small', models: ['spare/small'], messages }
    expect((await sluice.chat(request)).provider).toBe('spare')
  })

  test('what is wrong is said', async () => {
    const code = 'invalid_request'
    const retries = { code, param: 'retries', message: '`retries` must be a whole number from 0 to 10.' }
    await expect(sluice.chat('Hi', { retries: 11 })).rejects.toMatchObject(retries)
    await expect(sluice.embed('Hi', { route: 5 as never })).rejects.toMatchObject({ code, param: 'route' })
    const name = { code: 'invalid_model_name', param: 'model' }
    await expect(sluice.chat('Hi', { route: 'lab/模型' })).rejects.toMatchObject(name)
    const stream = sluice.stream({ model: 'lab/small', messages }, { timeout: -1 })
    await expect(stream.result()).rejects.toMatchObject({ code, param: 'timeout' })
    expect(world.simulator.requests.filter(({ method }) => method === 'POST')).toEqual([])
  })
})

test('an answer that has begun is not ended by the limit, however early it began', async () => {
  const transport: Transport = {
    send(_request, receiver) {
      receiver.start(200, { 'content-type': 'application/json' })
      const message = { role: 'assistant', content: 'Late.' }
      const body = JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }] })
      setTimeout(() => {
        receiver.data(new TextEncoder().encode(body))
        receiver.end()
      }, 50)
      return { pause: () => undefined, resume: () => undefined, cancel: () => undefined }
    },
    close: () => Promise.resolve(),
  }
  const lab = { type: 'openai_compatible', base_url: 'http://lab.test', api_key: 'key', models_path: null } as const
  const sluice = createSluice({ providers: { lab } }, { environment: {}, transport })
  expect((await sluice.chat({ model: 'lab/small', messages }, { timeout: 0.01 })).text).toBe('Late.')
  await sluice.close()
})
