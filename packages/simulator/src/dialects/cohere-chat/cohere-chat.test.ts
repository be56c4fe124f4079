import { Cohere, CohereClientV2, type CohereError } from 'cohere-ai'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator.ts'

let simulator: Simulator
let client: CohereClientV2
afterEach(() => simulator.close())

async function start(options: SimulatorOptions = {}, token = 'co-test'): Promise<void> {
  await (simulator as Simulator | undefined)?.close()
  simulator = await startSimulator(options)
  client = new CohereClientV2({ environment: simulator.origin, token, maxRetries: 0 })
}
beforeEach(() => start())

const messages: Cohere.ChatMessages = [{ role: 'user', content: 'Good morning' }]
const usual = { model: 'command-a-plus-05-2026', messages }
const spoken = "This is Sluice's demo provider, not a model. You said: Good morning"
const weather: Cohere.ToolV2 = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
}

interface Told {
  readonly types: readonly string[]
  readonly text: string
  readonly thinking: string
  readonly calls: readonly { readonly name: string; readonly input: unknown }[]
  readonly end: Cohere.ChatMessageEndEventDelta | undefined
}

async function tell(request: Cohere.V2ChatStreamRequest): Promise<Told> {
  const types: string[] = []
  const calls: { name: string; input: string }[] = []
  let [text, thinking] = ['', '']
  let end: Cohere.ChatMessageEndEventDelta | undefined
  for await (const event of await client.chatStream(request)) {
    types.push(event.type)
    if (event.type === 'content-delta') {
      text += event.delta?.message?.content?.text ?? ''
      thinking += event.delta?.message?.content?.thinking ?? ''
    } else if (event.type === 'tool-call-start') {
      calls.push({ name: event.delta?.message?.toolCalls?.function?.name ?? '', input: '' })
    } else if (event.type === 'tool-call-delta') {
      calls[event.index ?? 0]!.input += event.delta?.message?.toolCalls?.function?.arguments ?? ''
    } else if (event.type === 'message-end') end = event.delta
  }
  return { types, text, thinking, calls: calls.map((call) => ({ ...call, input: JSON.parse(call.input) })), end }
}

describe('an answer', () => {
  test('is whole, and names its request', async () => {
    const { data, rawResponse } = await client.chat(usual).withRawResponse()
    expect(data).toMatchObject({
      finishReason: 'COMPLETE',
      message: { role: 'assistant', content: [{ type: 'text', text: spoken }] },
      usage: { tokens: { inputTokens: 5, outputTokens: 12 }, billedUnits: { inputTokens: 5, outputTokens: 12 } },
    })
    expect(data.id).not.toBe('')
    expect(rawResponse.headers.get('x-debug-trace-id')).not.toBeNull()
  })

  test('stops at the limit, with log probabilities where asked for', async () => {
    const answer = await client.chat({ ...usual, maxTokens: 3, logprobs: true })
    expect(answer).toMatchObject({
      finishReason: 'MAX_TOKENS',
      message: { content: [{ text: "This is Sluice's" }] },
      logprobs: [{ text: 'This' }, { text: ' is' }, { text: " Sluice's" }],
    })
  })

  test('counts cached input as part of all', async () => {
    simulator.next({ reply: { text: 'x', usage: { input: 100, cachedInput: 60, output: 5 } } })
    expect((await client.chat(usual)).usage).toMatchObject({ tokens: { inputTokens: 100 }, cachedTokens: 60 })
  })

  test('is JSON by a schema when asked', async () => {
    const jsonSchema = { type: 'object', properties: { age: { type: 'integer' } }, required: ['age'] }
    const answer = await client.chat({ ...usual, responseFormat: { type: 'json_object', jsonSchema } })
    const [block] = answer.message.content ?? []
    expect(JSON.parse(block?.type === 'text' ? block.text : '')).toEqual({ age: 1 })
  })
})

