import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { startTestGateway } from '../start-test-gateway.ts'

const body = { model: 'small', messages: [{ role: 'user' as const, content: 'Hi' }] }
const keys = ['sk-caller-1', 'sk-caller-2']

test.each([
  ['Authorization', 'authorization', 'Bearer sk-caller-2'],
  ['Authorization in another case', 'authorization', 'bearer sk-caller-2'],
  ['x-api-key', 'x-api-key', 'sk-caller-2'],
  ['api-key', 'api-key', 'sk-caller-2'],
])('a caller’s key by %s', async (_title, header, value) => {
  await using setup = await startTestGateway({ config: { server: { keys } } })
  // `null` leaves out what the SDK would send by itself.
  const defaultHeaders = { authorization: null, [header]: value }
  const client = new OpenAI({ baseURL: setup.url, apiKey: 'unused', defaultHeaders, maxRetries: 0 })
  const answer = await client.chat.completions.create(body)
  expect(answer.choices[0]?.finish_reason).toBe('stop')
  expect((await setup.settled()).principal).toBe('key-2')
  expect(setup.simulator.requests.at(-1)?.rawHeaders.join(' ')).not.toContain('sk-caller')
})

test('no key at all is told from a wrong one', async () => {
  await using setup = await startTestGateway({ config: { server: { keys } } })
  const client = new OpenAI({
    baseURL: setup.url,
    apiKey: 'unused',
    defaultHeaders: { authorization: null },
    maxRetries: 0,
  })
  await expect(client.chat.completions.create(body)).rejects.toMatchObject({ status: 401, code: 'missing_api_key' })
  await expect(client.models.list()).rejects.toMatchObject({ status: 401, code: 'missing_api_key' })
  expect(setup.simulator.requests.filter(({ method }) => method === 'POST')).toEqual([])
})

test('where no keys are configured, any key and none will do', async () => {
  await using setup = await startTestGateway()
  for (const authorization of ['Bearer anything', null]) {
    const client = new OpenAI({ baseURL: setup.url, apiKey: 'x', defaultHeaders: { authorization }, maxRetries: 0 })
    expect((await client.chat.completions.create(body)).object).toBe('chat.completion')
  }
})
