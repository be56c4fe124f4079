import Anthropic from '@anthropic-ai/sdk'
import { createSluice, type Middleware } from 'sluice'
import { expect, test } from 'vitest'
import { startTestGateway } from '../start-test-gateway.ts'

/** Makes every chat's temperature 0.25, and its answer loud. */
const loud: Middleware = async (request, next) => {
  if (request.operation !== 'chat') return next()
  const response = await next({ ...request.body, temperature: 0.25 })
  return response.transform((event) =>
    event.type === 'text-delta' ? { ...event, text: event.text.toUpperCase() } : event,
  )
}

test('a gateway has its middleware in whatever API it is asked', async () => {
  const dialects: string[] = []
  const note: Middleware = (request, next) => {
    dialects.push(request.dialect)
    return next()
  }
  await using world = await startTestGateway({ middleware: [note, loud] })
  const client = new Anthropic({ baseURL: world.gateway.url, apiKey: 'any' })
  const request = { model: 'small', max_tokens: 50, messages: [{ role: 'user' as const, content: 'Hello' }] }
  const { content } = await client.messages.create(request)
  expect(content).toEqual([expect.objectContaining({ text: expect.stringContaining('HELLO') as string })])
  expect(await client.messages.stream(request).finalText()).toContain('HELLO')
  expect(dialects).toEqual(['anthropic-messages', 'anthropic-messages'])
  const sent = world.simulator.requests.filter(({ method }) => method === 'POST')
  expect(sent.map(({ body }) => (JSON.parse(String(body)) as { temperature?: number }).temperature)).toEqual([
    0.25, 0.25,
  ])
  expect((await world.settled(1)).usage?.output).toBeGreaterThan(0)
})

test('a client of a gateway has its own', async () => {
  await using world = await startTestGateway()
  const names: string[] = []
  const note: Middleware = (request, next) => {
    names.push(`${request.provider} ${request.model}`)
    return next()
  }
  const sluice = createSluice({ gateway: world.gateway.url }, { middleware: [note, loud] })
  const input = { model: 'small', messages: [{ role: 'user', content: 'Hello' }] } as const
  expect((await sluice.chat(input)).text).toContain('HELLO')
  expect((await sluice.stream(input).result()).text).toContain('HELLO')
  expect(names).toEqual(['gateway small', 'gateway small'])
  const sent = world.simulator.requests.filter(({ method }) => method === 'POST')
  expect(sent.map(({ body }) => (JSON.parse(String(body)) as { temperature?: number }).temperature)).toEqual([
    0.25, 0.25,
  ])
  await sluice.close()
})
