import { startSimulator } from '@sluice/simulator'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { createSluice } from './create-sluice.ts'
import { hasSpent } from './spent.ts'

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
  const cut = await sluice.chatObject(City, 'Describe Oslo').catch((error: unknown) => error)
  expect(cut).toMatchObject({ name: 'InvalidOutputError', text: '{"name":' })
  expect(String(cut)).toMatch(/^InvalidOutputError: /)
  await expect(sluice.chatObject(City, 'Describe Oslo')).rejects.toThrow(/declined/)
  await expect(sluice.chatObject(City, 'Describe Oslo')).rejects.toMatchObject({ code: 'content_filter' })
  expect(simulator.requests.filter(({ method }) => method === 'POST')).toHaveLength(3)
  await sluice.close()
})

test.each([
  ['an array', z.array(z.string()), '{"value":["a","b"]}', ['a', 'b']],
  ['an enum', z.enum(['hot', 'cold']), '{"value":"cold"}', 'cold'],
  [
    'one of several objects',
    z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]),
    '{"value":{"b":"x"}}',
    { b: 'x' },
  ],
  ['an array that was written bare', z.array(z.string()), '["a"]', ['a']],
])('%s is asked for as the member of an object', async (_, schema, text, object) => {
  await using simulator = await startSimulator()
  const lab = { type: 'openai_compatible', base_url: simulator.url, api_key: 'k', default_model: 'small' }
  const sluice = createSluice({ providers: { lab } }, { environment: {} })
  simulator.next({ reply: { text } })
  expect((await sluice.chatObject(schema as z.ZodType, 'Go on')).object).toEqual(object)
  const [asked] = simulator.requests.filter(({ method }) => method === 'POST').map((request) => request.json())
  expect(asked).toMatchObject({
    response_format: { json_schema: { strict: true, schema: { type: 'object', required: ['value'] } } },
  })
  await sluice.close()
})

test('what a schema refers to is still found when it is put into an object', async () => {
  await using simulator = await startSimulator()
  const lab = { type: 'openai_compatible', base_url: simulator.url, api_key: 'k', default_model: 'small' }
  const sluice = createSluice({ providers: { lab } }, { environment: {} })
  simulator.next({ reply: { text: '{"value":[{"name":"root"}]}' } })
  const Node = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
  const schema = { type: 'array', items: { $ref: '#/$defs/Node' }, $defs: { Node } }
  expect((await sluice.chatObject(schema, 'Go on')).object).toEqual([{ name: 'root' }])
  const [asked] = simulator.requests.filter(({ method }) => method === 'POST').map((request) => request.json())
  expect(asked).toMatchObject({ response_format: { json_schema: { schema: { $defs: { Node: { type: 'object' } } } } } })
  await sluice.close()
})

test('nothing at all is no object, and a call of a tool is no answer', async () => {
  await using simulator = await startSimulator()
  const lab = { type: 'openai_compatible', base_url: simulator.url, api_key: 'k', default_model: 'small' }
  const sluice = createSluice({ providers: { lab } }, { environment: {} })
  const Loose = z.object({ name: z.string().optional() })
  simulator.next(
    { reply: { text: ' ' } },
    { reply: { toolCalls: [{ name: 'look', arguments: '{}' }], finishReason: 'tool-calls' } },
  )
  await expect(sluice.chatObject(Loose, 'Go on', { repairs: 0 })).rejects.toMatchObject({ code: 'invalid_output' })
  await expect(sluice.chatObject(Loose, 'Go on')).rejects.toThrow(/wants tools, and wrote no answer: it calls look/)
  await sluice.close()
})

test('what was used is told where no answer fits', async () => {
  await using simulator = await startSimulator()
  const lab = { type: 'openai_compatible', base_url: simulator.url, api_key: 'k', default_model: 'small' }
  const sluice = createSluice({ providers: { lab } }, { environment: {} })
  simulator.always({ reply: { text: '{}', usage: { input: 10, output: 5 } } })
  const error: unknown = await sluice.chatObject(City, 'Describe Oslo').catch((thrown: unknown) => thrown)
  expect(hasSpent(error) && [error.spent.usage, error.spent.answers.length]).toMatchObject([
    { input: 20, output: 10 },
    2,
  ])
  await sluice.close()
})

test.each([[{ name: 'my city' }], [{ name: '' }], [{ repairs: -1 }], [{ repairs: 0.5 }]])(
  'refuses %o',
  async (options) => {
    await using simulator = await startSimulator()
    const lab = { type: 'openai_compatible', base_url: simulator.url, api_key: 'k', default_model: 'small' }
    const sluice = createSluice({ providers: { lab } }, { environment: {} })
    await expect(sluice.chatObject(City, 'Go on', options)).rejects.toMatchObject({ code: 'invalid_request' })
    expect(simulator.requests).toEqual([])
    await sluice.close()
  },
)

test.each([undefined, null, 'x'])('refuses %o as a schema', async (schema) => {
  const sluice = createSluice({ providers: { openai: { api_key: 'k' } } }, { environment: {} })
  await expect(sluice.chatObject(schema as unknown as typeof City, 'Go on')).rejects.toMatchObject({
    code: 'invalid_request',
  })
  await sluice.close()
})

test('of plain JSON Schema the caller says the type', async () => {
  await using simulator = await startSimulator()
  const lab = { type: 'openai_compatible', base_url: simulator.url, api_key: 'k', default_model: 'small' }
  await using sluice = createSluice({ providers: { lab } }, { environment: {} })
  simulator.next({ reply: { text: '{"name":"Oslo"}' } })
  interface Named {
    readonly name: string
  }
  const schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
  const { object } = await sluice.chatObject<Named>(schema, 'Describe Oslo')
  expect(object.name.toUpperCase()).toBe('OSLO')
})
