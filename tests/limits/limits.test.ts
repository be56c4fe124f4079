import { startSimulator } from '@sluice/simulator'
import type { ConfigInput } from 'sluice'
import { expect, test } from 'vitest'
import { describeOnRedis } from '../servers/describe-on.ts'
import { redisForTests, startRedis } from '../servers/redis.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../start-test-gateway.ts'

type Rules = NonNullable<NonNullable<ConfigInput['limits']>['rules']>

function limited(rules: Rules, more: ConfigInput = {}, options: TestGatewayOptions = {}): Promise<TestGateway> {
  return startTestGateway({ ...options, config: { ...more, limits: { rules, ...more.limits } } })
}

interface Asking {
  readonly path?: string
  readonly model?: string
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly stream?: boolean
  readonly signal?: AbortSignal
}

function ask(lab: TestGateway, asking: Asking = {}): Promise<Response> {
  const { path = '/chat/completions', model = 'small', key, headers = {}, stream = false, signal } = asking
  return fetch(`${lab.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...headers,
    },
    body: JSON.stringify({ model, max_tokens: 16, stream, messages: [{ role: 'user', content: 'Hi' }] }),
    ...(signal !== undefined && { signal }),
  })
}

async function statuses(count: number, one: (index: number) => Promise<Response>): Promise<readonly number[]> {
  const answers = await Promise.all(Array.from({ length: count }, (_, index) => one(index)))
  await Promise.all(answers.map((answer) => answer.arrayBuffer()))
  return answers.map(({ status }) => status).toSorted((left, right) => left - right)
}

const usage = { input: 40, output: 60 }

test('of requests in a minute so many are let in, and every answer says how it stands', async () => {
  await using lab = await limited([{ per: 'key', requests_per_minute: 2 }])
  const first = await ask(lab)
  expect(first.status).toBe(200)
  expect(Object.fromEntries(first.headers)).toMatchObject({
    'x-ratelimit-limit-requests': '2',
    'x-ratelimit-remaining-requests': '1',
    'x-ratelimit-reset-requests': '1m0s',
  })
  // A failure counts, and says it too.
  lab.simulator.next('server-error')
  const second = await ask(lab)
  expect([second.status, second.headers.get('x-ratelimit-remaining-requests')]).toEqual([502, '0'])
  const third = await ask(lab)
  expect(third.status).toBe(429)
  expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(50)
  expect(third.headers.get('x-ratelimit-remaining-requests')).toBe('0')
  expect(third.headers.has('x-should-retry')).toBe(false)
  expect(await third.json()).toMatchObject({ error: { code: 'limit_exceeded' } })
  expect(lab.simulator.requests.filter(({ path }) => path.endsWith('completions'))).toHaveLength(2)
})

test('what is refused before limits are asked, and lists, take nothing of them and say nothing of them', async () => {
  const rule = { per: 'key', requests_per_minute: 2 } as const
  await using lab = await limited([rule], {
    models: [{ id: 'lab/small', price: { input: 1, output: 1 } }],
    budgets: { rules: [{ per: 'all', amount: 1 }], unpriced: 'refuse' },
  })
  const remaining = 'x-ratelimit-remaining-requests'
  const unpriced = await ask(lab, { model: 'large' })
  expect([unpriced.status, unpriced.headers.get(remaining)]).toEqual([402, null])
  const missing = await ask(lab, { model: 'nowhere/none' })
  expect([missing.status, missing.headers.get(remaining)]).toEqual([404, null])
  const models = await fetch(`${lab.url}/models`)
  expect([models.status, models.headers.get(remaining)]).toEqual([200, null])
  const answer = await ask(lab)
  expect([answer.status, answer.headers.get(remaining)]).toEqual([200, '1'])
})

test('callers of Anthropic are told in its way', async () => {
  await using lab = await limited([{ per: 'all', requests_per_minute: 1, output_tokens_per_minute: 1000 }])
  const first = await ask(lab, { path: '/messages' })
  expect(first.headers.get('anthropic-ratelimit-requests-remaining')).toBe('0')
  expect(first.headers.get('anthropic-ratelimit-output-tokens-limit')).toBe('1000')
  expect(first.headers.get('anthropic-ratelimit-requests-reset')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  const second = await ask(lab, { path: '/messages' })
  expect(second.status).toBe(429)
  expect(await second.json()).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } })
})

test.each([false, true])('tokens count as they were used (streamed: %s)', async (stream) => {
  await using lab = await limited([{ per: 'key', tokens_per_minute: 150, output_tokens_per_minute: 10_000 }])
  lab.simulator.always({ reply: { usage } })
  for (const left of [150, 50]) {
    const answer = await ask(lab, { stream })
    expect(answer.status).toBe(200)
    // What the request comes to is taken off, the answer is not known yet.
    expect(Number(answer.headers.get('x-ratelimit-remaining-tokens'))).toBeGreaterThan(left - 30)
    expect(Number(answer.headers.get('x-ratelimit-remaining-tokens'))).toBeLessThan(left)
    await answer.arrayBuffer()
  }
  expect((await ask(lab, { stream })).status).toBe(429)
})

test('a request that is larger than its limit is told so', async () => {
  await using lab = await limited([{ per: 'key', input_tokens_per_minute: 5 }])
  const answer = await ask(lab)
  expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('x-should-retry')]).toEqual([
    429,
    null,
    'false',
  ])
  expect(await answer.text()).toContain('5 tokens of input per minute')
})

test('so many at once: places are free again after an answer, an error and a caller who left', async () => {
  await using lab = await limited([{ per: 'key', concurrent_requests: 1 }])
  lab.simulator.next('hang-mid-stream')
  const leaving = new AbortController()
  const open = await ask(lab, { stream: true, signal: leaving.signal })
  const refused = await ask(lab)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
  leaving.abort()
  await expect(open.text()).rejects.toThrow('aborted')
  await lab.settled(1)
  lab.simulator.next('server-error', 'cut-mid-body')
  for (const status of [502, 502, 200, 200]) {
    const answer = await ask(lab)
    expect(answer.status).toBe(status)
    await answer.arrayBuffer()
  }
  const streamed = await ask(lab, { stream: true })
  await streamed.text()
  expect((await ask(lab)).status).toBe(200)
})

test('callers have limits of their own, all together another one', async () => {
  const server = { keys: ['one', 'two', 'three'] }
  await using lab = await limited(
    [
      { per: 'key', requests_per_minute: 3 },
      { per: 'key', match: { keys: ['key-3'] }, requests_per_minute: 1 },
      { per: 'all', requests_per_hour: 6 },
    ],
    { server },
  )
  const by = async (key: string): Promise<number> =>
    (await statuses(5, () => ask(lab, { key }))).filter((status) => status === 200).length
  expect(await by('three')).toBe(1)
  expect(await by('one')).toBe(3)
  expect(await by('two')).toBe(2)
})

test('a provider at its limit is passed over for the next target, and without one the caller is told', async () => {
  await using lab = await limited(
    [
      { per: 'provider', match: { providers: ['lab'] }, requests_per_minute: 2 },
      { per: 'model', match: { models: ['other/large'] }, requests_per_minute: 1 },
    ],
    { routes: { both: { targets: ['lab/small', 'other/large'], strategy: 'first-available' } } },
    { providers: ({ url }) => ({ other: { type: 'openai_compatible', base_url: url, api_key: 'k', max_retries: 0 } }) },
  )
  const providers: (string | null)[] = []
  for (let index = 0; index < 3; index++)
    providers.push((await ask(lab, { model: 'both' })).headers.get('x-sluice-provider'))
  expect(providers).toEqual(['lab', 'lab', 'other'])
  const last = await ask(lab, { model: 'both' })
  expect(last.status).toBe(429)
  expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(50)
  expect((await ask(lab, { model: 'lab/large' })).status).toBe(429)
  expect((await ask(lab, { model: 'other/small' })).status).toBe(200)
})

test('the raw proxy takes of the same limits', async () => {
  await using lab = await limited([{ per: 'provider', requests_per_minute: 2, tokens_per_minute: 1_000 }])
  lab.simulator.always({ reply: { usage: { input: 500, output: 480 } } })
  const raw = (): Promise<Response> => ask(lab, { path: '/../proxy/lab/chat/completions' })
  const first = await raw()
  expect([first.status, first.headers.get('x-ratelimit-remaining-requests')]).toEqual([200, '1'])
  await first.arrayBuffer()
  const second = await ask(lab)
  expect(second.status).toBe(429)
  expect((await raw()).status).toBe(429)
})

test('other operations and other doors take of the same limits', async () => {
  await using lab = await limited([{ per: 'key', requests_per_minute: 2 }])
  expect((await ask(lab, { path: '/messages' })).status).toBe(200)
  const embed = await fetch(`${lab.url}/embeddings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'small', input: 'Hi' }),
  })
  expect(embed.status).toBe(200)
  expect((await ask(lab, { path: '/../api/chat' })).status).toBe(429)
})

