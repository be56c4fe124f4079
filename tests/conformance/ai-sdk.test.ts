import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import {
  APICallError,
  generateObject,
  generateText,
  isStepCount,
  type LanguageModel,
  Output,
  streamText,
  tool,
} from 'ai'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

// It would say on stderr that `generateObject` is deprecated, which is still in wide use.
Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })

function modelOf({ url }: TestGateway, options: { apiKey?: string; includeUsage?: boolean } = {}): LanguageModel {
  const sluice = createOpenAICompatible({
    name: 'sluice',
    baseURL: url,
    apiKey: 'any',
    supportsStructuredOutputs: true,
    ...options,
  })
  return sluice('small')
}

const weather = tool({
  description: 'The weather of a city',
  inputSchema: z.object({ city: z.string() }),
  execute: ({ city }) => Promise.resolve(`18 degrees in ${city}`),
})

const callsWeather = { reply: { toolCalls: [{ id: 'call_a', name: 'weather', arguments: { city: 'Łódź' } }] } }
const reading = z.object({ city: z.string(), degrees: z.number() })

/** What a stream that is read to its end throws. */
async function errorOf(stream: AsyncIterable<{ readonly type: string }>): Promise<unknown> {
  for await (const part of stream) if (part.type === 'error' && 'error' in part) return part.error
  return undefined
}

test('generateText, with usage and the headers of the gateway', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next({ reply: { text: 'Hello there.', usage: { input: 12, output: 3, cachedInput: 8 } } })
  const result = await generateText({ model: modelOf(setup), instructions: 'Be brief.', prompt: 'Hello' })
  expect(result.text).toBe('Hello there.')
  expect(result.finishReason).toBe('stop')
  expect(result.usage).toMatchObject({ inputTokens: 12, outputTokens: 3, inputTokenDetails: { cacheReadTokens: 8 } })
  const { headers, modelId } = result.response
  expect(modelId).toBe('small')
  expect(headers).toMatchObject({ 'x-sluice-provider': 'lab', 'x-request-id': (await setup.settled()).requestId })
  expect(setup.simulator.requests.at(-1)?.json()).toMatchObject({
    model: 'small',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
    ],
  })
})

test.each([true, false])('streamText, with includeUsage: %s', async (includeUsage) => {
  await using setup = await startTestGateway()
  setup.simulator.next({ reply: { text: 'One two three.', usage: { input: 7, output: 4 } } })
  const result = streamText({ model: modelOf(setup, { includeUsage }), prompt: 'Count' })
  const pieces: string[] = []
  for await (const piece of result.textStream) pieces.push(piece)
  expect(pieces.length).toBeGreaterThan(1)
  expect(pieces.join('')).toBe('One two three.')
  expect(await result.finishReason).toBe('stop')
  expect((await result.usage).outputTokens).toBe(includeUsage ? 4 : undefined)
  expect(await setup.settled()).toMatchObject({ outcome: 'ok', stream: true, usage: { input: 7, output: 4 } })
})

test('reasoning is told from text', async () => {
  await using setup = await startTestGateway()
  setup.simulator.always('reasoning')
  const whole = await generateText({ model: modelOf(setup), prompt: 'Think' })
  expect([whole.reasoningText, whole.text]).toEqual(['Let me think about that.', 'Done thinking.'])
  const streamed = streamText({ model: modelOf(setup), prompt: 'Think' })
  expect([await streamed.reasoningText, await streamed.text]).toEqual(['Let me think about that.', 'Done thinking.'])
})

test('a tool is run and its result answered, whole', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next(callsWeather)
  const result = await generateText({
    model: modelOf(setup),
    tools: { weather },
    stopWhen: isStepCount(3),
    prompt: 'How is it in Łódź?',
  })
  expect(result.steps.map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'stop'])
  expect(result.text).toContain('18 degrees in Łódź')
})

