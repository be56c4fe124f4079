import { CohereClientV2 } from 'cohere-ai'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { UsageRecord } from '@sluice/gateway'
import { startTestGateway, type TestGateway } from '../../start-test-gateway.ts'

/** What OpenAI's client does besides chat: relayed, metered, refused where the provider has no such thing. */
let world: TestGateway
let client: OpenAI

beforeAll(async () => {
  world = await startTestGateway({
    simulator: { models: ['small', 'omni-moderation-latest'] },
    providers: ({ url }) => ({
      talker: {
        type: 'openai_compatible',
        name: 'Talker',
        base_url: url,
        api_key: 'upstream-key',
        max_retries: 0,
        speaks: ['openai-chat'],
      },
      patient: { type: 'openai_compatible', name: 'Patient', base_url: url, api_key: 'upstream-key', max_retries: 1 },
    }),
  })
  client = new OpenAI({ baseURL: world.url, apiKey: 'any', maxRetries: 0 })
})
beforeEach(() => world.simulator.reset())
afterAll(() => world.close())

/** The record of the last request. */
async function record(): Promise<UsageRecord> {
  const last = world.usage.at(-1)
  return last ?? world.settled()
}

async function refusal(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'answered',
    (error: unknown) => error,
  )
}

const embed = (model: string) => client.embeddings.create({ model, input: 'red' })
const speak = (model: string, input = 'Hello there') => client.audio.speech.create({ model, input, voice: 'alloy' })

describe('embeddings', () => {
  test('as the client asks by default, as numbers, of texts and of tokens', async () => {
    const decoded = await client.embeddings.create({ model: 'lab/small', input: ['red', 'blue'] })
    expect(world.simulator.requests.at(-1)?.json()).toEqual({
      model: 'small',
      input: ['red', 'blue'],
      encoding_format: 'base64',
    })
    const plain = await client.embeddings.create({
      model: 'lab/small',
      input: ['red', 'blue'],
      encoding_format: 'float',
    })
    expect(decoded.data).toEqual(plain.data)
    expect(plain.data).toHaveLength(2)
    const tokens = await client.embeddings.create({ model: 'lab/small', input: [[1, 2], [3]], dimensions: 16 })
    expect(tokens.data.map(({ embedding }) => embedding.length)).toEqual([16, 16])
  })

  test('are metered', async () => {
    world.simulator.next({ reply: { usage: { input: 41 } } })
    await embed('lab/small')
    expect(await record()).toMatchObject({
      operation: 'embed',
      outcome: 'ok',
      provider: 'lab',
      model: 'small',
      requestedModel: 'lab/small',
      usage: { input: 41, output: 0 },
    })
  })

  test('larger than what is held back are relayed as they come, and metered', async () => {
    const input = Array.from({ length: 300 }, (_, index) => `text ${index}`)
    const { data, usage } = await client.embeddings.create({ model: 'small', input })
    expect(data).toHaveLength(300)
    expect(data[299]?.embedding).toHaveLength(1536)
    expect(usage.prompt_tokens).toBe(600)
    expect((await record()).usage?.input).toBe(600)
  })

  test('are asked for again where that may help', async () => {
    world.simulator.next({ fault: { kind: 'status', status: 503, retryAfterMs: 1 } })
    expect((await embed('patient/small')).data).toHaveLength(1)
    expect(await record()).toMatchObject({ attempts: 2, outcome: 'ok' })
  })
})

test('moderations, of the usual model and of another', async () => {
  const { results } = await client.moderations.create({ input: ['Lovely day', 'Pure violence'] })
  expect(results.map(({ flagged }) => flagged)).toEqual([false, true])
  expect(world.simulator.requests.at(-1)?.json()).toMatchObject({ model: 'omni-moderation-latest' })
  expect(await record()).toMatchObject({
    operation: 'moderate',
    model: 'omni-moderation-latest',
    usage: undefined,
    outcome: 'ok',
  })
  expect((await client.moderations.create({ model: 'small', input: 'hate' })).model).toBe('small')
})

test('images', async () => {
  const { data } = await client.images.generate({ model: 'small', prompt: 'A red dot', n: 2 })
  expect(data?.map(({ b64_json }) => Buffer.from(b64_json ?? '', 'base64').toString('latin1', 1, 4))).toEqual([
    'PNG',
    'PNG',
  ])
  expect(await record()).toMatchObject({ operation: 'image', outcome: 'ok', usage: { input: 3, imageInput: 0 } })
})

