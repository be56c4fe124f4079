import { createRequire } from 'node:module'
import {
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  BedrockRuntimeServiceException,
  type ContentBlock,
  ConverseCommand,
  type ConverseCommandInput,
  type ConverseCommandOutput,
  ConverseStreamCommand,
  type ConverseStreamOutput,
  InternalServerException,
  type Message,
  ThrottlingException,
  type Tool,
  ValidationException,
} from '@aws-sdk/client-bedrock-runtime'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator.ts'

/** The SDK's own handler of HTTP/1.1; on its own this client speaks HTTP/2. */
const { NodeHttpHandler } = createRequire(import.meta.resolve('@aws-sdk/client-bedrock-runtime'))(
  '@smithy/node-http-handler',
) as { readonly NodeHttpHandler: new () => NonNullable<BedrockRuntimeClientConfig['requestHandler']> }

let simulator: Simulator
let client: BedrockRuntimeClient
afterEach(async () => {
  client.destroy()
  await simulator.close()
})

async function start(options: SimulatorOptions = {}, attempts = 1): Promise<void> {
  await (simulator as Simulator | undefined)?.close()
  simulator = await startSimulator(options)
  client = new BedrockRuntimeClient({
    endpoint: simulator.origin,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session' },
    maxAttempts: attempts,
    requestHandler: new NodeHttpHandler(),
  })
}
beforeEach(() => start())

const modelId = 'us.anthropic.claude-sonnet-5-5-v1:0'
const messages: Message[] = [{ role: 'user', content: [{ text: 'Good morning' }] }]
const spoken = "This is Sluice's demo provider, not a model. You said: Good morning"
const weather: Tool = {
  toolSpec: {
    name: 'get_weather',
    inputSchema: { json: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
  },
}

function ask(input: Partial<ConverseCommandInput> = {}): Promise<ConverseCommandOutput> {
  return client.send(new ConverseCommand({ modelId, messages, ...input }))
}

async function stream(input: Partial<ConverseCommandInput> = {}): Promise<ConverseStreamOutput[]> {
  const { stream: events } = await client.send(new ConverseStreamCommand({ modelId, messages, ...input }))
  const all: ConverseStreamOutput[] = []
  for await (const event of events ?? []) all.push(event)
  return all
}

const deltas = (events: readonly ConverseStreamOutput[]) =>
  events.flatMap((event) => event.contentBlockDelta?.delta ?? [])
const contentOf = (answer: ConverseCommandOutput): readonly ContentBlock[] => answer.output?.message?.content ?? []

describe('an answer', () => {
  test('is whole', async () => {
    const answer = await ask({ inferenceConfig: { temperature: 0.5 } })
    expect(contentOf(answer)).toEqual([{ text: spoken }])
    expect(answer).toMatchObject({
      stopReason: 'end_turn',
      usage: { inputTokens: 5, outputTokens: 12, totalTokens: 17 },
      metrics: { latencyMs: 1 },
    })
    const request = simulator.requests.at(-1)
    expect(request?.path).toBe(`/model/${encodeURIComponent(modelId)}/converse`)
    expect(request?.header('authorization')).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/bedrock\//,
    )
    expect(request?.header('x-amz-security-token')).toBe('session')
    expect(answer.$metadata.requestId).toMatch(/^[0-9a-f]{24}$/)
  })

  test('streams in order', async () => {
    const events = await stream()
    expect(events.map((event) => Object.keys(event)[0])).toEqual([
      'messageStart',
      ...events.slice(1, -3).map(() => 'contentBlockDelta'),
      'contentBlockStop',
      'messageStop',
      'metadata',
    ])
    expect(
      deltas(events)
        .map(({ text }) => text)
        .join(''),
    ).toBe(spoken)
    expect(events.at(-2)?.messageStop?.stopReason).toBe('end_turn')
    expect(events.at(-1)?.metadata?.usage).toMatchObject({ inputTokens: 5, outputTokens: 12, totalTokens: 17 })
  })

  test('comes in pieces of a byte', async () => {
    simulator.next({ reply: { text: ['Grüße ', '👋'] }, fault: { kind: 'split', size: 1 } })
    expect(deltas(await stream()).map(({ text }) => text)).toEqual(['Grüße ', '👋'])
  })

  test('thinks, with a signature', async () => {
    simulator.always({ reply: { reasoning: ['Let me ', 'think.'], text: 'Done.' } })
    const [thought, said] = contentOf(await ask())
    expect(thought?.reasoningContent?.reasoningText).toEqual({
      text: 'Let me think.',
      signature: expect.any(String) as string,
    })
    expect(said).toEqual({ text: 'Done.' })
    const pieces = deltas(await stream())
    expect(pieces.flatMap((delta) => delta.reasoningContent?.text ?? []).join('')).toBe('Let me think.')
    expect(pieces.some((delta) => delta.reasoningContent?.signature !== undefined)).toBe(true)
  })

  test('says what was cached, and why it ended', async () => {
    simulator.always({
      reply: {
        text: 'It is',
        finishReason: 'length',
        usage: { input: 100, cachedInput: 60, cacheWrite: 10, output: 2 },
      },
    })
    expect(await ask()).toMatchObject({
      stopReason: 'max_tokens',
      usage: {
        inputTokens: 30,
        cacheReadInputTokens: 60,
        cacheWriteInputTokens: 10,
        outputTokens: 2,
        totalTokens: 102,
      },
    })
  })

  test('looks at images and documents', async () => {
    const bytes = Uint8Array.of(0x89, 0x50, 0x4e, 0x47)
    const content: ContentBlock[] = [
      { text: 'What is this?' },
      { image: { format: 'png', source: { bytes } } },
      { document: { format: 'pdf', name: 'a report', source: { bytes } } },
    ]
    expect((await ask({ messages: [{ role: 'user', content }] })).stopReason).toBe('end_turn')
    expect(simulator.requests.at(-1)?.json()).toMatchObject({
      messages: [{ content: [{}, { image: { source: { bytes: 'iVBORw==' } } }, { document: { name: 'a report' } }] }],
    })
  })

  test('holds itself to a schema', async () => {
    const schema = JSON.stringify(weather.toolSpec?.inputSchema?.json)
    const answer = await ask({
      outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema: { schema, name: 'weather' } } } },
    })
    expect(JSON.parse(contentOf(answer)[0]?.text ?? '')).toEqual({ city: 'example' })
  })
})

