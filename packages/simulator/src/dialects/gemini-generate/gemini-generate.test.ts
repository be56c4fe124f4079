import {
  ApiError,
  FunctionCallingConfigMode,
  type GenerateContentConfig,
  type GenerateContentResponse,
  GoogleGenAI,
} from '@google/genai'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator.ts'

let simulator: Simulator
let client: GoogleGenAI
afterEach(() => simulator.close())

async function start(options: SimulatorOptions = {}): Promise<void> {
  await (simulator as Simulator | undefined)?.close()
  simulator = await startSimulator(options)
  client = new GoogleGenAI({
    apiKey: 'key-1',
    httpOptions: { baseUrl: new URL(simulator.url).origin, retryOptions: { attempts: 1 } },
  })
}
beforeEach(() => start())

const model = 'gemini-3.8-flash'
const contents = 'Good morning'
const spoken = "This is Sluice's demo provider, not a model. You said: Good morning"
const weather = {
  name: 'get_weather',
  parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

function ask(config: GenerateContentConfig = {}): Promise<GenerateContentResponse> {
  return client.models.generateContent({ model, contents, config })
}

async function stream(config: GenerateContentConfig = {}): Promise<GenerateContentResponse[]> {
  const chunks: GenerateContentResponse[] = []
  for await (const chunk of await client.models.generateContentStream({ model, contents, config })) chunks.push(chunk)
  return chunks
}

describe('an answer', () => {
  test('is whole', async () => {
    const answer = await ask()
    expect(answer.text).toBe(spoken)
    expect(answer.candidates?.[0]?.finishReason).toBe('STOP')
    expect(answer).toMatchObject({
      modelVersion: model,
      usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 12, totalTokenCount: 17 },
    })
    expect(simulator.requests.at(-1)?.path).toBe(`/v1/models/${model}:generateContent`)
    expect(simulator.requests.at(-1)?.header('x-goog-api-key')).toBe('key-1')
  })

  test('streams, and ends with its reason and its usage', async () => {
    const chunks = await stream()
    expect(chunks.map((chunk) => chunk.text ?? '').join('')).toBe(spoken)
    expect(chunks.length).toBeGreaterThan(5)
    expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP')
    expect(chunks.at(-1)?.usageMetadata?.totalTokenCount).toBe(17)
  })

  test('is an array where no events are asked for', async () => {
    const path = `${new URL(simulator.url).origin}/v1beta/models/${model}:streamGenerateContent`
    const response = await fetch(path, {
      method: 'POST',
      body: JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] }),
    })
    const chunks = (await response.json()) as { candidates: { finishReason?: string }[] }[]
    expect(chunks.at(-1)?.candidates[0]?.finishReason).toBe('STOP')
  })

  test('thinks, counts and stops as told', async () => {
    simulator.always({
      reply: {
        reasoning: 'Hm.',
        text: 'Yes',
        finishReason: 'length',
        usage: { input: 9, output: 3, reasoning: 2, cachedInput: 4 },
      },
    })
    for (const answer of [await ask(), ...(await stream()).slice(-1)]) {
      expect(answer.candidates?.[0]?.finishReason).toBe('MAX_TOKENS')
      expect(answer.usageMetadata).toMatchObject({
        thoughtsTokenCount: 2,
        candidatesTokenCount: 1,
        cachedContentTokenCount: 4,
      })
    }
    expect((await ask()).candidates?.[0]?.content?.parts?.[0]).toEqual({ text: 'Hm.', thought: true })
  })

  test('holds JSON to its schema', async () => {
    const answer = await ask({ responseMimeType: 'application/json', responseJsonSchema: weather.parametersJsonSchema })
    expect(Object.keys(JSON.parse(answer.text ?? '') as object)).toEqual(['city'])
  })
})

describe('function calls', () => {
  const config = {
    tools: [{ functionDeclarations: [weather] }],
    toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY } },
  }

  test('come whole, the first one signed', async () => {
    for (const answer of [await ask(config), ...(await stream(config)).slice(0, 1)]) {
      expect(answer.functionCalls).toMatchObject([
        { name: 'get_weather', args: { city: expect.any(String) as string } },
      ])
      expect(answer.candidates?.[0]?.content?.parts?.[0]?.thoughtSignature).toEqual(expect.any(String))
    }
  })

  test('are answered by a response of the same name', async () => {
    const turn = (await ask(config)).candidates?.[0]?.content
    const call = turn?.parts?.[0]?.functionCall
    const response = { functionResponse: { id: call?.id ?? '', name: call?.name ?? '', response: { output: 'sunny' } } }
    const history = [{ role: 'user', parts: [{ text: contents }] }, turn ?? {}, { role: 'user', parts: [response] }]
    const answer = await client.models.generateContent({ model, contents: history })
    expect(answer.text).toContain('The tool answered: sunny')
    await expect(
      client.models.generateContent({
        model,
        contents: [{ role: 'model', parts: [{ functionCall: { name: 'get_weather', args: {} } }] }],
      }),
    ).rejects.toThrow('missing a thought_signature')
  })
})

describe('errors', () => {
  test.each([
    ['bad-request', 400, 'INVALID_ARGUMENT'],
    ['forbidden', 403, 'PERMISSION_DENIED'],
    ['rate-limited', 429, 'RESOURCE_EXHAUSTED'],
    ['server-error', 500, 'INTERNAL'],
    ['overloaded', 503, 'UNAVAILABLE'],
  ] as const)('%s', async (name, status, word) => {
    simulator.next(name)
    const error = await ask().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status })
    expect((error as ApiError).message).toContain(`"status":"${word}"`)
  })

  test('for keys and models', async () => {
    await start({ apiKey: 'another', models: ['gemini-x'] })
    await expect(ask()).rejects.toThrow('API_KEY_INVALID')
    await start({ models: ['gemini-x'] })
    await expect(ask()).rejects.toMatchObject({ status: 404 })
  })

  test('inside a stream', async () => {
    simulator.next('error-mid-stream')
    await expect(stream()).rejects.toBeInstanceOf(ApiError)
  })
})

test('counts the tokens of contents, and of a whole request', async () => {
  expect(await client.models.countTokens({ model, contents })).toMatchObject({ totalTokens: 5 })
  const generateContentRequest = { model: `models/${model}`, contents: [{ parts: [{ text: contents }] }] }
  const answer = await fetch(`${simulator.origin}/v1beta/models/${model}:countTokens`, {
    method: 'POST',
    body: JSON.stringify({ generateContentRequest }),
  })
  expect(await answer.json()).toMatchObject({ totalTokens: 5 })
})