test('lines of a batch wait for their turn instead of failing', async () => {
  let now = Date.now()
  await using lab = await limited(
    [{ per: 'key', concurrent_requests: 1 }],
    { batches: { concurrency: 4 } },
    { now: () => now++ },
  )
  const lines = Array.from({ length: 3 }, (_, index) =>
    JSON.stringify({
      custom_id: `line-${index}`,
      method: 'POST',
      url: '/v1/chat/completions',
      body: { model: 'small', messages: [{ role: 'user', content: 'Hi' }] },
    }),
  )
  const form = new FormData()
  form.set('purpose', 'batch')
  form.set('file', new Blob([lines.join('\n')]), 'input.jsonl')
  const file = (await (await fetch(`${lab.url}/files`, { method: 'POST', body: form })).json()) as { id: string }
  const made = await fetch(`${lab.url}/batches`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' }),
  })
  const { id } = (await made.json()) as { id: string }
  let counts: { readonly completed: number; readonly failed: number } | undefined
  for (let status = ''; status !== 'completed';) {
    const batch = (await (await fetch(`${lab.url}/batches/${id}`)).json()) as {
      readonly status: string
      readonly request_counts: { readonly completed: number; readonly failed: number }
    }
    ;({ status, request_counts: counts } = batch)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect(counts).toMatchObject({ completed: 3, failed: 0 })
})

