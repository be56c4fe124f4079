import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../../start-test-gateway.ts'

const parameters = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
const weather = { type: 'function' as const, function: { name: 'get_weather', strict: true, parameters } }
const time = {
  type: 'function' as const,
  function: { name: 'get_time', parameters: { type: 'object', properties: {} } },
}
const asking: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Weather and time in Łódź?' }]
const twoCalls = {
  reply: {
    toolCalls: [
      { id: 'call_a', name: 'get_weather', arguments: { city: 'Łódź "centre"' } },
      { id: 'call_b', name: 'get_time', arguments: '{}' },
    ],
  },
}

function clientOf({ url }: TestGateway): OpenAI {
  return new OpenAI({ baseURL: url, apiKey: 'any', maxRetries: 0 })
}

test('parallel calls in a whole answer, and the turn after them', async () => {
  await using setup = await startTestGateway()
  const client = clientOf(setup)
  setup.simulator.next(twoCalls)
  const body = { model: 'small', tools: [weather, time], parallel_tool_calls: true }
  const first = await client.chat.completions.create({ ...body, messages: asking })
  const message = first.choices[0]?.message
  expect(first.choices[0]?.finish_reason).toBe('tool_calls')
  expect(message?.tool_calls).toEqual([
    { id: 'call_a', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Łódź \\"centre\\""}' } },
    { id: 'call_b', type: 'function', function: { name: 'get_time', arguments: '{}' } },
  ])
  if (message === undefined) throw new Error('no message')
  const messages: OpenAI.ChatCompletionMessageParam[] = [
    ...asking,
    message,
    { role: 'tool', tool_call_id: 'call_a', content: '18 degrees' },
    { role: 'tool', tool_call_id: 'call_b', content: 'noon' },
  ]
  const second = await client.chat.completions.create({ ...body, messages })
  expect(second.choices[0]?.message.content).toContain('18 degrees noon')
  expect(setup.simulator.requests.at(-1)?.json()).toEqual({ ...body, messages })
})

test('parallel calls piece by piece', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next(twoCalls)
  const body = { model: 'small', tools: [weather, time], messages: asking }
  const calls: { id: string; name: string; arguments: string }[] = []
  let pieces = 0
  for await (const chunk of await clientOf(setup).chat.completions.create({ ...body, stream: true })) {
    for (const { index, id, function: called } of chunk.choices[0]?.delta.tool_calls ?? []) {
      const call = (calls[index] ??= { id: '', name: '', arguments: '' })
      call.id += id ?? ''
      call.name += called?.name ?? ''
      call.arguments += called?.arguments ?? ''
      pieces++
    }
  }
  expect(pieces).toBeGreaterThan(calls.length)
  expect(calls).toEqual([
    { id: 'call_a', name: 'get_weather', arguments: '{"city":"Łódź \\"centre\\""}' },
    { id: 'call_b', name: 'get_time', arguments: '{}' },
  ])
  expect(await setup.settled()).toMatchObject({ outcome: 'ok', finishReason: 'tool-calls' })
})

test('the helper that gathers streamed calls, and checks strict ones', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next(twoCalls)
  const runner = clientOf(setup).chat.completions.stream({ model: 'small', tools: [weather, time], messages: asking })
  const done: string[] = []
  runner.on('tool_calls.function.arguments.done', ({ name, arguments: text }) => done.push(`${name} ${text}`))
  const completion = await runner.finalChatCompletion()
  expect(done).toEqual(['get_weather {"city":"Łódź \\"centre\\""}', 'get_time {}'])
  expect(completion.choices[0]?.message.tool_calls?.[0]).toMatchObject({
    function: { parsed_arguments: { city: 'Łódź "centre"' } },
  })
})

test('the helper that runs tools until there is an answer', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next(twoCalls)
  const asked: unknown[] = []
  const runner = clientOf(setup).chat.completions.runTools({
    model: 'small',
    messages: asking,
    tools: [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          description: 'The weather',
          parameters,
          parse: JSON.parse,
          function: (input: unknown) => {
            asked.push(input)
            return '18 degrees'
          },
        },
      },
      {
        type: 'function',
        function: { name: 'get_time', description: 'The time', parameters: {}, function: () => 'noon' },
      },
    ],
  })
  expect(await runner.finalContent()).toContain('18 degrees noon')
  expect(asked).toEqual([{ city: 'Łódź "centre"' }])
  expect(setup.usage.map(({ finishReason }) => finishReason)).toEqual(['tool-calls', 'stop'])
})

test('custom tools', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next({ reply: { toolCalls: [{ id: 'call_c', name: 'shell', input: 'ls -l\n' }] } })
  const answer = await clientOf(setup).chat.completions.create({
    model: 'small',
    messages: asking,
    tools: [{ type: 'custom', custom: { name: 'shell' } }],
  })
  expect(answer.choices[0]?.message.tool_calls).toEqual([
    { id: 'call_c', type: 'custom', custom: { name: 'shell', input: 'ls -l\n' } },
  ])
})

test('a tool that must be called', async () => {
  await using setup = await startTestGateway()
  const answer = await clientOf(setup).chat.completions.create({
    model: 'small',
    messages: asking,
    tools: [weather, time],
    tool_choice: { type: 'function', function: { name: 'get_weather' } },
  })
  expect(answer.choices[0]?.message.tool_calls?.map((call) => call.type === 'function' && call.function.name)).toEqual([
    'get_weather',
  ])
})
