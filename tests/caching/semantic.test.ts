import type { Behaviour, RecordedRequest } from '@sluice/simulator'
import { array, assert, asyncProperty, constantFrom, record } from 'fast-check'
import type { ConfigInput } from 'sluice'
import { afterEach, describe, expect, test } from 'vitest'
import { adminOf, makeKey, rootKey } from '../access/admin-client.ts'
import { describeOnRedis } from '../servers/describe-on.ts'
import { redisForTests, startRedis } from '../servers/redis.ts'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

let worlds: TestGateway[] = []
afterEach(async () => {
  for (const world of worlds) await world.close()
  worlds = []
})

/** What the model for embeddings says of a text: its direction in degrees. */
const directions: Readonly<Record<string, number>> = {
  'What is the capital of France?': 0,
  'what is the capital of France': 2,
  'Which city is the capital of France?': 8,
  'What is the capital of Spain?': 30,
}
const [france, alsoFrance, nearlyFrance, spain] = Object.keys(directions) as [string, string, string, string]

type Semantic = NonNullable<NonNullable<ConfigInput['cache']>['semantic']>

interface StartOptions {
  readonly semantic?: Partial<Semantic>
  readonly cache?: NonNullable<ConfigInput['cache']>
  readonly config?: ConfigInput
}

async function start({ semantic = {}, cache = {}, config = {} }: StartOptions = {}): Promise<TestGateway> {
  const world = await startTestGateway({
    config: {
      models: [
        { id: 'lab/embedder', price: { input: 1, output: 0 } },
        { id: 'lab/small', price: { input: 1, output: 1 } },
      ],
      cache: { ...cache, semantic: { model: 'lab/embedder', by_default: true, timeout: 30, ...semantic } },
      ...config,
    },
    simulator: { models: ['small', 'large', 'embedder'] },
  })
  worlds.push(world)
  let answers = 0
  world.simulator.always((request) =>
    isEmbedding(request) ? embedding(request) : { reply: { text: `answer ${++answers}` } },
  )
  return world
}

const like = (pattern: RegExp): string => expect.stringMatching(pattern) as string
const isEmbedding = ({ path }: RecordedRequest): boolean => path.endsWith('/embeddings')

function embedding({ body }: RecordedRequest): Behaviour {
  const { input } = JSON.parse(body.toString()) as { input: string }
  const angle = ((directions[input] ?? 90) * Math.PI) / 180
  const data = [{ object: 'embedding', index: 0, embedding: [Math.cos(angle) * 3, Math.sin(angle) * 3, 0] }]
  return {
    raw: {
      body: JSON.stringify({ object: 'list', model: 'embedder', data, usage: { prompt_tokens: 7, total_tokens: 7 } }),
    },
  }
}

interface Asked {
  readonly status: number
  readonly cache: string | null
  readonly text: string
}

interface Asking {
  readonly more?: object
  readonly header?: string
  readonly key?: string
  readonly path?: string
  readonly onlyIfCached?: boolean
}

