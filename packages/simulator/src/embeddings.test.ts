import { Readable } from 'node:stream'
import { BedrockRuntimeClient, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime'
import { GoogleGenAI } from '@google/genai'
import { CohereClientV2 } from 'cohere-ai'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Simulator, startSimulator } from './simulator.ts'

/** The official clients, each of which gets the same vector for the same text. */
let simulator: Simulator
let expected: readonly number[]
const model = 'small'
const [text, length] = ['Oslo is in Norway.', 8]

beforeAll(async () => {
  simulator = await startSimulator({ models: [model, 'cohere.small'] })
  const openai = new OpenAI({ apiKey: 'any', baseURL: simulator.url })
  const answer = await openai.embeddings.create({ model, input: text, dimensions: length, encoding_format: 'float' })
  expected = answer.data[0]!.embedding
})
afterAll(() => simulator.close())

test('Google', async () => {
  const client = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: simulator.origin } })
  const { embeddings } = await client.models.embedContent({
    model,
    contents: text,
    config: { outputDimensionality: length },
  })
  expect(embeddings?.[0]?.values).toEqual(expected)
  const config = { taskType: 'DREAMS' }
  await expect(client.models.embedContent({ model, contents: text, config })).rejects.toMatchObject({ status: 400 })
})

test('Cohere', async () => {
  const client = new CohereClientV2({ token: 'any', environment: simulator.origin })
  const embeddingTypes: ('float' | 'binary')[] = ['float', 'binary']
  const options = { model, texts: [text], embeddingTypes, outputDimension: length }
  const { embeddings } = await client.embed({ ...options, inputType: 'search_query' })
  expect(embeddings.float?.[0]).toEqual(expected)
  expect(embeddings.binary?.[0]).toHaveLength(1)
  await expect(client.embed({ ...options, texts: [], inputType: 'search_query' })).rejects.toMatchObject({
    statusCode: 400,
  })
})

test('Ollama', async () => {
  const client = new Ollama({ host: simulator.origin })
  const { embeddings } = await client.embed({ model, input: text, dimensions: length })
  expect(embeddings[0]).toEqual(expected)
  await expect(client.embed({ model: 'none', input: text })).rejects.toThrow('not found')
})

test('Bedrock', async () => {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' }
  const requestHandler = { handle: sendByHttp1 } as never
  const client = new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: simulator.origin,
    credentials,
    requestHandler,
  })
  const invoke = async (modelId: string, body: object): Promise<unknown> => {
    const answer = await client.send(new InvokeModelCommand({ modelId, body: JSON.stringify(body) }))
    return JSON.parse(new TextDecoder().decode(answer.body)) as unknown
  }
  expect(await invoke(model, { inputText: text, dimensions: length })).toMatchObject({
    embedding: expected,
    inputTextTokenCount: 4,
  })
  expect(
    await invoke('cohere.small', { texts: [text], input_type: 'search_query', output_dimension: length }),
  ).toMatchObject({ embeddings: { float: [expected] } })
})

interface AwsRequest {
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: string
}

/** The client would speak HTTP/2, for which plain text is not enough. */
async function sendByHttp1({ path, headers, body }: AwsRequest): Promise<unknown> {
  const response = await fetch(`${simulator.origin}${path}`, { method: 'POST', headers, body })
  const bytes = Buffer.from(await response.arrayBuffer())
  return {
    response: {
      statusCode: response.status,
      headers: Object.fromEntries(response.headers),
      body: Readable.from([bytes]),
    },
  }
}
