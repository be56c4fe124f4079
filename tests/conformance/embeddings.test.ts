import { GoogleGenAI } from '@google/genai'
import { embedDialects } from '@sluice/protocol/dialects'
import { CohereClientV2 } from 'cohere-ai'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { modelVia, single, startEmbeddings } from '../matrix/start-embeddings.ts'
import type { TestGateway } from '../start-test-gateway.ts'

/** The official clients, unmodified, with a provider of each dialect of embeddings behind the gateway. */
let world: TestGateway
let openai: OpenAI
let google: GoogleGenAI
let cohere: CohereClientV2
let ollama: Ollama

beforeAll(async () => {
  world = await startEmbeddings()
  const { gateway, url } = world
  openai = new OpenAI({ baseURL: url, apiKey: 'any', maxRetries: 0 })
  google = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: gateway.url } })
  cohere = new CohereClientV2({ token: 'any', environment: gateway.url, maxRetries: 0 })
  ollama = new Ollama({ host: gateway.url })
})
afterAll(() => world.close())

describe.each(embedDialects.map(({ id }) => [id]))('with a provider that speaks %s', (id) => {
  const model = modelVia(id)
  const texts = single.has(id) ? ['Oslo'] : ['Oslo', 'Bergen']
  const lengths = texts.map(() => 16)

  test('OpenAI’s client, which asks for base64', async () => {
    const decoded = await openai.embeddings.create({ model, input: texts, dimensions: 16 })
    const plain = await openai.embeddings.create({ model, input: texts, dimensions: 16, encoding_format: 'float' })
    expect(decoded.data.map(({ embedding }) => embedding.length)).toEqual(lengths)
    for (const [index, { embedding }] of decoded.data.entries())
      expect(embedding).toEqual(plain.data[index]?.embedding.map(Math.fround))
  })

  test('Google’s client', async () => {
    const { embeddings } = await google.models.embedContent({
      model,
      contents: texts,
      config: { outputDimensionality: 16, taskType: 'RETRIEVAL_QUERY' },
    })
    expect(embeddings?.map(({ values }) => values?.length)).toEqual(lengths)
  })

  test('Cohere’s client', async () => {
    const answer = await cohere.embed({
      model,
      texts,
      inputType: 'search_query',
      embeddingTypes: ['float', 'base64'],
      outputDimension: 16,
    })
    expect(answer.embeddings.float?.map((vector) => vector.length)).toEqual(lengths)
    expect(answer.embeddings.base64?.map((text) => Buffer.from(text, 'base64').length)).toEqual(
      lengths.map((n) => n * 4),
    )
    expect(answer.texts).toEqual(texts)
  })

  test('Ollama’s client', async () => {
    const answer = await ollama.embed({ model, input: texts, dimensions: 16 })
    expect(answer.embeddings.map((vector) => vector.length)).toEqual(lengths)
  })
})

test('Cohere’s client gets forms that Cohere alone has, from Cohere', async () => {
  const answer = await cohere.embed({
    model: modelVia('cohere-embed'),
    texts: ['Oslo'],
    inputType: 'classification',
    embeddingTypes: ['int8', 'ubinary'],
  })
  expect([answer.embeddings.int8?.[0]?.length, answer.embeddings.ubinary?.[0]?.length]).toEqual([1024, 128])
})

test('a picture crosses to who embeds pictures', async () => {
  const inlineData = { mimeType: 'image/png', data: 'iVBORw0KGgo=' }
  const { embeddings } = await google.models.embedContent({
    model: modelVia('cohere-embed'),
    contents: [{ parts: [{ text: 'A map' }, { inlineData }] }],
  })
  expect(embeddings).toHaveLength(1)
  expect(world.simulator.requests.at(-1)?.json()).toMatchObject({
    inputs: [
      {
        content: [
          { type: 'text', text: 'A map' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
        ],
      },
    ],
  })
})

test('tokens are refused where they cannot be read', async () => {
  await expect(openai.embeddings.create({ model: modelVia('cohere-embed'), input: [[1, 2]] })).rejects.toMatchObject({
    status: 400,
    param: 'input[0]',
  })
})
