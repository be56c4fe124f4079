import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../../start-test-gateway.ts'

/** OpenAI's client keeps files and runs batches at the gateway, over providers that know of neither. */
let world: TestGateway
let client: OpenAI
let stranger: OpenAI

beforeAll(async () => {
  world = await startTestGateway({
    config: { server: { keys: ['sk-one', 'sk-two'], max_body_bytes: 100_000 }, batches: { max_file_bytes: 500_000 } },
    providers: ({ origin }) => ({
      claude: { type: 'anthropic', base_url: `${origin}/v1`, api_key: 'upstream-key', max_retries: 0 },
    }),
  })
  client = new OpenAI({ baseURL: world.url, apiKey: 'sk-one', maxRetries: 0 })
  stranger = new OpenAI({ baseURL: world.url, apiKey: 'sk-two', maxRetries: 0 })
})
beforeEach(() => world.simulator.reset())
afterAll(() => world.close())

/** The paths of what the provider was asked, besides its models. */
function asked(): readonly string[] {
  return world.simulator.requests.filter(({ method }) => method === 'POST').map(({ path }) => path)
}

interface Line {
  readonly custom_id: string
  readonly response: { readonly status_code: number; readonly request_id: string; readonly body: OpenAI.ChatCompletion }
  readonly error: { readonly code: string } | null
}

function upload(lines: readonly (string | object)[], name = 'input.jsonl'): Promise<OpenAI.FileObject> {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
  return toFile(Buffer.from(text), name).then((file) => client.files.create({ file, purpose: 'batch' }))
}

function chat(id: string, said: string, model = 'lab/small', more: object = {}): object {
  const body = { model, messages: [{ role: 'user', content: said }], ...more }
  return { custom_id: id, method: 'POST', url: '/v1/chat/completions', body }
}

async function start(
  lines: readonly (string | object)[],
  more: Partial<OpenAI.BatchCreateParams> = {},
): Promise<OpenAI.Batch> {
  const { id } = await upload(lines)
  return client.batches.create({
    input_file_id: id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
    ...more,
  })
}

