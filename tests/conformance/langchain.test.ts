import { type AIMessageChunk, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { ChatOpenAI, type ChatOpenAIFields } from '@langchain/openai'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

function modelOf({ url }: TestGateway, fields: ChatOpenAIFields = {}): ChatOpenAI {
  return new ChatOpenAI({ model: 'small', apiKey: 'any', maxRetries: 0, configuration: { baseURL: url }, ...fields })
}

const weather = tool(({ city }) => `18 degrees in ${city}`, {
  name: 'weather',
  description: 'The weather of a city',
  schema: z.object({ city: z.string() }),
})

const callsWeather = { reply: { toolCalls: [{ id: 'call_a', name: 'weather', arguments: { city: 'Łódź' } }] } }

async function gather(stream: AsyncIterable<AIMessageChunk>): Promise<AIMessageChunk> {
  let whole: AIMessageChunk | undefined
  for await (const chunk of stream) whole = whole === undefined ? chunk : whole.concat(chunk)
  if (whole === undefined) throw new Error('The stream was empty.')
  return whole
}

test('invoke', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next({ reply: { text: 'Hello there.', usage: { input: 12, output: 3 } } })
  const answer = await modelOf(setup).invoke([new SystemMessage('Be brief.'), new HumanMessage('Hello')])
  expect(answer.text).toBe('Hello there.')
  expect(answer.usage_metadata).toMatchObject({ input_tokens: 12, output_tokens: 3, total_tokens: 15 })
  expect(answer.response_metadata).toMatchObject({ finish_reason: 'stop', model_name: 'small' })
})

test.each([true, false])('stream, with streamUsage: %s', async (streamUsage) => {
  await using setup = await startTestGateway()
  setup.simulator.next({ reply: { text: 'One two three.', usage: { input: 7, output: 4 } } })
  const answer = await gather(await modelOf(setup, { streamUsage }).stream('Count'))
  expect(answer.text).toBe('One two three.')
  const { usage_metadata: usage } = answer
  expect(usage).toEqual(streamUsage ? expect.objectContaining({ output_tokens: 4 }) : undefined)
  expect(await setup.settled()).toMatchObject({ outcome: 'ok', stream: true, usage: { input: 7, output: 4 } })
})

test('bindTools: a call, its result, and the answer to it', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next(callsWeather)
  const model = modelOf(setup).bindTools([weather])
  const question = new HumanMessage('How is it in Łódź?')
  const asked = await model.invoke([question])
  expect(asked.tool_calls).toEqual([{ type: 'tool_call', id: 'call_a', name: 'weather', args: { city: 'Łódź' } }])
  const [call] = asked.tool_calls ?? []
  if (call === undefined) throw new Error('no call')
  const result: unknown = await weather.invoke({ ...call, type: 'tool_call' })
  if (!(result instanceof ToolMessage)) throw new Error('no result')
  expect((await model.invoke([question, asked, result])).text).toContain('18 degrees in Łódź')
})

test('bindTools: a streamed call', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next(callsWeather)
  const answer = await gather(await modelOf(setup).bindTools([weather]).stream('How is it in Łódź?'))
  expect(answer.tool_calls).toEqual([{ type: 'tool_call', id: 'call_a', name: 'weather', args: { city: 'Łódź' } }])
})

test('structured output', async () => {
  await using setup = await startTestGateway()
  const schema = z.object({ city: z.string(), degrees: z.number() })
  const read: unknown = await modelOf(setup).withStructuredOutput(schema, { method: 'jsonSchema' }).invoke('A reading')
  expect(schema.parse(read)).toEqual(read)
})

test.each([
  ['bad-request', 400],
  ['rate-limited', 429],
  ['server-error', 502],
] as const)('%s upstream', async (behaviour, status) => {
  await using setup = await startTestGateway()
  setup.simulator.always(behaviour)
  await expect(modelOf(setup).invoke('Hello')).rejects.toMatchObject({ status })
  await expect(modelOf(setup).stream('Hello')).rejects.toMatchObject({ status })
})

test('a wrong key', async () => {
  await using setup = await startTestGateway({ config: { server: { keys: ['sk-caller-1'] } } })
  await expect(modelOf(setup).invoke('Hello')).rejects.toMatchObject({ status: 401 })
  expect((await modelOf(setup, { apiKey: 'sk-caller-1' }).invoke('Hello')).text).not.toBe('')
})

test('a stream that breaks off throws', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next({ fault: { kind: 'cut', at: { event: 4 } } })
  await expect(gather(await modelOf(setup).stream('Hello'))).rejects.toThrow(/closed|ended|cut/)
})

test('an abort cancels the call upstream, and is metered', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next('endless')
  const controller = new AbortController()
  const stream = await modelOf(setup).stream('Hello', { signal: controller.signal })
  let chunks = 0
  const read = async (): Promise<void> => {
    for await (const _chunk of stream) if (++chunks === 3) controller.abort()
  }
  await expect(read()).rejects.toThrow(/abort/i)
  expect(await setup.settled()).toMatchObject({ outcome: 'aborted' })
  const [request] = setup.simulator.requests.filter(({ method }) => method === 'POST')
  expect(await request?.closed()).toBe('aborted')
})

test('leaving the loop cancels the call upstream', async () => {
  await using setup = await startTestGateway()
  setup.simulator.next('endless')
  let chunks = 0
  for await (const _chunk of await modelOf(setup).stream('Hello')) if (++chunks === 3) break
  expect(await setup.settled()).toMatchObject({ outcome: 'aborted' })
})
