import { createProviders, createSluice } from 'sluice'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** What is told of a gateway besides the scenarios. */

let world: TestGateway
beforeAll(async () => {
  world = await startTestGateway({
    config: { providers: { lab: { default_model: 'small' } }, routes: { safe: { targets: ['lab/small'] } } },
  })
})
afterAll(() => world.close())

const messages = [{ role: 'user', content: 'Hello' }] as const

test('a gateway without prompts sends no provider the name of one', async () => {
  const sluice = createSluice({ gateway: world.gateway.url })
  const input = { prompt: 'typo', variables: { name: 'Ada' }, messages }
  const chats = (): number => world.simulator.requests.filter(({ method }) => method === 'POST').length
  const before = chats()
  await expect(sluice.chat(input)).rejects.toMatchObject({ code: 'prompt_not_found', param: 'model' })
  await expect(sluice.stream(input).text()).rejects.toMatchObject({ code: 'prompt_not_found' })
  expect(chats()).toBe(before)
  await sluice.close()
})

test('providers of a gateway are not each other', async () => {
  const providers = createProviders({ gateway: world.gateway.url })
  const failing = providers.chatWithFallback(messages, ['groq', 'together'])
  const message = expect.stringMatching(/^No provider "groq" is configured: there are? lab\b/) as string
  await expect(failing).rejects.toMatchObject({ code: 'provider_not_found', message })
  for (const name of ['lab', 'lab/large', 'large', 'safe'])
    expect((await providers.chatWithFallback(messages, ['groq', name])).provider).toBe('lab')
  await providers.close()
})
