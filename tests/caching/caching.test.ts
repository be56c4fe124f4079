import type { Behaviour, RecordedRequest } from '@sluice/simulator'
import type { ConfigInput } from 'sluice'
import { afterEach, describe, expect, test } from 'vitest'
import { describeOnRedis } from '../servers/describe-on.ts'
import { startRedis } from '../servers/redis.ts'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

let world: TestGateway
let now = 1_800_000_000_000

afterEach(() => world.close())

async function start(cache: NonNullable<ConfigInput['cache']> = {}, config: ConfigInput = {}): Promise<void> {
  world = await startTestGateway({ config: { cache, ...config }, now: () => now })
}

interface Asked {
  readonly status: number
  readonly cache: string | null
  readonly age: string | null
  readonly warnings: string | null
  readonly text: string
  readonly headers: Headers
}

interface AskOptions {
  readonly key?: string
  readonly path?: string
  readonly signal?: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
}

async function ask(
  body: string | object = question(),
  { key, path = '/chat/completions', signal, headers }: AskOptions = {},
): Promise<Asked> {
  const response = await fetch(`${world.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal !== undefined && { signal }),
  })
  const header = (name: string): string | null => response.headers.get(name)
  return {
    status: response.status,
    cache: header('x-sluice-cache'),
    age: header('age'),
    warnings: header('x-sluice-warnings'),
    text: await response.text(),
    headers: response.headers,
  }
}

const question = (more: object = {}): object => ({
  model: 'lab/small',
  messages: [{ role: 'user', content: 'What is the capital of France?' }],
  ...more,
})

const calls = (): readonly RecordedRequest[] => world.simulator.requests.filter(({ method }) => method === 'POST')
const slow: Behaviour = { timing: { latency: 150, gap: 5 } }

describe('an answer that was given before', () => {
  test('is given again, and costs nothing', async () => {
    await start()
    const first = await ask()
    expect(first).toMatchObject({ status: 200, cache: 'miss', age: null })
    now += 65_000
    const second = await ask()
    expect(second).toMatchObject({ status: 200, cache: 'hit', age: '65', text: first.text })
    expect(second.headers.get('x-sluice-provider')).toBe('lab')
    expect(second.headers.get('x-sluice-attempts')).toBe('0')
    expect(calls()).toHaveLength(1)
    expect(world.usage).toMatchObject([{ usage: expect.anything() }, { outcome: 'ok', usage: undefined, attempts: 0 }])
  })

  test('is given again as a stream, in the pieces it came in', async () => {
    await start()
    const stream = question({ stream: true })
    const first = await ask(stream)
    const second = await ask(stream)
    expect(second).toMatchObject({ cache: 'hit', text: first.text })
    expect(second.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(second.text.endsWith('data: [DONE]\n\n')).toBe(true)
    // A whole answer is another one.
    expect(await ask(question({ stream: false }))).toMatchObject({ cache: 'miss' })
    expect(calls()).toHaveLength(2)
  })

  test('answers the same request, however it is written', async () => {
    await start()
    await ask('{"model":"lab/small","messages":[{"role":"user","content":"Hi"}],"seed":9007199254740993}')
    const rewritten =
      '{ "seed": 9007199254740993, "messages": [ {"content": "\\u0048i", "role": "user"} ], "model": "lab/small" }'
    expect(await ask(rewritten)).toMatchObject({ cache: 'hit' })
    // As numbers of JavaScript these two are one.
    const other = rewritten.replace('9007199254740993', '9007199254740992')
    expect(await ask(other)).toMatchObject({ cache: 'miss' })
    const order =
      '{"model":"lab/small","messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}],"stop":["x","y"]}'
    await ask(order)
    expect(await ask(order.replace('["x","y"]', '["y","x"]'))).toMatchObject({ cache: 'miss' })
  })

  test('has the warnings that it had, and is none for another dialect', async () => {
    await start()
    const message = { model: 'lab/small', max_tokens: 50, top_k: 3, messages: [{ role: 'user', content: 'Hi' }] }
    const first = await ask(message, { path: '/messages' })
    const second = await ask(message, { path: '/messages' })
    expect(second).toMatchObject({ cache: 'hit', text: first.text, warnings: first.warnings })
    expect(first.warnings).toContain('system_fingerprint')
    expect(await ask(message)).toMatchObject({ cache: 'miss' })
  })

  test('lives as long as config says', async () => {
    await start({ ttl: 10 })
    await ask()
    now += 9_999
    expect(await ask()).toMatchObject({ cache: 'hit' })
    now += 1
    expect(await ask()).toMatchObject({ cache: 'miss' })
  })

  test('is not given where config leads elsewhere now', async () => {
    await start({}, { routes: { one: { targets: ['lab/small'] } } })
    await ask(question({ model: 'one' }))
    expect(await ask(question({ model: 'one' }))).toMatchObject({ cache: 'hit' })
    expect(await ask(question({ model: 'lab/large' }))).toMatchObject({ cache: 'miss' })
  })

  test('of other operations is kept too', async () => {
    await start()
    const embedding = { model: 'lab/small', input: ['one', 'two'] }
    const first = await ask(embedding, { path: '/embeddings' })
    expect(await ask(embedding, { path: '/embeddings' })).toMatchObject({ cache: 'hit', text: first.text })
  })
})

describe('what is not kept', () => {
  test('errors', async () => {
    await start()
    world.simulator.next({ fault: { kind: 'status', status: 500 } })
    expect(await ask()).toMatchObject({ status: 502, cache: null })
    expect(await ask()).toMatchObject({ status: 200, cache: 'miss' })
  })

  test('streams that broke off', async () => {
    await start()
    world.simulator.next({ fault: { kind: 'cut', at: { event: 3 } } })
    const broken = await ask(question({ stream: true }))
    expect(broken.text).not.toContain('[DONE]')
    expect(await ask(question({ stream: true }))).toMatchObject({ cache: 'miss' })
  })

  test('answers longer than the limit, which are given whole all the same', async () => {
    await start({ max_entry_bytes: 600 })
    world.simulator.always({ reply: { text: 'word '.repeat(400) } })
    for (const body of [question(), question({ stream: true })]) {
      const first = await ask(body)
      expect(first.status).toBe(200)
      expect(first.text.length).toBeGreaterThan(2000)
      expect(await ask(body)).toMatchObject({ cache: 'miss' })
    }
  })

  test('forms', async () => {
    await start()
    const transcribe = async (): Promise<string | null> => {
      const form = new FormData()
      form.append('model', 'lab/small')
      form.append('file', new Blob(['RIFF']), 'a.wav')
      const response = await fetch(`${world.url}/audio/transcriptions`, { method: 'POST', body: form })
      await response.text()
      return response.headers.get('x-sluice-cache')
    }
    expect([await transcribe(), await transcribe()]).toEqual([null, null])
    expect(calls()).toHaveLength(2)
  })

  test('what is not JSON is answered as ever', async () => {
    await start()
    expect(await ask('{"model":')).toMatchObject({ status: 400, cache: null })
  })
})

describe('who asks the same at the same time', () => {
  test.each([
    ['whole', false],
    ['as a stream', true],
  ])('gets one answer of one call, %s', async (_, stream) => {
    await start()
    world.simulator.always(slow)
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(question({ stream }))))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(answers.filter(({ cache }) => cache === 'miss')).toHaveLength(1)
    expect(answers.some(({ cache }) => cache === 'shared')).toBe(true)
    expect(calls()).toHaveLength(1)
    // One of them pays.
    expect(world.usage).toHaveLength(20)
    expect(world.usage.filter(({ usage }) => usage !== undefined)).toHaveLength(1)
  })

  test('gets the answer also when the first of them goes away, and it is paid for once', async () => {
    await start()
    world.simulator.always({ timing: { latency: 100, gap: 20 }, reply: { text: 'word '.repeat(30) } })
    const first = new AbortController()
    const leaving = ask(question({ stream: true }), { signal: first.signal }).catch(() => undefined)
    await expect.poll(() => calls().length).toBe(1)
    const others = [ask(question({ stream: true })), ask(question({ stream: true }))]
    await expect.poll(() => world.gateway.open).toBe(3)
    // Mid-stream, when the others read along.
    await new Promise((resolve) => setTimeout(resolve, 200))
    first.abort()
    await leaving
    const answers = await Promise.all(others)
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    expect(answers.every(({ text }) => text.endsWith('data: [DONE]\n\n'))).toBe(true)
    expect(calls()).toHaveLength(1)
    await expect.poll(() => world.usage.length).toBe(3)
    expect(world.usage.filter(({ usage }) => usage !== undefined)).toHaveLength(1)
    expect(world.usage.filter(({ outcome }) => outcome === 'aborted')).toHaveLength(1)
  })

  test('asks again when the first goes away before there is an answer: one of them, for all', async () => {
    await start()
    world.simulator.next({ fault: { kind: 'hang', at: 'head' } })
    const first = new AbortController()
    const leaving = ask(question(), { signal: first.signal }).catch(() => undefined)
    await expect.poll(() => calls().length).toBe(1)
    world.simulator.always(slow)
    const others = [1, 2, 3, 4].map(() => ask(question()))
    await expect.poll(() => world.gateway.open).toBe(5)
    await new Promise((resolve) => setTimeout(resolve, 50))
    first.abort()
    await leaving
    const answers = await Promise.all(others)
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(calls()).toHaveLength(2)
    // What the first call used nobody knows; it is estimated.
    const used = world.usage.flatMap(({ usage }) => (usage === undefined ? [] : [usage.estimated === true]))
    expect(used.toSorted((one, other) => Number(one) - Number(other))).toEqual([false, true])
  })

  test('ends the call when the last of them goes away', async () => {
    await start()
    world.simulator.next({ fault: { kind: 'hang', at: { event: 2 } } })
    const leave = new AbortController()
    const leaving = [1, 2, 3].map(() =>
      ask(question({ stream: true }), { signal: leave.signal }).catch(() => undefined),
    )
    await expect.poll(() => world.gateway.open).toBe(3)
    await expect.poll(() => calls().length).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 50))
    leave.abort()
    await Promise.all(leaving)
    expect(await calls()[0]?.closed()).toBe('aborted')
    await expect.poll(() => world.usage.map(({ outcome }) => outcome)).toEqual(['aborted', 'aborted', 'aborted'])
  })

  test('hears of the same failure', async () => {
    await start()
    world.simulator.always({ timing: { latency: 100 }, fault: { kind: 'status', status: 500 } })
    const answers = await Promise.all([1, 2, 3].map(() => ask()))
    expect(answers.map(({ status }) => status)).toEqual([502, 502, 502])
  })
})

describe('whose answers are given', () => {
  const keys: ConfigInput = { server: { keys: ['sk-ann', 'sk-bob'] } }

  test('those of the same key', async () => {
    await start({}, keys)
    expect(await ask(question(), { key: 'sk-ann' })).toMatchObject({ cache: 'miss' })
    expect(await ask(question(), { key: 'sk-bob' })).toMatchObject({ cache: 'miss' })
    expect(await ask(question(), { key: 'sk-bob' })).toMatchObject({ cache: 'hit' })
    world.simulator.always(slow)
    const other = question({ seed: 1 })
    const both = await Promise.all([ask(other, { key: 'sk-ann' }), ask(other, { key: 'sk-bob' })])
    expect(both.map(({ cache }) => cache)).toEqual(['miss', 'miss'])
  })

  test("everybody's, where config says so; of a key without a workspace only its own else", async () => {
    await start({ share: 'all' }, keys)
    await ask(question(), { key: 'sk-ann' })
    expect(await ask(question(), { key: 'sk-bob' })).toMatchObject({ cache: 'hit' })
    await world.close()
    await start({ share: 'workspace' }, keys)
    await ask(question(), { key: 'sk-ann' })
    expect(await ask(question(), { key: 'sk-bob' })).toMatchObject({ cache: 'miss' })
  })

  test('nobody gets in without a key', async () => {
    await start({ share: 'all' }, keys)
    await ask(question(), { key: 'sk-ann' })
    expect(await ask(question(), { key: 'sk-eve' })).toMatchObject({ status: 401, cache: null })
  })
})

describe('what a request says of the cache', () => {
  test.each([
    ['x-sluice-cache', 'off', ['off', 'off', 'miss']],
    ['cache-control', 'no-store', ['off', 'off', 'miss']],
    ['x-sluice-cache', 'refresh', ['miss', 'miss', 'hit']],
    ['cache-control', 'no-cache', ['miss', 'miss', 'hit']],
    ['x-sluice-cache', 'on', ['miss', 'hit', 'hit']],
    ['cache-control', 'max-age=abc', ['miss', 'miss', 'hit']],
  ])('%s: %s', async (name, value, outcomes) => {
    await start()
    const headers = { headers: { [name]: value } }
    const heard = [await ask(question(), headers), await ask(question(), headers), await ask(question())]
    expect(heard.map(({ cache }) => cache)).toEqual(outcomes)
  })

  test('max-age, and only-if-cached', async () => {
    await start()
    await ask()
    now += 30_000
    expect(await ask(question(), { headers: { 'cache-control': 'max-age=30' } })).toMatchObject({ cache: 'hit' })
    expect(await ask(question(), { headers: { 'cache-control': 'only-if-cached, max-age=29' } })).toMatchObject({
      status: 504,
    })
    expect(await ask(question(), { headers: { 'cache-control': 'max-age=29' } })).toMatchObject({ cache: 'miss' })
    for (const standard of ['max-age=abc', 'no-cache'])
      expect(await ask(question(), { headers: { 'cache-control': `${standard}, only-if-cached` } })).toMatchObject({
        status: 504,
      })
    const nothing = await ask(question({ seed: 7 }), { headers: { 'cache-control': 'only-if-cached' } })
    expect(nothing.status).toBe(504)
    expect(JSON.parse(nothing.text)).toMatchObject({ error: { code: 'cache_miss' } })
    expect(calls()).toHaveLength(2)
  })

  test('nothing, where config wants a word', async () => {
    await start({ by_default: false })
    expect(await ask()).toMatchObject({ cache: 'off' })
    expect(await ask(question(), { headers: { 'x-sluice-cache': 'on' } })).toMatchObject({ cache: 'miss' })
    expect(await ask(question(), { headers: { 'x-sluice-cache': 'on' } })).toMatchObject({ cache: 'hit' })
    expect(await ask()).toMatchObject({ cache: 'off' })
  })

  test('a word that means nothing', async () => {
    await start()
    const wrong = await ask(question(), { headers: { 'x-sluice-cache': 'yes' } })
    expect(wrong.status).toBe(400)
    expect(JSON.parse(wrong.text)).toMatchObject({ error: { code: 'invalid_request', param: 'x-sluice-cache' } })
  })
})

describeOnRedis('with Redis', () => {
  test('gateways share what is kept, and each asks for itself while Redis is away', async () => {
    await using redis = await startRedis()
    const config: ConfigInput = { server: { redis_url: redis.url } }
    await start({}, config)
    await expect.poll(async () => (await ask()).cache).toBe('hit')
    const asked = calls().length
    await world.close()
    await start({}, config)
    await expect.poll(async () => (await ask()).cache).toBe('hit')
    expect(calls().length).toBeLessThanOrEqual(asked)
    await redis.stop()
    await expect.poll(async () => (await ask()).cache).toBe('miss')
    await redis.start()
    await expect.poll(async () => (await ask()).cache, { timeout: 10_000 }).toBe('hit')
  })

  test('a prompt that is written otherwise now is another question', async () => {
    await using redis = await startRedis()
    const begin = (user: string): Promise<void> =>
      start({}, { server: { redis_url: redis.url }, prompts: { greeting: { model: 'lab/small', user } } })
    const greeting = { model: 'prompt:greeting', messages: [] }
    await begin('Say hello.')
    await expect.poll(async () => (await ask(greeting)).cache).toBe('hit')
    await world.close()
    await begin('Say goodbye.')
    expect(await ask(greeting)).toMatchObject({ cache: 'miss', text: expect.stringContaining('goodbye') as string })
  })
})

test('without it, nothing is said and everything is asked', async () => {
  world = await startTestGateway()
  expect([await ask(), await ask()].map(({ cache }) => cache)).toEqual([null, null])
  expect(calls()).toHaveLength(2)
})

test('what came of it is counted', async () => {
  await start()
  await ask()
  await ask()
  const page = await (await fetch(`${world.gateway.url}/metrics`)).text()
  expect(page).toContain('sluice_cache_requests_total{outcome="hit"} 1')
  expect(page).toContain('sluice_cache_requests_total{outcome="miss"} 1')
})
