import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Simulator } from '../../simulator.ts'
import { startSimulator } from '../../simulator.ts'

let simulator: Simulator
let client: OpenAI
afterEach(() => simulator.close())
beforeEach(async () => {
  simulator = await startSimulator()
  client = new OpenAI({ baseURL: simulator.url, apiKey: 'sk-test', maxRetries: 0 })
})

const spoken = "This is Sluice's demo provider, not a model. You said: Good morning"
const weather = {
  type: 'function' as const,
  name: 'get_weather',
  strict: true,
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
}

type Params = Omit<OpenAI.Responses.ResponseCreateParamsNonStreaming, 'model'>

function ask(params: Params = {}): Promise<OpenAI.Responses.Response> {
  return client.responses.create({ model: 'any', input: 'Good morning', ...params })
}

/** The stream's events, and what the SDK makes of them. */
async function stream(params: Params = {}): Promise<{ types: string[]; final: OpenAI.Responses.Response }> {
  const runner = client.responses.stream({ model: 'any', input: 'Good morning', ...params } as never)
  const types: string[] = []
  for await (const event of runner) types.push((event as { type: string }).type)
  return { types, final: await runner.finalResponse() }
}

describe('a response', () => {
  test('is whole', async () => {
    const response = await ask({ instructions: 'Be kind.', temperature: 0.5 })
    expect(response.output_text).toBe(spoken)
    expect(response).toMatchObject({
      object: 'response',
      status: 'completed',
      instructions: 'Be kind.',
      temperature: 0.5,
      usage: { input_tokens: 10, output_tokens: 12, total_tokens: 22 },
    })
    expect(response.id).toMatch(/^resp_/)
  })

  test('stops at the token limit', async () => {
    const response = await ask({ input: 'word '.repeat(40), max_output_tokens: 16 })
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } })
  })

  test('has log probabilities when asked', async () => {
    const response = await ask({ include: ['message.output_text.logprobs'], top_logprobs: 2 })
    const [message] = response.output
    const part = message?.type === 'message' ? message.content[0] : undefined
    const logprobs = part?.type === 'output_text' ? (part.logprobs ?? []) : []
    expect(logprobs.map((entry) => entry.token).join('')).toBe(spoken)
    expect(logprobs[0]?.top_logprobs).toHaveLength(2)
  })

  test('is held to a schema', async () => {
    const schema = {
      type: 'object',
      properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 18 } },
      required: ['name', 'age'],
    }
    const response = await client.responses.parse({
      model: 'any',
      input: 'Who?',
      text: { format: { type: 'json_schema', name: 'person', schema, strict: true } },
    })
    expect(JSON.parse(response.output_text)).toEqual({ name: 'example', age: 18 })
  })

  test('says what was scripted', async () => {
    simulator.next({
      reply: { reasoning: 'Hmm.', text: 'Yes.', usage: { input: 100, cachedInput: 60, output: 30, reasoning: 20 } },
    })
    const response = await ask({ include: ['reasoning.encrypted_content'] })
    expect(response.output).toMatchObject([
      { type: 'reasoning', summary: [{ text: 'Hmm.' }], encrypted_content: expect.stringMatching(/^gAAAA/) as string },
      { type: 'message', content: [{ type: 'output_text', text: 'Yes.' }] },
    ])
    expect(response.usage).toMatchObject({
      input_tokens_details: { cached_tokens: 60 },
      output_tokens_details: { reasoning_tokens: 20 },
    })
  })
})

describe('a stream', () => {
  test('has every event in its order', async () => {
    simulator.next({ reply: { reasoning: ['Hmm', '.'], text: ['Yes', '.'] } })
    const { types, final } = await stream()
    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ])
    expect(final.output_text).toBe('Yes.')
  })

  test('carries calls of both kinds in fragments', async () => {
    simulator.next({
      reply: {
        toolCalls: [
          { name: 'get_weather', arguments: { city: 'Zürich 🏔' } },
          { name: 'shell', input: 'ls -l /tmp/somewhere' },
        ],
      },
    })
    const { types, final } = await stream({ tools: [weather, { type: 'custom', name: 'shell' }] })
    expect(final.output).toMatchObject([
      { type: 'function_call', name: 'get_weather', arguments: '{"city":"Zürich 🏔"}' },
      { type: 'custom_tool_call', name: 'shell', input: 'ls -l /tmp/somewhere' },
    ])
    expect(types.filter((type) => type === 'response.custom_tool_call_input.delta')).toHaveLength(2)
  })

  test('carries refusals', async () => {
    simulator.next('refusal')
    const { final } = await stream()
    expect(final.output).toMatchObject([
      { content: [{ type: 'refusal', refusal: "I'm sorry, I can't help with that." }] },
    ])
  })

  test('ends with an error where one is scripted', async () => {
    simulator.next({ fault: { kind: 'error-inside', at: 5 } })
    const events = await client.responses.create({ model: 'any', input: 'x', stream: true })
    const read = async (): Promise<void> => {
      for await (const event of events) expect(event.type).toMatch(/^response\./)
    }
    await expect(read()).rejects.toThrow(/had an error/)
  })
})

describe('tools', () => {
  test.each<[string, Params]>([
    ['required', { tools: [weather], tool_choice: 'required' }],
    ['named', { tools: [weather], tool_choice: { type: 'function', name: 'get_weather' } }],
    ['spoken of', { tools: [weather], input: 'How is the weather?' }],
    [
      'among the allowed',
      {
        tools: [{ ...weather, name: 'other' }, weather],
        tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'get_weather' }] },
      },
    ],
  ])('are called when %s', async (_when, params) => {
    const { output } = await ask(params)
    expect(output).toMatchObject([{ type: 'function_call', name: 'get_weather', arguments: '{"city":"example"}' }])
  })

  test('are called once: their result is answered with text', async () => {
    const question = { role: 'user' as const, content: 'How is the weather?' }
    const first = await ask({ tools: [weather], input: [question] })
    const call = first.output.find((item) => item.type === 'function_call')
    const second = await ask({
      tools: [weather],
      input: [
        question,
        ...(first.output as OpenAI.Responses.ResponseInput),
        { type: 'function_call_output', call_id: call?.call_id ?? '', output: 'Sunny' },
      ],
    })
    expect(second.output_text).toContain('The tool answered: Sunny')
  })
})

test.each<[string, object, string]>([
  ['parameters of Chat Completions', { messages: [] }, 'messages'],
  ['a limit that is too low', { max_output_tokens: 5 }, 'max_output_tokens'],
  ['results without their call', { input: [{ type: 'function_call_output', call_id: 'x', output: '' }] }, 'input'],
  [
    'parts of another role',
    { input: [{ role: 'assistant', content: [{ type: 'input_text', text: '' }] }] },
    'input[0].content[0]',
  ],
])('refuses %s', async (_what, params, param) => {
  await expect(ask(params)).rejects.toMatchObject({ status: 400, param })
})

test('counts the tokens of an input', async () => {
  const counted = await client.responses.inputTokens.count({ model: 'any', instructions: 'Be brief.', input: 'Hello' })
  expect(counted).toEqual({ object: 'response.input_tokens', input_tokens: 9 })
})
