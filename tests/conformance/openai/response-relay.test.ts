import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../../start-test-gateway.ts'
import { type StatefulProvider, startStatefulProvider } from './stateful-provider.ts'

/** State that providers of the Responses API keep themselves, seen through the gateway. */
let first: StatefulProvider
let second: StatefulProvider
let world: TestGateway
let ada: OpenAI
let bob: OpenAI

beforeAll(async () => {
  ;[first, second] = await Promise.all([startStatefulProvider('first'), startStatefulProvider('second')])
  const native = { type: 'openai_compatible', api_key: 'upstream-key', max_retries: 0, models_path: null } as const
  world = await startTestGateway({
    config: { server: { keys: ['key-of-ada', 'key-of-bob'] } },
    providers: ({ url }) => ({
      first: { ...native, base_url: first.url, speaks: ['openai-responses'], models: ['small', 'large'] },
      second: { ...native, base_url: second.url, speaks: ['openai-responses'], models: ['small'] },
      chat: { ...native, base_url: url, speaks: ['openai-chat'], models: ['small'] },
    }),
  })
  const clientOf = (apiKey: string): OpenAI => new OpenAI({ apiKey, baseURL: world.url, maxRetries: 0 })
  ada = clientOf('key-of-ada')
  bob = clientOf('key-of-bob')
})

afterAll(async () => {
  await world.close()
  await Promise.all([first.close(), second.close()])
})

/** The bytes of an answer. */
async function textOf(path: string, method = 'GET'): Promise<string> {
  const answer = await fetch(`${world.url}${path}`, { method, headers: { authorization: 'Bearer key-of-ada' } })
  expect(answer.status).toBe(200)
  return answer.text()
}

async function direct({ url }: StatefulProvider, path: string, method = 'GET'): Promise<string> {
  return (await fetch(`${url}${path}`, { method })).text()
}

async function streamed(model: string): Promise<string> {
  let id = ''
  for await (const event of await ada.responses.create({ model, input: 'Oslo?', stream: true }))
    if (event.type === 'response.created') id = event.response.id
  return id
}

test.each(['whole', 'streamed'])(
  'a response that was %s is had again from its provider, byte for byte',
  async (how) => {
    const id =
      how === 'streamed'
        ? await streamed('first/small')
        : (await ada.responses.create({ model: 'first/small', input: 'Oslo?' })).id
    expect(id).toMatch(/^resp_first/)
    for (const path of [`/responses/${id}`, `/responses/${id}/input_items?limit=5&order=asc`])
      expect(await textOf(path)).toBe(await direct(first, path))
    expect(await textOf(`/responses/${id}/cancel`, 'POST')).toBe(await direct(first, `/responses/${id}/cancel`, 'POST'))
    const ours = first.requests
      .filter(({ key }) => key === 'upstream-key')
      .map(({ method, path }) => `${method} ${path}`)
    expect(ours).toContain(`GET /v1/responses/${id}/input_items?limit=5&order=asc`)
  },
)

test('a response is deleted at its provider', async () => {
  const { id } = await ada.responses.create({ model: 'first/small', input: 'Oslo?' })
  await ada.responses.delete(id)
  expect(await direct(first, `/responses/${id}`)).toContain('No ')
  await expect(ada.responses.retrieve(id)).rejects.toMatchObject({ status: 404, code: 'response_not_found' })
})

test("an error of the provider is the caller's to see, and our key is not", async () => {
  const { id } = await ada.responses.create({ model: 'first/small', input: 'Oslo?' })
  await direct(first, `/responses/${id}`, 'DELETE')
  const error = await ada.responses
    .retrieve(id)
    .catch((thrown: unknown) => thrown as InstanceType<typeof OpenAI.APIError>)
  expect(error).toMatchObject({ status: 404, message: expect.stringContaining(`No ${id}`) as string })
  expect(JSON.stringify(error)).not.toContain('upstream-key')
})

test('what goes on from a response goes to its provider as it came', async () => {
  const { id } = await ada.responses.create({ model: 'first/small', input: 'Oslo?' })
  await ada.responses.create({ model: 'first/large', input: 'Rome?', previous_response_id: id })
  expect(first.requests.at(-1)?.body).toEqual({ model: 'large', input: 'Rome?', previous_response_id: id })
  // A response that was made before this gateway was.
  await ada.responses.create({ model: 'first/large', input: 'Rome?', previous_response_id: 'resp_older' })
  expect(first.requests.at(-1)?.body['previous_response_id']).toBe('resp_older')
})

test('another provider cannot go on from it, and says who can', async () => {
  const { id } = await ada.responses.create({ model: 'first/small', input: 'Oslo?' })
  for (const model of ['second/small', 'chat/small']) {
    await expect(ada.responses.create({ model, input: 'Rome?', previous_response_id: id })).rejects.toMatchObject({
      status: 400,
      param: 'previous_response_id',
      message: expect.stringContaining('Name a model of "first"') as string,
    })
  }
})

test("another caller gets nothing of it, though the provider's key is the same", async () => {
  const { id } = await ada.responses.create({ model: 'first/small', input: 'Oslo?' })
  const before = first.requests.length
  await expect(bob.responses.retrieve(id)).rejects.toMatchObject({ status: 404 })
  await expect(bob.responses.cancel(id)).rejects.toMatchObject({ status: 404 })
  await expect(
    bob.responses.create({ model: 'first/small', input: 'Rome?', previous_response_id: id }),
  ).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' })
  expect(first.requests).toHaveLength(before)
})

test('a response that its provider does not keep is not remembered', async () => {
  const { id } = await ada.responses.create({ model: 'first/small', input: 'Oslo?', store: false })
  await expect(ada.responses.retrieve(id)).rejects.toMatchObject({ status: 404, code: 'response_not_found' })
})

test('a conversation that the gateway keeps goes on at a provider of the Responses API', async () => {
  world.simulator.next({ reply: { reasoning: 'Hm.', text: 'Sunny.' } })
  const { id } = await ada.responses.create({ model: 'chat/small', input: 'Oslo?' })
  const { id: next } = await ada.responses.create({ model: 'first/small', input: 'Rome?', previous_response_id: id })
  const { body } = first.requests.at(-1)!
  expect(body).toEqual({
    model: 'small',
    input: [
      { role: 'user', content: 'Oslo?' },
      // Neither ids that it could not know nor reasoning that it cannot read.
      {
        type: 'message',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Sunny.', annotations: [], logprobs: [] }],
      },
      { role: 'user', content: 'Rome?' },
    ],
  })
  await ada.responses.create({ model: 'first/small', input: 'Bergen?', previous_response_id: next })
  expect(first.requests.at(-1)?.body['previous_response_id']).toBe(next)
})
