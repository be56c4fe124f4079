import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SluiceError } from '@sluice/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { createSluice, type Sluice } from './create-sluice.ts'

// What answers is not always what was meant; the gateway itself is tested from outside.

const methods: Readonly<Record<string, (sluice: Sluice) => Promise<unknown>>> = {
  chat: (sluice) => sluice.chat('Hello'),
  stream: (sluice) => sluice.stream('Hello').text(),
  embed: (sluice) => sluice.embed('Hello'),
  countTokens: (sluice) => sluice.countTokens('Hello'),
  providers: (sluice) => sluice.providers(),
  health: (sluice) => sluice.health(),
  listModels: (sluice) => sluice.listModels(),
  explain: (sluice) => sluice.explain('small'),
  'prompts.list': (sluice) => sluice.prompts.list(),
  'prompts.render': (sluice) => sluice.prompts.render('greeting'),
  'content.generate': (sluice) => sluice.content.generate({ prompt: 'Rain', provider: 'lab' }),
  validateCredentials: (sluice) => sluice.validateCredentials(),
  'validateCredentials of a provider': (sluice) => sluice.validateCredentials('lab'),
}

async function open(status: number, body: string): Promise<Sluice> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const sluice = createSluice({ gateway: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  onTestFinished(async () => {
    await sluice.close()
    server.close()
  })
  if (status === unreachable) await new Promise((resolve) => server.close(resolve))
  return sluice
}

/** Nobody listens there. */
const unreachable = 0

const all = Object.entries(methods)

test.each([
  [200, '{}', 'upstream_invalid_response', /gateway/],
  [
    200,
    '{"object":"x","status":"ok","data":[null],"providers":[{}]}',
    'upstream_invalid_response',
    /gateway|embeddings/,
  ],
  [200, '{"object":', 'upstream_invalid_response', /gateway/],
  [200, 'null', 'upstream_invalid_response', /gateway/],
  [404, '<p>', 'upstream_rejected', /^The gateway answered with status 404/],
  [unreachable, '', 'upstream_unreachable', /^Could not connect to the gateway \(connection refused\)\.$/],
])('an address that answers %i %j is told as what it is', async (status, body, code, message) => {
  const sluice = await open(status, body)
  for (const [name, ask] of all) {
    const error: unknown = await ask(sluice).then(
      () => `${name} succeeded`,
      (thrown: unknown) => thrown,
    )
    expect(error, name).toBeInstanceOf(SluiceError)
    expect([name, error]).toMatchObject([name, { code, message: expect.stringMatching(message) as string }])
    expect((error as SluiceError).message, name).not.toMatch(/provider/)
  }
})

test('the list of prices is asked for while the first answer is on its way', async () => {
  const listed = Promise.withResolvers<void>()
  const answer = {
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 1 },
  }
  const price = { input: 1, output: 2 }
  const list = { object: 'list', data: [{ id: 'lab/small', object: 'model', provider: 'lab', price }] }
  const server = createServer((request, response) => {
    const head = { 'content-type': 'application/json', 'x-sluice-provider': 'lab', 'x-sluice-model': 'small' }
    const reply = (body: object): void => void response.writeHead(200, head).end(JSON.stringify(body))
    if (request.method === 'GET') {
      listed.resolve()
      reply(list)
    } else void listed.promise.then(() => reply(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const sluice = createSluice({ gateway: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, timeout: 5 })
  onTestFinished(async () => {
    await sluice.close()
    server.close()
  })
  expect((await sluice.chat('Hello')).cost?.nanoDollars).toBe(3_000)
})

test('a gateway that takes no such key says so', async () => {
  const body = '{"error":{"code":"invalid_api_key","message":"No."}}'
  expect(await (await open(401, body)).validateCredentials()).toBe(false)
  expect(await (await open(401, '<p>')).validateCredentials()).toBe(false)
})
