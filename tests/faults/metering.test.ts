import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** Whatever way a request takes, the meter hears of it once. */
let world: TestGateway

beforeEach(async () => {
  world = await startTestGateway({ config: { server: { keys: ['caller-key'] } } })
})

afterEach(() => world.close())

async function ask(method: string, path: string, body?: object | FormData, key = 'caller-key'): Promise<unknown> {
  const form = body instanceof FormData
  const headers = { authorization: `Bearer ${key}`, ...(body && !form && { 'content-type': 'application/json' }) }
  const init = { method, headers, ...(body && { body: form ? body : JSON.stringify(body) }) }
  const text = await (await fetch(world.gateway.url + path, init)).text()
  return text.startsWith('{') ? JSON.parse(text) : text
}

const messages = [{ role: 'user', content: 'Hi' }]
const contents = [{ role: 'user', parts: [{ text: 'Hi' }] }]

test.each<[string, string, object, object]>([
  ['a chat', '/v1/chat/completions', { model: 'small', messages }, { operation: 'chat', outcome: 'ok' }],
  ['a stream', '/v1/chat/completions', { model: 'small', messages, stream: true }, { stream: true, outcome: 'ok' }],
  ['a translated chat', '/v1/messages', { model: 'small', max_tokens: 9, messages }, { outcome: 'ok' }],
  ['a translated stream', '/v1/messages', { model: 'small', max_tokens: 9, messages, stream: true }, { stream: true }],
  ['a chat of Gemini’s', '/v1beta/models/small:generateContent', { contents }, { requestedModel: 'small' }],
  ['an embedding', '/v1/embeddings', { model: 'small', input: 'Hi' }, { operation: 'embed', outcome: 'ok' }],
  ['a raw call', '/proxy/lab/chat/completions', { model: 'small', messages }, { operation: 'raw', outcome: 'ok' }],
  ['an unknown model', '/v1/chat/completions', { model: 'none', messages }, { outcome: 'error' }],
])('%s', async (_, path, body, record) => {
  await ask('POST', path, body)
  expect(world.usage).toHaveLength(1)
  expect(world.usage[0]).toMatchObject({ principal: 'key-1', ...record })
})

test('a conversation that is kept counts each turn, and not what is asked about it', async () => {
  const first = (await ask('POST', '/v1/responses', { model: 'small', input: 'Hi' })) as { id: string }
  await ask('POST', '/v1/responses', { model: 'small', input: 'And?', previous_response_id: first.id, stream: true })
  await ask('GET', `/v1/responses/${first.id}`)
  await ask('DELETE', `/v1/responses/${first.id}`)
  expect(world.usage.map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
})

test('a batch counts each line, those that fail too, under the key that made it', async () => {
  const line = (id: string, model: string): string =>
    JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/chat/completions', body: { model, messages } })
  const form = new FormData()
  form.set('purpose', 'batch')
  form.set('file', new Blob([`${line('a', 'small')}\n${line('b', 'none')}\n${line('c', 'large')}\n`]), 'lines.jsonl')
  const file = (await ask('POST', '/v1/files', form)) as { id: string }
  const wanted = { input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' }
  const { id } = (await ask('POST', '/v1/batches', wanted)) as { id: string }
  for (;;) {
    if (((await ask('GET', `/v1/batches/${id}`)) as { status: string }).status === 'completed') break
    await delay(20)
  }
  expect(world.usage.map(({ outcome }) => outcome).toSorted()).toEqual(['error', 'ok', 'ok'])
  expect(new Set(world.usage.map(({ principal }) => principal))).toEqual(new Set(['key-1']))
  expect(new Set(world.usage.map(({ requestId }) => requestId)).size).toBe(3)
})

test('who is not let in is not counted', async () => {
  await ask('POST', '/v1/chat/completions', { model: 'small', messages }, 'another-key')
  await ask('POST', '/proxy/lab/chat/completions', { model: 'small', messages }, 'another-key')
  expect(world.usage).toEqual([])
})
