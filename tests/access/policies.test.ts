import { expect, onTestFinished, test } from 'vitest'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../start-test-gateway.ts'
import { adminOf, chat, codeOf, makeKey, rootKey, until } from './admin-client.ts'

/** With a second provider, `den`, and routes over both. */
async function start(options: TestGatewayOptions = {}): Promise<TestGateway> {
  const gateway = await startTestGateway({
    providers: ({ url }) => ({
      den: { type: 'openai_compatible', base_url: url, api_key: 'den-key', max_retries: 0, models: ['small', 'large'] },
    }),
    ...options,
    config: {
      routes: {
        both: { strategy: 'first-available', targets: ['lab/small', 'den/large'] },
        falling: { targets: ['lab/small'], fallbacks: { context_window: 'lab/large' } },
        above: { targets: ['both'] },
      },
      models: [{ id: 'lab/large', aliases: ['best'] }],
      ...options.config,
      server: { admin_key: rootKey },
    },
  })
  onTestFinished(() => gateway.close())
  return gateway
}

test.each<[patterns: string[], model: string, status: number]>([
  [['small'], 'small', 200],
  [['SMALL'], 'small', 200],
  [['small'], 'lab/small', 200],
  [['small'], 'lab:small', 200],
  [['lab/*'], 'small', 200],
  [['small'], 'large', 403],
  [['small'], 'den/large', 403],
  [['lab/*'], 'den/small', 403],
  [['lab*'], 'lab/small', 403],
  [['*', '!large'], 'large', 403],
  [['*', '!large'], 'lab/large', 403],
  [['*', '!lab/*'], 'small', 403],
  [['*', '!large'], 'small', 200],
  [['best'], 'best', 200],
  [['best'], 'large', 403],
  [['*', '!large'], 'best', 403],
  [['both'], 'both', 200],
  [['both'], 'small', 403],
  [['large'], 'falling', 403],
])('a key for %j asking for %s is answered with %i', async (models, model, status) => {
  const gateway = await start()
  const { key } = await makeKey(adminOf(gateway), { models })
  const answer = await chat(gateway, key, { model })
  expect([answer.status, answer.status === 403 ? codeOf(answer.body) : undefined]).toEqual([
    status,
    status === 403 ? 'model_not_allowed' : undefined,
  ])
})