describe('tools', () => {
  const toolConfig = { tools: [weather], toolChoice: { any: {} } }

  test('are called, and their results heard', async () => {
    const answer = await ask({ toolConfig })
    const [call] = contentOf(answer)
    expect(answer.stopReason).toBe('tool_use')
    expect(call?.toolUse).toMatchObject({ name: 'get_weather', input: { city: 'example' } })
    const result: Message = {
      role: 'user',
      content: [{ toolResult: { toolUseId: call?.toolUse?.toolUseId, content: [{ json: { degrees: 20 } }] } }],
    }
    const turn: Message = { role: 'assistant', content: [...contentOf(answer)] }
    const last = await ask({ messages: [...messages, turn, result], toolConfig: { tools: [weather] } })
    expect(contentOf(last)[0]?.text).toContain('The tool answered: {"degrees":20}')
  })

  test('stream their input in pieces', async () => {
    const events = await stream({ toolConfig })
    const started = events.flatMap((event) => event.contentBlockStart?.start?.toolUse ?? [])
    expect(started).toMatchObject([{ name: 'get_weather' }])
    const input = deltas(events).map((delta) => delta.toolUse?.input ?? '')
    expect(JSON.parse(input.join(''))).toEqual({ city: 'example' })
    expect(input.length).toBeGreaterThan(2)
  })
})

describe('what goes wrong', () => {
  test.each<[string, Partial<ConverseCommandInput>, RegExp]>([
    ['no turn', { messages: [] }, /at least one message/],
    ['an assistant first', { messages: [{ role: 'assistant', content: [{ text: 'Hi' }] }] }, /start with a user/],
    ['two turns of one role', { messages: [...messages, ...messages] }, /alternate/],
    ['a blank text', { messages: [{ role: 'user', content: [{ text: ' ' }] }] }, /blank/],
    ['a temperature', { inferenceConfig: { temperature: 1.5 } }, /temperature/],
    [
      'a result that was not asked for',
      {
        messages: [{ role: 'user', content: [{ toolResult: { toolUseId: 'a', content: [] } }] }],
        toolConfig: { tools: [weather] },
      },
      /exceeds the number of toolUse blocks/,
    ],
  ])('a request with %s', async (_name, input, message) => {
    const error: unknown = await ask(input).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ValidationException)
    expect((error as Error).message).toMatch(message)
  })

  test('a model that is not there', async () => {
    await start({ models: ['amazon.nova-lite-v1:0'] })
    await expect(ask()).rejects.toThrow('model identifier is invalid')
    expect((await ask({ modelId: 'amazon.nova-lite-v1:0' })).stopReason).toBe('end_turn')
  })

  test('throttling, which the client retries', async () => {
    simulator.next('rate-limited')
    await expect(ask()).rejects.toBeInstanceOf(ThrottlingException)
    await start({}, 3)
    simulator.next({ fault: { kind: 'status', status: 429 } }, { fault: { kind: 'status', status: 503 } })
    expect((await ask()).$metadata.attempts).toBe(3)
    expect(simulator.requests).toHaveLength(3)
  })

  test('a failure, by its name', async () => {
    simulator.next({ fault: { kind: 'status', status: 500 } })
    await expect(ask()).rejects.toBeInstanceOf(InternalServerException)
    simulator.next({
      fault: { kind: 'status', status: 403, error: { type: 'ExpiredTokenException', message: 'Gone.' } },
    })
    const error: unknown = await ask().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(BedrockRuntimeServiceException)
    expect(error).toMatchObject({ name: 'ExpiredTokenException', message: 'Gone.', $metadata: { httpStatusCode: 403 } })
  })

  test('an exception in a stream', async () => {
    simulator.next({ fault: { kind: 'error-inside', at: 2 } })
    await expect(stream()).rejects.toBeInstanceOf(InternalServerException)
    const error = { message: 'Slow down.' }
    simulator.next({ fault: { kind: 'error-inside', at: 2, event: 'throttlingException', error } })
    await expect(stream()).rejects.toThrow('Slow down.')
  })

  test('a client that leaves', async () => {
    simulator.next('endless')
    const leave = new AbortController()
    const { stream: events } = await client.send(new ConverseStreamCommand({ modelId, messages }), {
      abortSignal: leave.signal,
    })
    let heard = 0
    await expect(async () => {
      for await (const event of events ?? []) if (event.contentBlockDelta && ++heard === 3) leave.abort()
    }).rejects.toThrow(/abort/i)
    expect(await simulator.requests[0]?.closed()).toBe('aborted')
  })
})