describe('speech', () => {
  test('is relayed byte for byte, with its type', async () => {
    const direct = new OpenAI({ baseURL: world.simulator.url, apiKey: 'any' })
    const expected = Buffer.from(
      await (await direct.audio.speech.create({ model: 'small', input: 'Hello there', voice: 'alloy' })).arrayBuffer(),
    )
    const answer = await speak('small')
    expect(answer.headers.get('content-type')).toBe('audio/mpeg')
    expect(answer.headers.get('x-sluice-provider')).toBe('lab')
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(expected)
    expect(await record()).toMatchObject({
      operation: 'speech',
      outcome: 'ok',
      model: 'small',
      usage: { characters: 11 },
      cost: { state: 'unpriced', nanoDollars: null },
    })
  })

  test('a slow listener holds the provider back, and gets every byte', async () => {
    const size = 48_000_000
    world.simulator.next({
      raw: { contentType: 'audio/mpeg', body: Buffer.alloc(size, 'audio') },
      fault: { kind: 'split', size: 64_000 },
    })
    const answer = await speak('small')
    const request = world.simulator.requests.at(-1)
    const reader = answer.body!.getReader()
    let piece = await reader.read()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(request?.outcome).toBe('open')
    let length = 0
    for (; !piece.done; piece = await reader.read()) length += piece.value.length
    expect(length).toBe(size)
    expect((await record()).outcome).toBe('ok')
  })

  test('that breaks off does not look whole', async () => {
    world.simulator.next({ fault: { kind: 'cut', at: 500 } })
    const broken = await speak('small').then((answer) => refusal(answer.arrayBuffer()), String)
    expect(broken).toBeInstanceOf(Error)
  })
})

describe('rerank', () => {
  const documents = ['A blue car', 'A red bicycle', 'The red car']

  test('by Cohere’s own client', async () => {
    const cohere = new CohereClientV2({ environment: world.gateway.url, token: 'any' })
    const { results } = await cohere.rerank({ model: 'lab/small', query: 'red car', documents, topN: 2 })
    expect(results).toEqual([
      { index: 2, relevanceScore: 1 },
      { index: 0, relevanceScore: 0.5 },
    ])
    expect(await record()).toMatchObject({ operation: 'rerank', outcome: 'ok', model: 'small' })
  })

  test('as Jina and vLLM are asked', async () => {
    const body = JSON.stringify({ model: 'small', query: 'red car', documents, return_documents: true })
    const response = await fetch(`${world.url}/rerank`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect(await response.json()).toMatchObject({
      results: [{ index: 2, document: { text: 'The red car' } }, { index: 0 }, { index: 1 }],
    })
  })
})

describe('errors', () => {
  test('name a model that nobody has', async () => {
    expect(await refusal(embed('nobody'))).toMatchObject({ status: 404, code: 'model_not_found' })
  })

  test.each([
    ['embed', embed],
    ['speech', speak],
    ['image', (model: string) => client.images.generate({ model, prompt: 'A dot' })],
    ['moderate', (model: string) => client.moderations.create({ model, input: 'x' })],
  ])('name the provider that does not offer to %s', async (operation, call) => {
    const error = await refusal(call('talker/small'))
    expect(error).toMatchObject({ status: 400, code: 'unsupported_operation' })
    expect(String(error)).toMatch(new RegExp(`Talker .*${operation}`))
  })

  test('of the provider come through, without its key', async () => {
    world.simulator.next({
      fault: { kind: 'status', status: 400, error: { message: 'Bad upstream-key, bad input.', param: 'input' } },
    })
    const error = await refusal(embed('small'))
    expect(error).toMatchObject({ status: 400, param: 'input' })
    expect(String(error)).toContain('bad input')
    expect(String(error)).not.toContain('upstream-key')
    expect(await record()).toMatchObject({ operation: 'embed', outcome: 'error' })
  })

  test('an answer that is none is a failure of the provider', async () => {
    world.simulator.next({ fault: { kind: 'invalid-json' } })
    expect(await refusal(embed('small'))).toMatchObject({ status: 502, code: 'upstream_invalid_response' })
  })
})
