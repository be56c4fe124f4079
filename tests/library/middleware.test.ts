import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
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

test('what a request goes on from is before the middleware, and what it changes is not lost', async () => {
  const seen: unknown[] = []
  const note: Middleware = ({ body }, next) => {
    seen.push(body['input'])
    return next({ ...body, temperature: 0.25 })
  }
  await using world = await startTestGateway({ middleware: [note] })
  const client = new OpenAI({ baseURL: world.url, apiKey: 'any', maxRetries: 0 })
  const first = await client.responses.create({ model: 'small', input: 'My name is Ada.' })
  await client.responses.create({ model: 'small', input: 'And yours?', previous_response_id: first.id })
  expect(JSON.stringify(seen[1])).toMatch(/My name is Ada\..*And yours\?/)
  const sent = world.simulator.requests.findLast(({ method }) => method === 'POST')
  expect(JSON.parse(String(sent?.body))).toMatchObject({
    temperature: 0.25,
    messages: [{ role: 'user' }, { role: 'assistant' }, { role: 'user' }],
  })
})

test.each([
  ['as events', '/v1beta/models/small:streamGenerateContent?alt=sse', /data: .*HELLO/s],
  ['as a list', '/v1beta/models/small:streamGenerateContent', /^\[.*HELLO.*\]\s*$/s],
  ['whole', '/v1beta/models/small:generateContent', /HELLO/],
  ['of Ollama', '/api/chat', /HELLO/],
  ['of Bedrock', '/model/small/converse-stream', /HELLO/],
])('answers are changed %s', async (_name, path, expected) => {
  await using world = await startTestGateway({ middleware: [loud] })
  const body = path.startsWith('/api')
    ? { model: 'small', messages: [{ role: 'user', content: 'hello' }] }
    : path.startsWith('/model')
      ? { messages: [{ role: 'user', content: [{ text: 'hello' }] }] }
      : { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] }
  const answer = await fetch(`${world.gateway.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(answer.status).toBe(200)
  expect(await answer.text()).toMatch(expected)
})

test('files of any length pass middleware', async () => {
  const note: Middleware = async ({ body }, next) => {
    expect(body).toEqual({})
    return (await next()).observe({ end: ({ usage }) => heard.push(usage?.audioInput) })
  }
  const heard: unknown[] = []
  await using world = await startTestGateway({ middleware: [note] })
  const form = new FormData()
  form.append('model', 'small')
  form.append('file', new Blob([new Uint8Array(3_000_000)], { type: 'audio/mpeg' }), 'a.mp3')
  const answer = await fetch(`${world.url}/audio/transcriptions`, { method: 'POST', body: form })
  expect(await answer.json()).toMatchObject({ text: expect.stringContaining('3000000 bytes') as string })
  expect(heard).toHaveLength(1)
})
