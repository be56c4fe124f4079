import { getEventListeners } from 'node:events'
import type { SluiceError } from '@sluice/protocol'
import { describe, expect, it } from 'vitest'
import { chats, failureOf, testSluice } from './contracts/test-sluice.ts'
import { createSluice, type Sluice } from './create-sluice.ts'

const { closing, setUp } = testSluice()

it('an answer that cannot be read names the provider', async () => {
  const { simulator, sluice } = await setUp()
  simulator.always({ on: 'any', raw: { body: '{"data":[null]}' } })
  const { code, upstream } = await failureOf(sluice.embed({ model: 'lab/small', input: 'Hello' }))
  expect([code, upstream]).toEqual(['upstream_invalid_response', { provider: 'lab' }])
})

describe('an abort signal', () => {
  it('ends a call that waits, and closes its connection', async () => {
    const setup = await setUp()
    setup.simulator.next('hang-before-head')
    const controller = new AbortController()
    const failing = failureOf(setup.sluice.chat('Hello', { signal: controller.signal }))
    await expect.poll(() => chats(setup).length).toBe(1)
    controller.abort(new Error('enough'))
    const error = await failing
    expect([error.code, (error.cause as Error).message]).toEqual(['client_closed_request', 'enough'])
    await expect.poll(() => chats(setup)[0]?.outcome).toBe('aborted')
  })

  it('ends a stream in its middle', async () => {
    const setup = await setUp()
    setup.simulator.next('hang-mid-stream')
    const controller = new AbortController()
    const stream = setup.sluice.stream('Hello', { signal: controller.signal })
    const iterator = stream.textStream[Symbol.asyncIterator]()
    await iterator.next()
    controller.abort()
    expect((await failureOf(stream.result())).code).toBe('client_closed_request')
    await expect.poll(() => chats(setup)[0]?.outcome).toBe('aborted')
  })

  it('that comes while a form is written sends nothing', async () => {
    const setup = await setUp()
    const controller = new AbortController()
    const failing = failureOf(setup.sluice.transcribe({ file: new Uint8Array(9) }, { signal: controller.signal }))
    controller.abort()
    expect((await failing).code).toBe('client_closed_request')
    // Another call, which is asked after it would have been.
    await setup.sluice.transcribe({ file: new Uint8Array(9) })
    expect(chats(setup)).toHaveLength(1)
  })

  it('that outlives its calls keeps nothing of them', async () => {
    const { simulator, sluice } = await setUp()
    const { signal } = new AbortController()
    simulator.next({ fault: { kind: 'status', status: 400 } })
    await failureOf(sluice.chat('Hello', { signal }))
    await sluice.chat('Hello', { signal })
    await sluice.stream('Hello', { signal }).result()
    for await (const _text of sluice.stream('Hello', { signal }).textStream) break
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('that was given already sends nothing', async () => {
    const setup = await setUp()
    const signal = AbortSignal.abort()
    expect((await failureOf(setup.sluice.chat('Hello', { signal }))).code).toBe('client_closed_request')
    expect((await failureOf(setup.sluice.stream('Hello', { signal }).text())).code).toBe('client_closed_request')
    expect(chats(setup)).toHaveLength(0)
  })
})

describe('a failure', () => {
  async function bothWays(sluice: Sluice, input: Parameters<Sluice['chat']>[0]): Promise<[SluiceError, SluiceError]> {
    return [await failureOf(sluice.chat(input)), await failureOf(sluice.stream(input).text())]
  }

  it('for a wrong key says so, without the key', async () => {
    const { sluice } = await setUp({ apiKey: 'another' })
    for (const error of await bothWays(sluice, 'Hello')) {
      expect(error.code).toBe('upstream_authentication_failed')
      expect(error.message).not.toContain('key-1')
    }
  })

  it('for a model that the provider does not have names near ones', async () => {
    const { sluice } = await setUp()
    await sluice.listModels()
    for (const error of await bothWays(sluice, { model: 'smal', messages: [{ role: 'user', content: 'Hi' }] })) {
      expect(error.code).toBe('model_not_found')
      expect(error.message).toContain('lab/small')
    }
  })

  it('for a provider that is down says so', async () => {
    const { simulator, sluice } = await setUp()
    await simulator.close()
    for (const error of await bothWays(sluice, 'Hello')) {
      expect([error.code, error.message]).toEqual([
        'upstream_unreachable',
        'Could not connect to the provider (connection refused).',
      ])
    }
  })

  it('for something that is no answer says so', async () => {
    const { simulator, sluice } = await setUp()
    simulator.always('html')
    for (const error of await bothWays(sluice, 'Hello')) expect(error.code).toBe('upstream_invalid_response')
  })

  it('for a request that is none says so', async () => {
    const { sluice } = await setUp()
    for (const error of await bothWays(sluice, {} as never))
      expect([error.code, error.param]).toEqual(['invalid_request', 'messages'])
    for (const error of await bothWays(sluice, { messages: [], n: 1n as never }))
      expect(error.code).toBe('invalid_request')
  })

  it('to configure anything is told at the first call', async () => {
    const sluice = createSluice({}, { environment: {} })
    closing.push(() => sluice.close())
    for (const error of await bothWays(sluice, 'Hello')) expect(error.code).toBe('no_provider_configured')
  })

  it('in the configuration is told at once', () => {
    expect(() => createSluice({ providers: { lab: { bse_url: 'x' } } } as never, { environment: {} })).toThrow(
      /base_url/,
    )
  })
})
