import { startSimulator } from '@sluice/simulator'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { createSluice } from './create-sluice.ts'

const City = z.object({ name: z.string(), people: z.number() })

test('an answer that does not fit is shown to the model, and asked for again', async () => {
  await using simulator = await startSimulator()
  const lab = { type: 'openai_compatible', base_url: simulator.url, api_key: 'k', default_model: 'small' }
  const sluice = createSluice({ providers: { lab } }, { environment: {} })
  simulator.next({ reply: { text: '{"name":"Oslo"}' } }, { reply: { text: '{"name":"Oslo","people":700000}' } })
  const { object, attempts, usage } = await sluice.chatObject(City, 'Describe Oslo', { name: 'city' })
  expect(object).toEqual({ name: 'Oslo', people: 700_000 })
  expect(attempts).toBe(2)
  expect(usage?.estimated).toBeUndefined()
  const [first, second] = simulator.requests.filter(({ method }) => method === 'POST').map((request) => request.json())
  expect(first).toMatchObject({
    response_format: { type: 'json_schema', json_schema: { name: 'city', strict: true, schema: { type: 'object' } } },
  })
  expect(second).toMatchObject({
    messages: [
      { role: 'user', content: 'Describe Oslo' },
      { role: 'assistant', content: '{"name":"Oslo"}' },
      { role: 'user', content: expect.stringContaining('people') as string },
    ],
  })
  await sluice.close()
})

test('an answer that was cut or declined is not asked for again', async () => {
  await using simulator = await startSimulator()
  const lab = { type: 'openai_compatible', base_url: simulator.url, api_key: 'k', default_model: 'small' }
  const sluice = createSluice({ providers: { lab } }, { environment: {} })
  simulator.next({ reply: { text: '{"name":', finishReason: 'length' } }, 'refusal', 'content-filter')
  await expect(sluice.chatObject(City, 'Describe Oslo')).rejects.toMatchObject({ text: '{"name":' })
  await expect(sluice.chatObject(City, 'Describe Oslo')).rejects.toThrow(/declined/)
  await expect(sluice.chatObject(City, 'Describe Oslo')).rejects.toMatchObject({ code: 'content_filter' })
  expect(simulator.requests.filter(({ method }) => method === 'POST')).toHaveLength(3)
  await sluice.close()
})
