import { CohereClientV2 } from 'cohere-ai'
import { Mistral } from '@mistralai/mistralai'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** Rankings and verdicts, asked for by official clients of providers that speak another wire. */
let world: TestGateway
let openai: OpenAI

beforeAll(async () => {
  world = await startTestGateway({
    simulator: { models: ['small', 'mistral-moderation-latest'] },
    config: { moderation: { model: 'judge:small', categories: { violence: 'Blows.', spam: 'Advertisements.' } } },
    providers: ({ url }) => {
      const provider = {
        type: 'openai_compatible',
        base_url: url,
        api_key: 'upstream-key',
        max_retries: 0,
        models_path: null,
      }
      return {
        cohere: { ...provider, speaks: ['cohere-rerank'], models: ['small'] },
        jina: { ...provider, speaks: ['jina-rerank'], models: ['small'] },
        mistral: { ...provider, speaks: ['openai-chat', 'mistral-moderations'], models: ['mistral-moderation-latest'] },
        judge: { ...provider, speaks: ['anthropic-messages'], models: ['small'] },
      }
    },
  })
  openai = new OpenAI({ baseURL: world.url, apiKey: 'any', maxRetries: 0 })
})
afterAll(() => world.close())

const documents = ['Rome has seven hills', 'Oslo has a fjord']
const query = 'the fjord of Oslo'

describe.each([['cohere'], ['jina']])('a ranking by a provider of the wire of %s', (provider) => {
  test('for Cohere’s client', async () => {
    const client = new CohereClientV2({ token: 'any', environment: world.gateway.url, maxRetries: 0 })
    const { results } = await client.rerank({ model: `${provider}/small`, query, documents, topN: 1 })
    expect(results.map(({ index }) => index)).toEqual([1])
    expect(world.usage.at(-1)).toMatchObject({
      operation: 'rerank',
      outcome: 'ok',
      provider,
      usage: provider === 'cohere' ? { searches: 1 } : { reported: { input: 12 } },
    })
  })

  test('for a caller of Jina’s wire, who gets the documents', async () => {
    const body = { model: `${provider}/small`, query, documents, top_n: 1, return_documents: true }
    const answer = await fetch(`${world.url}/rerank`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const { results } = (await answer.json()) as { results: unknown }
    expect(results).toMatchObject([{ index: 1, document: { text: 'Oslo has a fjord' } }])
  })
})

describe('moderation', () => {
  const verdict = (violence: boolean) => ({
    categories: { violence, spam: false },
    scores: { violence: violence ? 0.9 : 0.1, spam: 0 },
  })

  test('by Mistral, in OpenAI’s words', async () => {
    const { results } = await openai.moderations.create({
      model: 'mistral/mistral-moderation-latest',
      input: ['violence', 'tea'],
    })
    expect(results.map(({ flagged, categories }) => [flagged, categories.violence])).toEqual([
      [true, true],
      [false, false],
    ])
  })

  test('for Mistral’s client', async () => {
    const client = new Mistral({ apiKey: 'any', serverURL: world.gateway.url })
    const { results } = await client.classifiers.moderate({
      model: 'mistral/mistral-moderation-latest',
      inputs: ['pii'],
    })
    expect(results[0]?.categories).toMatchObject({ pii: true })
  })

  test.each([[undefined], ['omni-moderation-latest'], ['judge/small']])(
    'by a chat model, asked as %s',
    async (model) => {
      const text = JSON.stringify({ verdicts: [verdict(true), verdict(false)] })
      world.simulator.next({ reply: { text, usage: { input: 70, output: 30 } } })
      const answer = await openai.moderations.create({
        ...(model !== undefined && { model }),
        input: ['a blow', 'tea'],
      })
      expect(answer).toMatchObject({ judged_by: 'chat-model', id: expect.stringMatching(/^modr-/) as string })
      expect(answer.results).toMatchObject([
        { flagged: true, categories: { violence: true, spam: false }, category_scores: { violence: 0.9 } },
        { flagged: false, category_applied_input_types: { spam: ['text'] } },
      ])
      expect(world.usage.at(-1)).toMatchObject({
        operation: 'moderate',
        provider: 'judge',
        usage: { input: 70, output: 30 },
      })
      const asked = world.simulator.requests.at(-1)
      expect(asked?.path).toBe('/v1/messages')
      expect(JSON.stringify(asked?.json())).toContain('Advertisements.')
    },
  )

  test.each([
    ['prose', { text: 'This is fine.' }],
    ['one verdict for two', { text: JSON.stringify({ verdicts: [verdict(false)] }) }],
    ['a refusal', { text: '', refusal: 'I cannot judge this.' }],
  ])('is an error and no pass where a chat model answers with %s', async (_what, reply) => {
    world.simulator.next({ reply })
    await expect(openai.moderations.create({ input: ['a blow', 'tea'] })).rejects.toMatchObject({
      status: 502,
      code: 'upstream_invalid_response',
    })
  })
})
