import { Mistral } from '@mistralai/mistralai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator.ts'

/** Mistral's official client, whose parser is stricter than OpenAI's. */
let simulator: Simulator
let client: Mistral

beforeAll(async () => {
  simulator = await startSimulator()
  client = new Mistral({ apiKey: 'any', serverURL: simulator.origin })
})

afterAll(() => simulator.close())

const question = { model: 'mistral-small-latest', messages: [{ role: 'user' as const, content: 'Oslo?' }] }

test('reads an answer', async () => {
  simulator.next({ reply: { text: 'Sunny.' } })
  const answer = await client.chat.complete(question)
  expect(answer.choices?.[0]?.message?.content).toBe('Sunny.')
  expect(answer.usage.totalTokens).toBeGreaterThan(0)
})

test('reads a stream', async () => {
  simulator.next({ reply: { text: ['It ', 'is ', 'sunny.'] } })
  let text = ''
  for await (const { data } of await client.chat.stream(question)) {
    const { content } = data.choices[0]?.delta ?? {}
    if (typeof content === 'string') text += content
  }
  expect(text).toBe('It is sunny.')
})

test('reads a tool call', async () => {
  simulator.next({ reply: { toolCalls: [{ name: 'look', arguments: { city: 'Oslo' } }] } })
  const answer = await client.chat.complete(question)
  expect(answer.choices?.[0]?.message?.toolCalls?.[0]?.function).toMatchObject({ name: 'look' })
})