test('a refusal is told in the words of the caller’s client, with the way out', async () => {
  const gateway = await start()
  const { key } = await makeKey(adminOf(gateway), { models: ['small'] })
  const response = await fetch(`${gateway.url}/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model: 'large', max_tokens: 10, messages: [{ role: 'user', content: 'Hello' }] }),
  })
  expect(response.status).toBe(403)
  expect(await response.json()).toMatchObject({
    type: 'error',
    error: { type: 'permission_error', message: expect.stringContaining('GET /v1/models') as string },
  })
})

test('a route goes to those of its targets only that the key may use', async () => {
  const gateway = await start()
  const admin = adminOf(gateway)
  const { key } = await makeKey(admin, { providers: ['den'] })
  for (const model of ['both', 'above']) {
    const { status, headers } = await chat(gateway, key, { model })
    expect([status, headers.get('x-sluice-provider')]).toEqual([200, 'den'])
  }
  const refused = await chat(gateway, key, { model: 'lab/small' })
  expect([refused.status, codeOf(refused.body)]).toEqual([403, 'provider_not_allowed'])
  const large = await makeKey(admin, { models: ['large'] })
  expect((await chat(gateway, large.key, { model: 'both' })).headers.get('x-sluice-model')).toBe('large')
})

test('no failure, override or list of models leads around the policy', async () => {
  const gateway = await start()
  const admin = adminOf(gateway)
  const { key } = await makeKey(admin, { providers: ['lab'], models: ['small'] })
  // The first target fails; the second is not the key's.
  gateway.simulator.next({ fault: { kind: 'status', status: 500 } })
  const failed = await chat(gateway, key, { model: 'both' })
  expect(failed.status).toBe(502)
  for (const [body, headers] of [
    [{}, { 'x-sluice-route': 'large' }],
    [{ model: 'large', models: ['small'] }, {}],
    [{ provider: { only: ['den'] } }, {}],
  ] as const) {
    const { status, headers: answered } = await chat(gateway, key, body, headers)
    if (status === 200) expect(answered.get('x-sluice-model')).toBe('small')
    else expect([403, 404]).toContain(status)
    expect(answered.get('x-sluice-provider') ?? 'lab').toBe('lab')
  }
  expect(gateway.usage.every(({ provider, model }) => provider !== 'den' && model !== 'large')).toBe(true)
})

test('a fallback that the key may not use is not taken', async () => {
  const gateway = await start()
  const { key } = await makeKey(adminOf(gateway), { models: ['small'] })
  gateway.simulator.next({
    fault: {
      kind: 'status',
      status: 400,
      error: { message: 'too long', type: 'invalid_request_error', code: 'context_length_exceeded' },
    },
  })
  const { status, body } = await chat(gateway, key, { model: 'falling' })
  expect([status, codeOf(body)]).toEqual([400, 'context_length_exceeded'])
})

test('lists show only what a key may use', async () => {
  const gateway = await start()
  const admin = adminOf(gateway)
  const ids = async (key: string, path: string): Promise<string[]> => {
    const response = await fetch(`${gateway.url}${path}`, { headers: { authorization: `Bearer ${key}` } })
    return ((await response.json()) as { data: { id: string }[] }).data.map(({ id }) => id)
  }
  const one = await makeKey(admin, { providers: ['den'], models: ['small'] })
  expect(await ids(one.key, '/providers')).toEqual(['den'])
  expect(await ids(one.key, '/models')).toEqual(['den/small'])
  const headers = { authorization: `Bearer ${one.key}` }
  expect((await fetch(`${gateway.url}/models/den%2Fsmall`, { headers })).status).toBe(200)
  expect((await fetch(`${gateway.url}/models/lab%2Fsmall`, { headers })).status).toBe(404)
  const tags = (await (await fetch(`${gateway.gateway.url}/api/tags`, { headers })).json()) as { models: unknown[] }
  expect(tags.models).toMatchObject([{ name: 'den/small' }])
  const routes = await makeKey(admin, { models: ['both', 'best'] })
  expect(await ids(routes.key, '/models')).toEqual(['both', 'lab/large'])
})

test('a key is for its operations, and for the raw proxy only where that is named', async () => {
  const gateway = await start()
  const admin = adminOf(gateway)
  const embed = await makeKey(admin, { operations: ['embed'] })
  const refused = await chat(gateway, embed.key)
  expect([refused.status, codeOf(refused.body)]).toEqual([403, 'operation_not_allowed'])
  const raw = async (key: string, provider: string): Promise<number> =>
    (await fetch(`${gateway.gateway.url}/proxy/${provider}/models`, { headers: { authorization: `Bearer ${key}` } }))
      .status
  expect(await raw((await makeKey(admin)).key, 'lab')).toBe(403)
  const open = await makeKey(admin, { operations: ['raw'], providers: ['lab'] })
  expect([await raw(open.key, 'lab'), await raw(open.key, 'den')]).toEqual([200, 403])
  const limited = await makeKey(admin, { operations: ['raw'], models: ['small'] })
  expect(await raw(limited.key, 'lab')).toBe(403)
})

test('the lines of a batch are held to what its key may use by then', async () => {
  const gateway = await start()
  const admin = adminOf(gateway)
  const { id, key } = await makeKey(admin, { models: ['small'] })
  const headers = { authorization: `Bearer ${key}` }
  const lineFor = (model: string): string =>
    JSON.stringify({
      custom_id: model,
      method: 'POST',
      url: '/v1/chat/completions',
      body: { model, messages: [{ role: 'user', content: 'Hello' }] },
    })
  const form = new FormData()
  form.set('purpose', 'batch')
  form.set('file', new Blob([`${lineFor('small')}\n${lineFor('large')}\n`]), 'a.jsonl')
  const file = (await (await fetch(`${gateway.url}/files`, { method: 'POST', headers, body: form })).json()) as {
    id: string
  }
  const runBatch = async (): Promise<Record<string, unknown>> => {
    const made = await fetch(`${gateway.url}/batches`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({
        input_file_id: file.id,
        endpoint: '/v1/chat/completions',
        completion_window: '24h',
      }),
    })
    let batch = (await made.json()) as Record<string, unknown>
    await until(async () => {
      const shown = await fetch(`${gateway.url}/batches/${String(batch['id'])}`, { headers })
      batch = (await shown.json()) as Record<string, unknown>
      return batch['status'] === 'completed'
    })
    return batch
  }
  const batch = await runBatch()
  expect(batch['request_counts']).toEqual({ total: 2, completed: 1, failed: 1 })
  const errors = await fetch(`${gateway.url}/files/${String(batch['error_file_id'])}/content`, { headers })
  expect(await errors.text()).toContain('model_not_allowed')
  await admin('PATCH', `/keys/${id}`, { models: ['large'] })
  const later = await runBatch()
  const output = await fetch(`${gateway.url}/files/${String(later['output_file_id'])}/content`, { headers })
  expect(JSON.parse(await output.text())).toMatchObject({ custom_id: 'large', response: { status_code: 200 } })
})

test('a batch at a provider is for a key that may still use it', async () => {
  const gateway = await start()
  const admin = adminOf(gateway)
  const { id, key } = await makeKey(admin)
  const headers = { authorization: `Bearer ${key}` }
  const form = new FormData()
  form.set('purpose', 'batch')
  form.set('file', new Blob(['{}\n']), 'lines.jsonl')
  const named = { ...headers, 'x-sluice-provider': 'lab' }
  const upload = await fetch(`${gateway.url}/files`, { method: 'POST', headers: named, body: form })
  expect(upload.status).toBe(200)
  const file = (await upload.json()) as { readonly id: string }
  await admin('PATCH', `/keys/${id}`, { providers: ['den'] })
  const asked = { input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' }
  const made = await fetch(`${gateway.url}/batches`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(asked),
  })
  expect([made.status, codeOf(await made.json())]).toEqual([403, 'provider_not_allowed'])
})

test('requests that name no model go where the key says', async () => {
  const gateway = await start()
  const { key } = await makeKey(adminOf(gateway), { default_route: 'den/large', models: ['large'] })
  for (const headers of [{}, { 'x-sluice-timeout': '30' }]) {
    const answer = await chat(gateway, key, { model: undefined }, headers)
    expect([answer.status, answer.headers.get('x-sluice-provider')]).toEqual([200, 'den'])
  }
  const explained = await fetch(`${gateway.gateway.url}/api/llm/explain`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [] }),
  })
  expect(await explained.json()).toMatchObject({ target: { id: 'den/large' } })
})

test('what tells of all callers is not for the key of one', async () => {
  const gateway = await start()
  const admin = adminOf(gateway)
  const organisation = await admin('POST', '/organisations', { name: 'A' })
  const status = async (key: string, path: string): Promise<number> =>
    (await fetch(`${gateway.gateway.url}${path}`, { headers: { authorization: `Bearer ${key}` } })).status
  const caller = await makeKey(admin)
  const ofOne = await makeKey(admin, { role: 'owner', organisation_id: organisation.body['id'] })
  const operator = await makeKey(admin, { role: 'operator' })
  for (const path of ['/metrics', '/api/llm/health', '/api/llm/events', '/api/llm/metrics/failures']) {
    expect(await status(caller.key, path)).toBe(403)
    expect(await status(ofOne.key, path)).toBe(403)
    expect(await status(operator.key, path)).toBe(200)
  }
})