async function until(id: string, ...statuses: readonly string[]): Promise<OpenAI.Batch> {
  for (;;) {
    const batch = await client.batches.retrieve(id)
    if (statuses.includes(batch.status)) return batch
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function read(id: string | undefined): Promise<readonly Line[]> {
  const text = await (await client.files.content(id!)).text()
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

async function refusal(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'answered',
    (error: unknown) => error,
  )
}

describe('files', () => {
  test('are kept, shown, listed, given back byte for byte and deleted', async () => {
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 31) % 256))
    const file = await client.files.create({ file: await toFile(bytes, 'Bücher 1.bin'), purpose: 'user_data' })
    expect(file).toMatchObject({ object: 'file', bytes: 200_000, filename: 'Bücher 1.bin', purpose: 'user_data' })
    expect(await client.files.retrieve(file.id)).toEqual(file)
    const content = Buffer.from(await (await client.files.content(file.id)).arrayBuffer())
    expect(content.equals(bytes)).toBe(true)
    const listed = await client.files.list({ purpose: 'user_data' })
    expect(listed.data).toEqual([file])
    expect(await client.files.delete(file.id)).toEqual({ id: file.id, object: 'file', deleted: true })
    expect(await refusal(client.files.retrieve(file.id))).toMatchObject({ status: 404, code: 'file_not_found' })
    expect(await refusal(client.files.delete(file.id))).toMatchObject({ status: 404 })
  })

  test('of no bytes are files too', async () => {
    const { id, bytes } = await client.files.create({ file: await toFile(Buffer.of(), 'a'), purpose: 'user_data' })
    expect(bytes).toBe(0)
    expect(await (await client.files.content(id)).text()).toBe('')
  })

  test('are listed by pages, either way', async () => {
    const made: string[] = []
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const file = await toFile(Buffer.from(name), name)
      made.push((await client.files.create({ file, purpose: 'vision' })).id)
    }
    const page = await client.files.list({ purpose: 'vision', limit: 2, order: 'asc' })
    expect(page.data).toHaveLength(2)
    const all: string[] = []
    for await (const { id } of page) all.push(id)
    expect(all.toSorted()).toEqual(made.toSorted())
    const newest: string[] = []
    for await (const { id } of client.files.list({ purpose: 'vision', limit: 3 })) newest.push(id)
    expect(newest).toEqual(all.toReversed())
    expect(await refusal(client.files.list({ limit: 0 }))).toMatchObject({ status: 400, param: 'limit' })
  })

  test('belong to whoever made them', async () => {
    const { id } = await upload([chat('a', 'Hi')])
    for (const call of [stranger.files.retrieve(id), stranger.files.content(id), stranger.files.delete(id)]) {
      expect(await refusal(call)).toMatchObject({ status: 404, code: 'file_not_found' })
    }
    expect((await stranger.files.list()).data).toEqual([])
    const batch = { input_file_id: id, endpoint: '/v1/chat/completions', completion_window: '24h' } as const
    expect(await refusal(stranger.batches.create(batch))).toMatchObject({ status: 400, param: 'input_file_id' })
  })

  test('that expire are gone then', async () => {
    const file = await toFile(Buffer.from('a'), 'a')
    const kept = await client.files.create({
      file,
      purpose: 'evals',
      expires_after: { anchor: 'created_at', seconds: 3600 },
    })
    expect(kept.expires_at).toBe(kept.created_at + 3600)
    const again = await toFile(Buffer.from('a'), 'a')
    const gone = await client.files.create({
      file: again,
      purpose: 'evals',
      expires_after: { anchor: 'created_at', seconds: 0 },
    })
    expect(await refusal(client.files.retrieve(gone.id))).toMatchObject({ status: 404 })
    expect((await client.files.list({ purpose: 'evals' })).data.map(({ id }) => id)).toEqual([kept.id])
  })

  test.each([
    ['no file', { purpose: 'batch' }, 'file'],
    ['no purpose', { file: new Blob(['a']) }, 'purpose'],
    ['a purpose that is none', { file: new Blob(['a']), purpose: '../etc' }, 'purpose'],
    ['an odd lifetime', { file: new Blob(['a']), purpose: 'batch', 'expires_after[anchor]': 'now' }, 'expires_after'],
  ])('%s is refused', async (_, fields, param) => {
    const body = new FormData()
    for (const [name, value] of Object.entries(fields)) body.set(name, value)
    const headers = { authorization: 'Bearer sk-one' }
    const response = await fetch(`${world.url}/files`, { method: 'POST', headers, body })
    expect([response.status, await response.json()]).toMatchObject([400, { error: { param } }])
  })

  test('too large are refused, announced or not', async () => {
    const large = await toFile(Buffer.alloc(500_001), 'large')
    expect(await refusal(client.files.create({ file: large, purpose: 'batch' }))).toMatchObject({ status: 413 })
    const largest = await toFile(Buffer.alloc(500_000), 'largest')
    expect(await client.files.create({ file: largest, purpose: 'fine-tune' })).toMatchObject({ bytes: 500_000 })
  })
})