describeOnRedis('Several gateways with one Redis', () => {
  test('three of them let in as many as one', async () => {
    const { url } = await redisForTests()
    const config = { server: { redis_url: url } }
    const rules: Rules = [{ per: 'key', requests_per_minute: 10, tokens_per_minute: 100_000 }]
    const labs = await Promise.all([1, 2, 3].map(() => limited(rules, config)))
    const answered = await statuses(45, (index) => ask(labs[index % 3]!, { stream: index % 2 === 0 }))
    expect(answered.filter((status) => status === 200)).toHaveLength(10)
    expect(answered.filter((status) => status === 429)).toHaveLength(35)
    for (const lab of labs) await lab.close()
  })

  test('places are shared, and free again for all', async () => {
    const { url } = await redisForTests()
    const config = { server: { redis_url: url } }
    const rules: Rules = [{ per: 'key', concurrent_requests: 2 }]
    const [one, other] = await Promise.all([limited(rules, config), limited(rules, config)])
    one.simulator.next('hang-mid-stream', 'hang-mid-stream')
    const leaving = new AbortController()
    const open = await Promise.all([1, 2].map(() => ask(one, { stream: true, signal: leaving.signal })))
    expect((await ask(other)).status).toBe(429)
    leaving.abort()
    for (const answer of open) await expect(answer.text()).rejects.toThrow('aborted')
    while ((await ask(other)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 10))
    await one.close()
    await other.close()
  })

  test('a call that another was quicker than is given up, and takes no place any more', async () => {
    const { url } = await redisForTests()
    await using other = await startSimulator()
    await using lab = await limited(
      [{ per: 'provider', concurrent_requests: 1 }],
      {
        server: { redis_url: url },
        routes: {
          quick: {
            targets: ['lab/small', 'other/small'],
            strategy: 'first-available',
            hedge: { delay: 20, max_extra: 1 },
          },
        },
      },
      {
        providers: () => ({
          other: { type: 'openai_compatible', base_url: other.url, api_key: 'k', max_retries: 0 },
        }),
      },
    )
    lab.simulator.next('hang-before-head')
    const answer = await ask(lab, { model: 'quick' })
    expect([answer.status, answer.headers.get('x-sluice-provider')]).toEqual([200, 'other'])
    const calls = [lab.simulator, other].flatMap(({ requests }) => requests.filter(({ method }) => method === 'POST'))
    expect(await Promise.all(calls.map((call) => call.closed()))).toEqual(['aborted', 'answered'])
    while ((await ask(lab, { model: 'lab/small' })).status !== 200)
      await new Promise((resolve) => setTimeout(resolve, 10))
  })

  test.each(['fail-open', 'fail-closed'] as const)(
    'without Redis: %s, said by health, until it is back',
    async (when) => {
      await using redis = await startRedis()
      await using lab = await limited([{ per: 'key', requests_per_minute: 9 }], {
        server: { redis_url: redis.url },
        limits: { replicas: 3, when_lost: when },
      })
      const health = async (): Promise<unknown> => {
        const answer = await fetch(`${lab.gateway.url}/api/llm/health`)
        return ((await answer.json()) as { readonly limits: unknown }).limits
      }
      expect((await ask(lab)).status).toBe(200)
      expect(await health()).toEqual({ state: 'ok', counted_in: 'redis', reason: null })
      await redis.stop()
      const answered = await statuses(8, () => ask(lab))
      expect(answered.filter((status) => status === 200)).toHaveLength(when === 'fail-open' ? 3 : 0)
      if (when === 'fail-closed') expect(answered).toEqual(Array.from({ length: 8 }, () => 503))
      expect(await health()).toMatchObject({ state: 'lost' })
      const events = await (await fetch(`${lab.gateway.url}/api/llm/events`)).text()
      expect(events).toContain('limits.store_lost')
      await redis.start()
      for (;;) {
        const { state } = (await health()) as { readonly state: string }
        if (state === 'ok') break
        await ask(lab)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      const again = await statuses(20, () => ask(lab))
      // The first that Redis was there for has taken one.
      expect(again.filter((status) => status === 200).length).toBeGreaterThanOrEqual(7)
      expect(again.filter((status) => status === 200).length).toBeLessThanOrEqual(9)
    },
  )
})