test('a tool is run and its result answered, streamed', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next(callsWeather)
  const result = streamText({
    model: modelOf(setup),
    tools: { weather },
    stopWhen: isStepCount(3),
    prompt: 'How is it in Łódź?',
  })
  const parts: string[] = []
  for await (const part of result.fullStream) parts.push(part.type)
  expect(parts).toEqual(
    expect.arrayContaining(['tool-input-delta', 'tool-call', 'tool-result', 'text-delta', 'finish']),
  )
  expect(await result.text).toContain('18 degrees in Łódź')
  expect(setup.usage.map(({ outcome, finishReason }) => [outcome, finishReason])).toEqual([
    ['ok', 'tool-calls'],
    ['ok', 'stop'],
  ])
})

test('objects by a schema, whole and streamed', async () => {
  await using setup = await startTestGateway()
  const model = modelOf(setup)
  const { object } = await generateObject({ model, schema: reading, prompt: 'A reading' })
  expect(reading.parse(object)).toEqual(object)
  const whole = await generateText({ model, output: Output.object({ schema: reading }), prompt: 'A reading' })
  expect(whole.output).toEqual(object)
  const streamed = streamText({ model, output: Output.object({ schema: reading }), prompt: 'A reading' })
  expect(await streamed.output).toEqual(object)
  expect(setup.simulator.requests.at(-1)?.json()).toMatchObject({ response_format: { type: 'json_schema' } })
})

test.each([
  ['bad-request', 400, 'upstream_rejected', false],
  ['rate-limited', 429, 'rate_limit_exceeded', true],
  ['server-error', 502, 'upstream_error', true],
  ['overloaded', 503, 'upstream_overloaded', true],
] as const)('%s upstream is an APICallError, whole and streamed', async (behaviour, statusCode, code, isRetryable) => {
  await using setup = await startTestGateway()
  setup.simulator.always(behaviour)
  const call = { model: modelOf(setup), prompt: 'Hello', maxRetries: 0 }
  const whole: unknown = await generateText(call).catch((error: unknown) => error)
  const streamed = await errorOf(streamText({ ...call, onError: () => {} }).fullStream)
  for (const error of [whole, streamed]) {
    if (!APICallError.isInstance(error)) throw error
    expect(error).toMatchObject({ statusCode, isRetryable })
    expect(error.responseHeaders?.['x-request-id']).toMatch(/^req_/)
    expect(JSON.parse(error.responseBody ?? '')).toMatchObject({ error: { code, message: error.message } })
  }
})

test('a wrong key and a model that nothing serves', async () => {
  await using setup = await startTestGateway({ config: { server: { keys: ['sk-caller-1'] } } })
  const prompt = 'Hello'
  await expect(generateText({ model: modelOf(setup), prompt, maxRetries: 0 })).rejects.toMatchObject({
    statusCode: 401,
  })
  const sluice = createOpenAICompatible({ name: 'sluice', baseURL: setup.url, apiKey: 'sk-caller-1' })
  await generateText({ model: sluice('small'), prompt })
  await expect(generateText({ model: sluice('smal'), prompt, maxRetries: 0 })).rejects.toMatchObject({
    statusCode: 404,
    message: expect.stringContaining('lab/small'),
  })
})

test.each(['cut', 'reset', 'truncate'] as const)('a stream that ends by %s ends in an error', async (kind) => {
  await using setup = await startTestGateway()
  setup.simulator.next({ fault: { kind, at: { event: 4 } } })
  const result = streamText({ model: modelOf(setup), prompt: 'Hello', onError: () => {} })
  expect(await errorOf(result.fullStream)).toBeDefined()
  expect(await setup.settled()).toMatchObject({ outcome: 'cut', errorCode: 'upstream_disconnected' })
})

test('an abort cancels the call upstream, and is metered', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next('endless')
  const controller = new AbortController()
  const result = streamText({ model: modelOf(setup), prompt: 'Hello', abortSignal: controller.signal })
  let parts = 0
  for await (const part of result.fullStream) {
    if (part.type === 'text-delta' && ++parts === 3) controller.abort()
  }
  expect(await setup.settled()).toMatchObject({ outcome: 'aborted' })
  const [request] = setup.simulator.requests.filter(({ method }) => method === 'POST')
  expect(await request?.closed()).toBe('aborted')
})
