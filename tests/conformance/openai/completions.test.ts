import { chatDialects } from '@sluice/protocol/dialects'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../../start-test-gateway.ts'

/** OpenAI's client, unmodified, completing texts with a provider of each dialect behind the gateway. */
let world: TestGateway
let client: OpenAI

const ids = ['openai-completions', ...chatDialects.map(({ id }) => id)]

beforeAll(async () => {
  world = await startTestGateway({
    simulator: { models: ['small'] },
    providers: ({ url }) =>
      Object.fromEntries(
        ids.map((id) => [
          `via-${id}`,
          {
            type: 'openai_compatible',
            base_url: url,
            api_key: 'upstream-key',
            max_retries: 0,
            speaks: [id],
            models: ['small'],
            models_path: null,
          },
        ]),
      ),
  })
  client = new OpenAI({ baseURL: world.url, apiKey: 'any', maxRetries: 0 })
})
beforeEach(() => world.simulator.reset())
afterAll(() => world.close())

describe.each(ids.map((id) => [id]))('with a provider that speaks %s', (id) => {
  const model = `via-${id}/small`

  test('completes a text', async () => {
    world.simulator.next({ reply: { text: ' a time.', finishReason: 'length', usage: { input: 2, output: 3 } } })
    const before = world.usage.length
    const answer = await client.completions.create({ model, prompt: 'Once upon', max_tokens: 5, temperature: 0 })
    expect(answer).toMatchObject({
      object: 'text_completion',
      choices: [{ text: ' a time.', index: 0, logprobs: null, finish_reason: 'length' }],
      usage: { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 },
    })
    expect(await world.settled(before)).toMatchObject({
      operation: 'complete',
      outcome: 'ok',
      provider: `via-${id}`,
      usage: { input: 2, output: 3 },
      finishReason: 'length',
    })
  })

  test('streams', async () => {
    world.simulator.next({ reply: { text: [' ä', ' time', '.'], usage: { input: 2, output: 3 } } })
    const stream = await client.completions.create({
      model,
      prompt: 'Once upon',
      max_tokens: 5,
      stream: true,
      stream_options: { include_usage: true },
    })
    const chunks: OpenAI.Completion[] = []
    for await (const chunk of stream) chunks.push(chunk)
    const choices = chunks.flatMap((chunk) => chunk.choices)
    expect(choices.map(({ text }) => text).join('')).toBe(' ä time.')
    expect(choices.at(-1)?.finish_reason).toBe('stop')
    expect(chunks.at(-1)).toMatchObject({
      object: 'text_completion',
      usage: { prompt_tokens: 2, completion_tokens: 3 },
    })
  })

  test('is told of an error before and in a stream', async () => {
    world.simulator.next('rate-limited', 'error-mid-stream')
    await expect(client.completions.create({ model, prompt: 'x' })).rejects.toBeInstanceOf(OpenAI.RateLimitError)
    await expect(async () => {
      for await (const _ of await client.completions.create({ model, prompt: 'x y z', stream: true }));
    }).rejects.toBeInstanceOf(OpenAI.APIError)
  })
})

describe('what only the API itself can be asked', () => {
  const asked = { prompt: ['Once upon', 'Long ago'], n: 2, max_tokens: 100, logprobs: 2, echo: true, best_of: 3 }

  test('reaches a provider that speaks it', async () => {
    const model = 'via-openai-completions/small'
    const { choices } = await client.completions.create({ ...asked, model })
    expect(choices.map(({ index }) => index)).toEqual([0, 1, 2, 3])
    expect(choices[3]?.text).toMatch(/^Long ago/)
    expect(choices[3]?.logprobs?.tokens?.[0]).toBe('Long ago')
    expect(world.simulator.requests.at(-1)?.json()).toEqual({ ...asked, model: 'small' })
    const tokens = await client.completions.create({ model, prompt: [[1, 2], [3]], suffix: ' end' })
    expect(tokens.choices).toHaveLength(2)
  })

  test.each([
    [{ prompt: ['Once upon', 'Long ago'] }, 'prompt'],
    [{ prompt: [1, 2, 3] }, 'prompt'],
    [{ prompt: 'Once upon', suffix: ' end' }, 'suffix'],
  ])('%j is refused where a chat has to do', async (members, param) => {
    const asking = client.completions.create({ ...members, model: 'via-anthropic-messages/small' })
    await expect(asking).rejects.toMatchObject({ status: 400, code: 'invalid_request', param })
    expect(world.simulator.requests).toHaveLength(0)
  })

  test('or left out with a warning', async () => {
    const { response } = await client.completions
      .create({ model: 'via-anthropic-messages/small', prompt: 'Once upon', echo: true, best_of: 2 })
      .withResponse()
    expect(response.headers.get('x-sluice-warnings')).toBe('field-dropped echo, field-dropped best_of')
  })

  test('log probabilities come from a chat', async () => {
    world.simulator.next({ reply: { text: [' a', ' time'] } })
    const { choices } = await client.completions.create({
      model: 'via-openai-chat/small',
      prompt: 'Once upon',
      logprobs: 2,
    })
    expect(choices[0]?.logprobs).toMatchObject({ tokens: [' a', ' time'], text_offset: [0, 2] })
    expect(Object.keys(choices[0]?.logprobs?.top_logprobs?.[0] ?? {})).toHaveLength(2)
  })
})

describe('a chat with a provider that only completes texts', () => {
  const model = 'via-openai-completions/small'

  test('of one text is completed', async () => {
    world.simulator.next({ reply: { text: [' a', ' time.'] } })
    const runner = client.chat.completions.stream({ model, messages: [{ role: 'user', content: 'Once upon' }] })
    expect(await runner.finalContent()).toBe(' a time.')
    expect(world.simulator.requests.at(-1)?.json()).toMatchObject({ prompt: 'Once upon', stream: true })
  })

  test('of more than that is refused', async () => {
    const messages = [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: 'Once upon' },
    ]
    await expect(client.chat.completions.create({ model, messages })).rejects.toMatchObject({
      status: 400,
      param: 'messages',
    })
  })
})
