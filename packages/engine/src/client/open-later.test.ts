import { startSimulator } from '@sluice/simulator'
import { describe, expect, it } from 'vitest'
import { chats, failureOf, testSluice } from './contracts/test-sluice.ts'
import { createSluice } from './create-sluice.ts'

const { setUp } = testSluice()

const byTier = (when: string) => ({
  routes: { tiered: { targets: [{ model: 'lab/large', when }, 'lab/small'] } },
  prompts: { greeting: { user: 'Say hello' } },
})

describe('a route with a condition', () => {
  it('is gone by its conditions from the first call on, whole and as a stream', async () => {
    const setup = await setUp({}, byTier('metadata.?tier.orValue("") == "gold"'))
    const ask = (tier: string) => ({
      model: 'tiered',
      metadata: { tier },
      messages: [{ role: 'user' as const, content: 'Hi' }],
    })
    const [gold, tin, streamed] = await Promise.all([
      setup.sluice.chat(ask('gold')),
      setup.sluice.chat(ask('tin')),
      setup.sluice.stream(ask('gold')).result(),
    ])
    expect([gold.model, tin.model, streamed.model]).toEqual(['large', 'small', 'large'])
    expect(gold).toMatchObject({ provider: 'lab', attempts: 1 })
  })

  it('is explained by what its conditions say', async () => {
    const setup = await setUp({}, byTier('stream'))
    const { decisions } = await setup.sluice.explain({ model: 'tiered' })
    expect(decisions?.[0]?.candidates).toMatchObject([
      { outcome: 'filtered', reason: 'not when stream' },
      { outcome: 'picked' },
    ])
  })

  it('pins a request that allows no fallbacks to the target that its condition leads to', async () => {
    const setup = await setUp({}, byTier('!stream'))
    const answer = await setup.sluice.chat({
      model: 'tiered',
      messages: [{ role: 'user', content: 'Hi' }],
      provider: { allow_fallbacks: false },
    })
    expect(answer.model).toBe('large')
  })

  it('that is no expression fails each call, naming the place and sending nothing', async () => {
    const setup = await setUp({}, byTier('stream &&'))
    const errors = [
      await failureOf(setup.sluice.chat('Hello')),
      await failureOf(setup.sluice.stream('Hello').text()),
      await failureOf(setup.sluice.explain()),
      await failureOf(setup.sluice.embed('Hello')),
    ]
    for (const { code, message } of errors)
      expect([code, message]).toEqual([
        'invalid_config',
        expect.stringMatching(/routes\.tiered\.targets\[0\]\.when: The condition "stream &&" cannot be read: /),
      ])
    expect(chats(setup)).toHaveLength(0)
  })

  it('ends with its signal before it was ever asked', async () => {
    const setup = await setUp({}, byTier('stream'))
    const controller = new AbortController()
    const failing = failureOf(setup.sluice.chat('Hello', { signal: controller.signal }))
    controller.abort()
    expect((await failing).code).toBe('client_closed_request')
    // The next call waits for the same opening; what was given up is not asked by then.
    await setup.sluice.chat('Hello again')
    expect(chats(setup)).toHaveLength(1)
  })

  it('asks nobody for what is given up while it is opened', async () => {
    const setup = await setUp({}, byTier('stream'))
    const stream = setup.sluice.stream('Hello')
    const failing = failureOf(stream.text())
    stream.cancel()
    expect((await failing).code).toBe('client_closed_request')
    await setup.sluice.chat('Hello again')
    expect(chats(setup)).toHaveLength(1)
  })

  it('counts as it was when the client was made: configuration, environment and prompts', async () => {
    const simulator = await startSimulator({ models: ['small', 'large'] })
    const provider = { type: 'openai_compatible', base_url: simulator.url, api_key: '${LAB_KEY}', max_retries: 0 }
    const config = { default_provider: 'lab', providers: { lab: provider }, ...byTier('!stream') }
    const environment = { LAB_KEY: 'first-key' }
    const sluice = createSluice(config, { environment })
    provider.base_url = 'http://127.0.0.1:1'
    provider.api_key = 'third-key'
    config.routes.tiered.targets = [{ model: 'lab/small', when: 'stream &&' }]
    config.prompts.greeting.user = 'Say goodbye'
    environment.LAB_KEY = 'second-key'
    try {
      expect((await sluice.chat({ prompt: 'greeting' }, { route: 'tiered' })).model).toBe('large')
      const [sent] = chats({ simulator, sluice })
      expect(sent?.header('authorization')).toBe('Bearer first-key')
      expect(String(sent?.body)).toContain('Say hello')
    } finally {
      await sluice.close()
      await simulator.close()
    }
  })

  it('leaves prompts, health and lists as they are', async () => {
    const setup = await setUp({}, byTier('stream'))
    expect((await setup.sluice.prompts.list()).map(({ name }) => name)).toEqual(['greeting'])
    expect((await setup.sluice.listModels()).map(({ id }) => id)).toContain('lab/small')
    await setup.sluice.chat('Hello')
    expect((await setup.sluice.health()).providers).toHaveLength(1)
    expect(await setup.sluice.validateCredentials()).toBe(true)
  })
})
