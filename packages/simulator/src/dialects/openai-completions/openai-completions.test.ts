import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator.ts'

let simulator: Simulator
let client: OpenAI
beforeAll(async () => {
  simulator = await startSimulator()
  client = new OpenAI({ baseURL: simulator.url, apiKey: 'any', maxRetries: 0 })
})
beforeEach(() => simulator.reset())
afterAll(() => simulator.close())

test('completes a text', async () => {
  simulator.next({ reply: { text: ' a time.', usage: { input: 2, output: 3 } } })
  const answer = await client.completions.create({ model: 'davinci-002', prompt: 'Once upon' })
  expect(answer).toMatchObject({
    object: 'text_completion',
    model: 'davinci-002',
    choices: [{ text: ' a time.', index: 0, logprobs: null, finish_reason: 'stop' }],
    usage: { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 },
  })
  expect(answer.id).toMatch(/^cmpl-/)
})

test('completes each of several prompts as often as asked', async () => {
  const prompt = ['Once upon', 'Long ago']
  const { choices } = await client.completions.create({ model: 'm', prompt, n: 2, max_tokens: 100 })
  expect(choices.map(({ index }) => index)).toEqual([0, 1, 2, 3])
  expect(choices[1]?.text).toMatch(/Once upon/)
  expect(choices[2]?.text).toMatch(/Long ago/)
})

test('says log probabilities, and the prompt again', async () => {
  simulator.next({ reply: { text: [' a', ' time'] } })
  const { choices } = await client.completions.create({ model: 'm', prompt: 'Once upon', logprobs: 2, echo: true })
  expect(choices[0]).toMatchObject({
    text: 'Once upon a time',
    logprobs: { tokens: ['Once upon', ' a', ' time'], text_offset: [0, 9, 11] },
  })
  expect(Object.keys(choices[0]?.logprobs?.top_logprobs?.[1] ?? {})).toEqual([' a', ' a~'])
})

test('streams', async () => {
  simulator.next({ reply: { text: [' a', ' time'], finishReason: 'length', usage: { input: 2, output: 2 } } })
  const stream = await client.completions.create({
    model: 'm',
    prompt: 'Once upon',
    stream: true,
    stream_options: { include_usage: true },
  })
  const chunks: OpenAI.Completion[] = []
  for await (const chunk of stream) chunks.push(chunk)
  expect(chunks.map(({ choices }) => choices[0]?.text)).toEqual([' a', ' time', '', undefined])
  expect(chunks[2]?.choices[0]?.finish_reason).toBe('length')
  expect(chunks[3]?.usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 2 })
})

test.each([
  [{ prompt: 'x', logprobs: 6 }, 'logprobs'],
  [{ prompt: [{}] as never }, 'prompt'],
  [{ prompt: 'x', n: 2, best_of: 1 }, 'best_of'],
])('refuses %j', async (members, param) => {
  await expect(client.completions.create({ model: 'm', ...members })).rejects.toMatchObject({ status: 400, param })
})

test('fails as scripted', async () => {
  simulator.next('error-mid-stream')
  const stream = await client.completions.create({ model: 'm', prompt: 'x', stream: true })
  await expect(async () => {
    for await (const _ of stream);
  }).rejects.toThrow('The server had an error')
})