describe('a stream', () => {
  test('says the same as the answer, part by part', async () => {
    simulator.always({
      reply: {
        reasoning: 'Hmm, let me see.',
        text: 'Yes.',
        toolCalls: [{ name: 'get_weather', arguments: { city: 'Zürich 🏔' } }, { name: 'now' }],
      },
    })
    const told = await tell(usual)
    expect(told).toMatchObject({
      thinking: 'Hmm, let me see.',
      text: 'Yes.',
      calls: [
        { name: 'get_weather', input: { city: 'Zürich 🏔' } },
        { name: 'now', input: {} },
      ],
    })
    expect(told.types[0]).toBe('message-start')
    expect(told.types.at(-1)).toBe('message-end')
    const whole = await client.chat(usual)
    expect(told.end).toMatchObject({ finishReason: 'TOOL_CALL', usage: whole.usage })
    expect(whole).toMatchObject({
      finishReason: 'TOOL_CALL',
      message: {
        content: [
          { type: 'thinking', thinking: 'Hmm, let me see.' },
          { type: 'text', text: 'Yes.' },
        ],
        toolCalls: [
          { function: { name: 'get_weather', arguments: '{"city":"Zürich 🏔"}' } },
          { function: { name: 'now' } },
        ],
      },
    })
  })

  test.each(['byte-by-byte', 'crlf', 'keep-alive', 'missing-end'] as const)('survives %s', async (preset) => {
    simulator.next(preset)
    expect((await tell(usual)).text).toBe(spoken)
  })

  test('that breaks off says so', async () => {
    simulator.next('reset-mid-body')
    await expect(tell(usual)).rejects.toThrow(/terminated|reset|closed/i)
  })

  test('ends when its reader leaves', async () => {
    simulator.next('endless')
    const abort = new AbortController()
    let seen = 0
    const reading = async (): Promise<void> => {
      for await (const _event of await client.chatStream(usual, { abortSignal: abort.signal })) {
        seen += 1
        if (seen === 5) abort.abort()
      }
    }
    await expect(reading()).rejects.toThrow(/abort/i)
    expect(await simulator.requests.at(-1)?.closed()).toBe('aborted')
  })
})

test('tools are called when they must be, and their results are answered', async () => {
  const tools = [weather]
  const asked = await client.chat({ ...usual, tools, toolChoice: 'REQUIRED', strictTools: true })
  const [call] = asked.message.toolCalls ?? []
  expect(call).toMatchObject({ type: 'function', function: { name: 'get_weather', arguments: '{"city":"example"}' } })
  const answer = await client.chat({
    ...usual,
    tools,
    messages: [
      ...messages,
      asked.message,
      {
        role: 'tool',
        toolCallId: call?.id ?? '',
        content: [{ type: 'document', document: { data: { temperature: '18 °C' } } }],
      },
    ],
  })
  expect(answer.message.content).toMatchObject([{ text: expect.stringContaining('18 °C') }])
})

describe('errors', () => {
  test.each([
    [400, Cohere.BadRequestError],
    [401, Cohere.UnauthorizedError],
    [403, Cohere.ForbiddenError],
    [404, Cohere.NotFoundError],
    [422, Cohere.UnprocessableEntityError],
    [429, Cohere.TooManyRequestsError],
    [498, Cohere.InvalidTokenError],
    [500, Cohere.InternalServerError],
    [503, Cohere.ServiceUnavailableError],
    [504, Cohere.GatewayTimeoutError],
  ] as const)('of status %i', async (status, kind) => {
    simulator.always({ fault: { kind: 'status', status } })
    for (const ask of [() => client.chat(usual), () => client.chatStream(usual)]) {
      const error = (await ask().catch((reason: unknown) => reason)) as CohereError
      expect(error).toBeInstanceOf(kind)
      expect(error).toMatchObject({ statusCode: status, body: { message: expect.stringMatching(/./) } })
    }
  })

  test('for keys and models', async () => {
    await start({ apiKey: 'co-right', models: ['command-r'] }, 'co-wrong')
    await expect(client.chat(usual)).rejects.toBeInstanceOf(Cohere.UnauthorizedError)
    client = new CohereClientV2({ environment: simulator.origin, token: 'co-right', maxRetries: 0 })
    await expect(client.chat(usual)).rejects.toBeInstanceOf(Cohere.NotFoundError)
  })

  test.each<[string, object, RegExp]>([
    ['no model', { model: undefined }, /model is required/],
    ['no messages', { messages: [] }, /there must be one/],
    ['an unknown role', { messages: [{ role: 'developer', content: 'x' }] }, /role must be one of/],
    ['an empty turn', { messages: [{ role: 'assistant' }] }, /must have content or tool_calls/],
    [
      'a result of no call',
      { messages: [{ role: 'tool', tool_call_id: 'x', content: 'y' }] },
      /does not match a tool call/,
    ],
    ['a tool without parameters', { tools: [{ type: 'function', function: { name: 'n' } }] }, /parameters is required/],
    ['a choice without tools', { tool_choice: 'REQUIRED' }, /needs tools/],
    ['too high a p', { p: 1 }, /p must be between/],
    ['a negative penalty', { presence_penalty: -1 }, /presence_penalty must be between/],
    ['many stops', { stop_sequences: ['a', 'b', 'c', 'd', 'e', 'f'] }, /at most 5/],
    ['an unknown format', { response_format: { type: 'json_schema' } }, /response_format.type/],
    [
      'a format beside tools',
      { tools: [weather], response_format: { type: 'json_object' } },
      /not supported with tools/,
    ],
  ])('for a request with %s', async (_, change, message) => {
    const response = await fetch(`${simulator.origin}/v2/chat`, {
      method: 'POST',
      body: JSON.stringify({ ...usual, ...change }),
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ message: expect.stringMatching(message) })
  })
})
