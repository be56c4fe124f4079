import Anthropic from '@anthropic-ai/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** Where no route says whose words to use, the path or a header does. */
let world: TestGateway
beforeAll(async () => {
  world = await startTestGateway()
})
afterAll(() => world.close())

const anthropic = { type: 'error', error: { type: 'not_found_error' } }
const gemini = { error: { code: 404, status: 'NOT_FOUND' } }
const openai = { error: { code: 'path_not_found', type: 'invalid_request_error', param: null } }

function ask(method: string, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(world.gateway.url + path, { method, headers })
}

describe('a path that leads nowhere', () => {
  test.each<[string, string, Record<string, string>, object]>([
    ['/v1/messages/foo', 'by its path', {}, anthropic],
    ['/messages/foo', 'by its path without /v1', {}, anthropic],
    ['/anthropic/v1/foo', 'by its prefix', {}, anthropic],
    ['/v1/foo', 'by a header', { 'anthropic-version': '2023-06-01' }, anthropic],
    ['/v1beta/foo', 'by its path', {}, gemini],
    ['/v1beta/models/m:foo', 'by its path, of a verb that is not served', {}, gemini],
    ['/gemini/v1/foo', 'by its prefix', {}, gemini],
    ['/v1/foo', 'by a header', { 'x-goog-api-key': 'k' }, gemini],
    ['/v1beta/foo', 'by its path before a header', { 'anthropic-version': '2023-06-01' }, gemini],
    ['/v2/foo', 'by its path', {}, { message: expect.stringContaining('Nothing is served') }],
    ['/ollama/api/foo', 'by its prefix', {}, { error: expect.stringContaining('Nothing is served') }],
    ['/api/pull', 'by its path', {}, { error: expect.stringContaining('Nothing is served') }],
    ['/api/llm/foo', 'in OpenAI’s words, as the reports beside it', {}, openai],
    ['/bedrock/foo', 'by its prefix', {}, { message: expect.stringContaining('Nothing is served') }],
    ['/v1/foo', 'in OpenAI’s words where nothing says otherwise', {}, openai],
    ['/v1/models/m:foo', 'in OpenAI’s words', {}, openai],
  ])('%s is said so %s', async (path, _, headers, expected) => {
    const response = await ask('POST', path, headers)
    const status = path.startsWith('/v1/models') ? 405 : 404
    expect(response.status).toBe(status)
    if (status === 404) expect(await response.json()).toMatchObject(expected)
  })
})

describe('a method that is not served', () => {
  test('POST /v1/models/foo has another one', async () => {
    const response = await ask('POST', '/v1/models/foo')
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    expect(await response.json()).toMatchObject({ error: { code: 'method_not_allowed' } })
  })

  test.each([
    ['/v1/messages', { type: 'error', error: { type: 'invalid_request_error' } }],
    ['/v1beta/models/m:generateContent', { error: { code: 405, status: 'INVALID_ARGUMENT' } }],
    ['/v1/chat/completions', { error: { code: 'method_not_allowed' } }],
    ['/api/chat', { error: '/api/chat takes POST, not PUT.' }],
  ])('PUT %s', async (path, expected) => {
    const response = await ask('PUT', path)
    expect(response.status).toBe(405)
    expect(await response.json()).toMatchObject(expected)
  })
})

test('Anthropic’s client reads it as an error of its own', async () => {
  const client = new Anthropic({ baseURL: world.gateway.url, apiKey: 'any', maxRetries: 0 })
  await expect(client.post('/v1/foo', { body: {} })).rejects.toBeInstanceOf(Anthropic.NotFoundError)
})
