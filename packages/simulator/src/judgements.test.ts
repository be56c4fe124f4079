import { Mistral } from '@mistralai/mistralai'
import { CohereClientV2 } from 'cohere-ai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Simulator, startSimulator } from './simulator.ts'

let simulator: Simulator

beforeAll(async () => {
  simulator = await startSimulator()
})
afterAll(() => simulator.close())

test('Cohere’s client reads a ranking', async () => {
  const client = new CohereClientV2({ token: 'any', environment: simulator.origin, maxRetries: 0 })
  const documents = ['Rome has seven hills', 'Oslo has a fjord']
  const { results, meta } = await client.rerank({
    model: 'rerank-v4.0-pro',
    query: 'fjord of Oslo',
    documents,
    topN: 1,
  })
  expect(results.map(({ index }) => index)).toEqual([1])
  expect(meta?.billedUnits?.searchUnits).toBe(1)
  await expect(client.rerank({ model: 'rerank-v4.0-pro', query: '', documents })).rejects.toMatchObject({
    statusCode: 400,
  })
})

test('Mistral’s client reads a verdict', async () => {
  const client = new Mistral({ apiKey: 'any', serverURL: simulator.origin })
  const { results } = await client.classifiers.moderate({ model: 'mistral-moderation-latest', inputs: ['pii', 'fine'] })
  expect(results.map(({ categories }) => categories?.['pii'])).toEqual([true, false])
})