async function ask(world: TestGateway, text: string, asking: Asking = {}): Promise<Asked> {
  const { more, header, key, path, onlyIfCached } = asking
  const response = await fetch(`${world.url}${path ?? '/chat/completions'}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(header !== undefined && { 'x-sluice-cache': header }),
      ...(onlyIfCached === true && { 'cache-control': 'only-if-cached' }),
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({ model: 'lab/small', messages: [{ role: 'user', content: text }], ...more }),
  })
  return { status: response.status, cache: response.headers.get('x-sluice-cache'), text: await response.text() }
}

const embeddings = ({ simulator }: TestGateway): number => simulator.requests.filter(isEmbedding).length

describe('a question like one that was asked', () => {
  test('is answered by its answer, and says how alike they are', async () => {
    const world = await start()
    const first = await ask(world, france)
    expect(first).toMatchObject({ status: 200, cache: 'miss' })
    expect(await ask(world, alsoFrance)).toEqual({ status: 200, cache: 'semantic; similarity=0.99', text: first.text })
    expect(await ask(world, nearlyFrance)).toMatchObject({ cache: 'semantic; similarity=0.99', text: first.text })
    expect(await ask(world, spain)).toMatchObject({ status: 200, cache: 'miss' })
    // The very same needs no embedding.
    const before = embeddings(world)
    expect(await ask(world, france)).toMatchObject({ cache: 'hit', text: first.text })
    expect(embeddings(world)).toBe(before)
    const page = await (await fetch(`${world.gateway.url}/metrics`)).text()
    expect(page).toContain('sluice_cache_requests_total{outcome="semantic"} 2')
  })

  test('is asked where it is less alike than config wants', async () => {
    const world = await start({ semantic: { threshold: 0.995 } })
    await ask(world, france)
    expect(await ask(world, nearlyFrance)).toMatchObject({ cache: 'miss' })
    expect(await ask(world, alsoFrance)).toMatchObject({ cache: 'semantic; similarity=0.99' })
  })

  test('is answered as a stream by a stream, in every dialect', async () => {
    const world = await start()
    for (const path of ['/chat/completions', '/messages']) {
      const more = { stream: true, max_tokens: 50 }
      const first = await ask(world, france, { more, path })
      expect(first.cache).toBe('miss')
      await expect
        .poll(async () => ask(world, alsoFrance, { more, path }))
        .toMatchObject({ cache: 'semantic; similarity=0.99', text: first.text })
    }
  })

  test('costs nothing but its embedding, which has a record of its own', async () => {
    const world = await start()
    await ask(world, france)
    await ask(world, alsoFrance)
    const records = world.usage.map(({ operation, model, cost }) => [operation, model, cost?.nanoDollars ?? 0] as const)
    expect(records.map(([operation, model]) => [operation, model])).toEqual([
      ['embed', 'embedder'],
      ['chat', 'small'],
      ['embed', 'embedder'],
      ['chat', 'small'],
    ])
    expect(records.map(([, , cost]) => cost > 0)).toEqual([true, true, true, false])
    expect(world.usage[0]?.requestId).toBe(`${world.usage[1]?.requestId}.embedding`)
  })
})

describe('what else a request says', () => {
  const before = [
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: 'Hi' },
  ]
  const others: readonly (readonly [string, (text: string) => object])[] = [
    [
      'a system prompt',
      (text) => ({
        messages: [
          { role: 'system', content: 'Rhyme.' },
          { role: 'user', content: text },
        ],
      }),
    ],
    ['turns before it', (text) => ({ messages: [...before, { role: 'user', content: text }] })],
    ['a parameter', () => ({ max_tokens: 5 })],
    ['a parameter that nobody knows', () => ({ colour: 'red' })],
    ['a tool', () => ({ tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }] })],
    ['a stream', () => ({ stream: true })],
    ['a model', () => ({ model: 'lab/large' })],
    ['a format', () => ({ response_format: { type: 'json_object' } })],
  ]

  test.each(others)('must be the same: %s', async (_, more) => {
    const world = await start()
    await ask(world, france)
    expect(await ask(world, alsoFrance, { more: more(alsoFrance) })).toMatchObject({ cache: 'miss' })
    await expect
      .poll(() => ask(world, nearlyFrance, { more: more(nearlyFrance) }))
      .toMatchObject({ cache: 'semantic; similarity=0.99' })
  })

  const call = { id: 'c', type: 'function', function: { name: 'look', arguments: '{}' } }
  const used = [
    { role: 'user', content: 'Look.' },
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'c', content: 'Seen.' },
    { role: 'user', content: france },
  ]
  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }
  test.each<readonly [string, object]>([
    ['images', { messages: [{ role: 'user', content: [{ type: 'text', text: france }, image] }] }],
    [
      'images before it',
      { messages: [{ role: 'user', content: [image] }, before[1], { role: 'user', content: france }] },
    ],
    ['results of tools', { messages: used }],
    ['several answers', { n: 2 }],
    ['a high temperature', { temperature: 1.5 }],
    ['a number that JavaScript rounds', { seed: 2 ** 60 }],
    ['an end that is not its user’s', { messages: before }],
    ['a very long question', { messages: [{ role: 'user', content: 'word '.repeat(2_000) }] }],
  ])('is never answered by likeness: %s', async (_, more) => {
    const world = await start()
    expect(await ask(world, france, { more })).toMatchObject({ status: 200, cache: 'miss' })
    expect(embeddings(world)).toBe(0)
  })

  test('a temperature at the limit is not too high', async () => {
    const world = await start({ semantic: { max_temperature: 0.5 } })
    await ask(world, france, { more: { temperature: 0.5 } })
    expect(await ask(world, alsoFrance, { more: { temperature: 0.5 } })).toMatchObject({ cache: like(/semantic/) })
    await ask(world, france)
    expect(await ask(world, alsoFrance)).toMatchObject({ cache: 'miss' })
  })
})

describe('who wants it', () => {
  test('requests that say so, unless config says that all do', async () => {
    const world = await start({ semantic: { by_default: false } })
    await ask(world, france, { header: 'semantic' })
    expect(await ask(world, alsoFrance)).toMatchObject({ cache: 'miss' })
    expect(await ask(world, nearlyFrance, { header: 'semantic' })).toMatchObject({
      cache: like(/^semantic; similarity=0.99$/),
    })
  })

  test.each(['exact', 'off', 'no-store', 'refresh'])('not one that says %s', async (header) => {
    const world = await start()
    await ask(world, france)
    expect(await ask(world, alsoFrance, { header })).toMatchObject({ cache: like(/^(miss|off)$/) })
  })

  test('nobody where config has none: it is no word there', async () => {
    const world = await startTestGateway({ config: { cache: {} } })
    worlds.push(world)
    expect(await ask(world, france, { header: 'semantic' })).toMatchObject({ status: 400 })
  })
})

describe('embeddings that cannot be had fail no request', () => {
  test.each<readonly [string, Behaviour]>([
    ['an error', { fault: { kind: 'status', status: 500 } }],
    ['no embedding', { raw: { body: '{"data":[]}' } }],
    ['not JSON', { raw: { body: '<html>' } }],
    ['nothing at all', { fault: { kind: 'hang', at: 'head' } }],
  ])('%s', async (_, behaviour) => {
    const world = await start({ semantic: { timeout: 0.2 } })
    let answers = 0
    world.simulator.always((request) => (isEmbedding(request) ? behaviour : { reply: { text: `answer ${++answers}` } }))
    expect(await ask(world, france)).toMatchObject({ status: 200, cache: 'miss' })
    expect(await ask(world, alsoFrance)).toMatchObject({ status: 200, cache: 'miss' })
    expect(await ask(world, france)).toMatchObject({ status: 200, cache: 'hit' })
    expect(JSON.stringify(world.log)).toContain('could not be embedded')
  })

  test('a model that there is not', async () => {
    const world = await start({ semantic: { model: 'nowhere/embedder' } })
    expect(await ask(world, france)).toMatchObject({ status: 200, cache: 'miss' })
  })

  test('a budget without room for them', async () => {
    const world = await start({
      config: { budgets: { rules: [{ per: 'model', match: { models: ['embedder'] }, amount: 1e-9 }] } },
    })
    expect(await ask(world, france)).toMatchObject({ status: 200, cache: 'miss' })
    expect(embeddings(world)).toBe(0)
  })

  test('limits do not count them', async () => {
    const rules = [{ per: 'key', requests_per_minute: 2, concurrent_requests: 1 }] as const
    const world = await start({ config: { limits: { rules: [...rules] } } })
    expect(await ask(world, france)).toMatchObject({ status: 200 })
    expect(await ask(world, alsoFrance)).toMatchObject({ status: 200, cache: like(/^semantic/) })
    expect(await ask(world, spain)).toMatchObject({ status: 429 })
  })
})

test('what the cache forgot is asked again', async () => {
  const world = await start()
  const first = await ask(world, france)
  const again = await ask(world, france, { header: 'refresh' })
  expect(again.text).not.toBe(first.text)
  expect(await ask(world, alsoFrance)).toMatchObject({ cache: like(/^semantic/), text: again.text })
})

test.each([false, true])(
  'is found by what was sent, also where it is read after the answer (stream: %s)',
  async (stream) => {
    // The provider knows the model by another name: the body is written anew for it.
    const world = await start({ config: { models: [{ id: 'lab/large', aliases: ['mine'] }] } })
    const more = { model: 'mine', stream }
    const first = await ask(world, france, { more, header: 'refresh' })
    expect(first).toMatchObject({ status: 200, cache: 'miss' })
    // Nothing is kept meanwhile, so that it is found as soon as it can be.
    const found = async (): Promise<Asked> => ask(world, alsoFrance, { more, onlyIfCached: true })
    await expect.poll(found).toMatchObject({ cache: like(/^semantic/), text: first.text })
  },
)

describe('whose answers are given', () => {
  const shares = ['key', 'workspace', 'organisation'] as const
  const stores = ['memory', 'database'] as const

  test.each(stores.flatMap((store) => shares.map((share) => [share, store] as const)))(
    'never another’s, whatever is asked in whatever order (share: %s, store: %s)',
    { timeout: 60_000 },
    async (share, store) => {
      const world = await start({ cache: { share, store }, config: { server: { admin_key: rootKey } } })
      const admin = adminOf(world)
      const made = async (path: string, body: object): Promise<string> =>
        String((await admin('POST', path, body)).body['id'])
      const callers: { key: string; tenant: string }[] = []
      for (const name of ['one', 'two']) {
        const organisation = await made('/organisations', { name })
        for (const team of ['a', 'b']) {
          const workspace = await made('/workspaces', { name: team, kind: 'team', organisation_id: organisation })
          for (let index = 0; index < 2; index++) {
            const { id, key } = await makeKey(admin, { workspace_id: workspace })
            callers.push({ key, tenant: { key: id, workspace, organisation }[share] })
          }
        }
      }
      const { key: alone, id } = await makeKey(admin)
      callers.push({ key: alone, tenant: id })
      const asking = record({ who: constantFrom(...callers), text: constantFrom(france, alsoFrance, nearlyFrance) })
      /** Who paid for an answer. */
      const owners = new Map<string, string>()
      let given = 0
      await assert(
        asyncProperty(array(asking, { minLength: 5, maxLength: 25 }), async (asked) => {
          for (const { who, text } of asked) {
            const { cache, text: answer, status } = await ask(world, text, { key: who.key })
            expect(status).toBe(200)
            if (cache === 'miss') owners.set(answer, who.tenant)
            else given++
            expect([cache, owners.get(answer)]).toEqual([cache, who.tenant])
          }
        }),
        { numRuns: 6 },
      )
      expect(given).toBeGreaterThan(0)
    },
  )

  test('everybody’s where config says so of these alone, and only to whom the model is allowed', async () => {
    const world = await start({ semantic: { share: 'all' }, config: { server: { admin_key: rootKey } } })
    const admin = adminOf(world)
    const keys = [await makeKey(admin), await makeKey(admin), await makeKey(admin, { models: ['large'] })]
    const [one, other, narrow] = keys.map(({ key }) => key) as [string, string, string]
    await ask(world, france, { key: one })
    expect(await ask(world, france, { key: other })).toMatchObject({ cache: 'semantic; similarity=1.00' })
    expect(await ask(world, alsoFrance, { key: narrow })).toMatchObject({ status: 403 })
  })
})

describeOnRedis('with Redis', () => {
  test('gateways know what others were asked, and go on without it', async () => {
    const { url } = await redisForTests()
    const config: ConfigInput = { server: { redis_url: url, keys: ['caller'] } }
    const [one, other] = [await start({ config }), await start({ config })]
    await expect.poll(() => ask(one, france, { key: 'caller' })).toMatchObject({ cache: 'hit' })
    await expect.poll(() => ask(other, alsoFrance, { key: 'caller' })).toMatchObject({ cache: like(/^(semantic|hit)/) })
    expect(
      other.simulator.requests.filter((request) => !isEmbedding(request) && request.method === 'POST').length,
    ).toBeLessThan(3)
  })

  test('Redis that is lost fails no request', async () => {
    await using redis = await startRedis()
    const world = await start({ config: { server: { redis_url: redis.url } } })
    await ask(world, france)
    await redis.stop()
    expect(await ask(world, alsoFrance)).toMatchObject({ status: 200, cache: 'miss' })
  })
})