describe('a batch', () => {
  test('runs over a provider of its own dialect and over another', async () => {
    const batch = await start(
      [chat('one', 'Hello', 'lab/small'), '', chat('two', 'Good evening', 'claude/large'), chat('three', 'Bye')],
      { metadata: { job: 'nightly' } },
    )
    expect(batch).toMatchObject({ object: 'batch', status: 'validating', endpoint: '/v1/chat/completions' })
    expect(batch.expires_at).toBe(batch.created_at + 86_400)
    const done = await until(batch.id, 'completed')
    expect(done).toMatchObject({
      request_counts: { total: 3, completed: 3, failed: 0 },
      metadata: { job: 'nightly' },
      error_file_id: null,
    })
    const lines = await read(done.output_file_id)
    expect(lines.map((line) => line.custom_id)).toEqual(['one', 'two', 'three'])
    for (const { response, error } of lines) {
      expect(response).toMatchObject({ status_code: 200, body: { object: 'chat.completion' } })
      expect(response.body.choices[0]?.message.content).toBeTruthy()
      expect(error).toBeNull()
    }
    expect(asked().toSorted()).toEqual(['/v1/chat/completions', '/v1/chat/completions', '/v1/messages'])
    const metered = lines.map(({ response }) => world.usage.find(({ requestId }) => requestId === response.request_id))
    expect(metered).toMatchObject([
      { principal: 'key-1', provider: 'lab', outcome: 'ok' },
      { principal: 'key-1', provider: 'claude', outcome: 'ok' },
      { principal: 'key-1', provider: 'lab', outcome: 'ok' },
    ])
    expect(await client.files.retrieve(done.output_file_id!)).toMatchObject({ purpose: 'batch_output' })
  })

  test('keeps numbers that JavaScript cannot hold', async () => {
    const line = JSON.stringify(chat('a', 'Hi')).replace('"model"', '"seed":12345678901234567890,"model"')
    await until((await start([line])).id, 'completed')
    const bodies = world.simulator.requests.map(({ body }) => body.toString())
    expect(bodies.join()).toContain('12345678901234567890')
  })

  test('tells of each line that fails', async () => {
    world.simulator.always((request) =>
      request.body.includes('Boom') ? { fault: { kind: 'status', status: 500 } } : {},
    )
    const batch = await start([
      chat('good', 'Hello'),
      chat('lost', 'Hello', 'lab/nothing'),
      chat('broken', 'Boom'),
      chat('streamed', 'Hello', 'lab/small', { stream: true }),
    ])
    const done = await until(batch.id, 'completed')
    expect(done.request_counts).toEqual({ total: 4, completed: 1, failed: 3 })
    expect((await read(done.output_file_id)).map((line) => line.custom_id)).toEqual(['good'])
    expect(await read(done.error_file_id)).toMatchObject([
      { custom_id: 'lost', response: { status_code: 404, body: { error: { code: 'model_not_found' } } } },
      { custom_id: 'broken', response: { status_code: 502, body: { error: { code: 'upstream_error' } } } },
      { custom_id: 'streamed', response: { status_code: 400, body: { error: { param: 'stream' } } } },
    ])
  })

  test.each([
    ['/v1/embeddings', { model: 'lab/small', input: 'Hi' }, { object: 'list' }],
    ['/v1/responses', { model: 'claude/large', input: 'Hi' }, { object: 'response', status: 'completed' }],
    [
      '/v1/messages',
      { model: 'lab/small', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] },
      { type: 'message' },
    ],
    ['/v1/moderations', { model: 'lab/small', input: 'Hi' }, { results: [{ flagged: false }] }],
  ])('asks at %s', async (url, body, answer) => {
    const line = { custom_id: 'a', method: 'POST', url, body }
    const done = await until((await start([line], { endpoint: url as '/v1/embeddings' })).id, 'completed')
    expect(await read(done.output_file_id)).toMatchObject([{ response: { status_code: 200, body: answer } }])
  })

  test.each<[string, readonly (string | object)[], unknown]>([
    ['a line that is no JSON', [chat('a', 'Hi'), '{"custom_id"'], [{ code: 'invalid_json_line', line: 2 }]],
    [
      'a name twice',
      [chat('a', 'Hi'), chat('a', 'Hi')],
      [{ code: 'duplicate_custom_id', line: 2, param: 'custom_id' }],
    ],
    [
      'another path',
      [{ ...chat('a', 'Hi'), url: '/v1/embeddings' }],
      [{ code: 'mismatched_url', line: 1, param: 'url' }],
    ],
    ['another method', [{ ...chat('a', 'Hi'), method: 'GET' }], [{ code: 'invalid_method', line: 1 }]],
    ['no body', [{ ...chat('a', 'Hi'), body: 'text' }], [{ code: 'missing_required_parameter', param: 'body' }]],
    ['no name', [{ ...chat('a', 'Hi'), custom_id: 7 }], [{ code: 'missing_required_parameter', param: 'custom_id' }]],
    ['nothing', ['', ''], [{ code: 'empty_file', line: null }]],
    ['a line that is too long', [chat('a', 'x'.repeat(100_000))], [{ code: 'line_too_long' }]],
  ])('of %s fails before anything runs', async (_, lines, errors) => {
    const failed = await until((await start(lines)).id, 'failed')
    expect(failed.errors?.data).toMatchObject(errors as object[])
    expect(failed.failed_at).toBeGreaterThan(0)
    expect(asked()).toEqual([])
  })

  test.each([
    [{ endpoint: '/v1/nothing' }, 'endpoint'],
    [{ input_file_id: 'file-nothing' }, 'input_file_id'],
    [{ completion_window: 'soon' }, 'completion_window'],
    [{ metadata: { a: 1 } }, 'metadata'],
  ])('asked for with %j is refused', async (more, param) => {
    const call = start([chat('a', 'Hi')], more as unknown as Partial<OpenAI.BatchCreateParams>)
    expect(await refusal(call)).toMatchObject({ status: 400, param })
  })

  test('is cancelled; what was done is given, what was not is not run', async () => {
    world.simulator.always((request) => (request.body.includes('Slow') ? { timing: { latency: 60_000 } } : {}))
    const lines = Array.from({ length: 30 }, (_, index) => chat(`line-${index}`, index === 0 ? 'Quick' : 'Slow'))
    const batch = await start(lines)
    for (;;) {
      const { request_counts: counts } = await client.batches.retrieve(batch.id)
      if (counts?.completed === 1) break
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(await refusal(client.files.delete(batch.input_file_id))).toMatchObject({ status: 400 })
    expect(await client.batches.cancel(batch.id)).toMatchObject({ status: 'cancelling' })
    const cancelled = await until(batch.id, 'cancelled')
    expect(cancelled).toMatchObject({ request_counts: { total: 30, completed: 1, failed: 0 }, error_file_id: null })
    expect((await read(cancelled.output_file_id)).map((line) => line.custom_id)).toEqual(['line-0'])
    expect(asked().length).toBeLessThanOrEqual(5)
    expect(await refusal(client.batches.cancel(batch.id))).toMatchObject({ status: 400 })
    expect(await refusal(stranger.batches.cancel(batch.id))).toMatchObject({ status: 404 })
  })

  test('expires when its window is over', async () => {
    world.simulator.always((request) => (request.body.includes('Slow') ? { timing: { latency: 60_000 } } : {}))
    const lines = [chat('quick', 'Quick'), chat('slow', 'Slow')]
    const batch = await start(lines, { completion_window: '1s' as '24h' })
    const expired = await until(batch.id, 'expired')
    expect(expired.request_counts).toEqual({ total: 2, completed: 1, failed: 1 })
    expect(await read(expired.output_file_id)).toMatchObject([{ custom_id: 'quick' }])
    expect(await read(expired.error_file_id)).toMatchObject([
      { custom_id: 'slow', response: null, error: { code: 'batch_expired' } },
    ])
  })

  test('is listed by pages, for whoever made it', async () => {
    const all: string[] = []
    for await (const { id } of client.batches.list({ limit: 3 })) all.push(id)
    expect(new Set(all).size).toBe(all.length)
    expect(all.length).toBeGreaterThan(10)
    expect((await stranger.batches.list()).data).toEqual([])
    expect(await refusal(stranger.batches.retrieve(all[0]!))).toMatchObject({ status: 404, code: 'batch_not_found' })
  })
})
