import { createHash, randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { Readable } from 'node:stream'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { UsageRecord } from '@sluice/gateway'
import { startTestGateway, type TestGateway } from '../../start-test-gateway.ts'

/** Forms with files: transcriptions, translations and edits of images. */
let world: TestGateway
let client: OpenAI

const maxBodyBytes = 8_000_000

beforeAll(async () => {
  world = await startTestGateway({
    config: { server: { max_body_bytes: maxBodyBytes } },
    simulator: { models: ['small', 'large'] },
    providers: ({ url }) => ({
      talker: { type: 'openai_compatible', name: 'Talker', base_url: url, max_retries: 0, speaks: ['openai-chat'] },
      patient: { type: 'openai_compatible', name: 'Patient', base_url: url, api_key: 'upstream-key', max_retries: 2 },
      nobody: { type: 'openai_compatible', name: 'Nobody', base_url: 'http://127.0.0.1:9/v1', max_retries: 2 },
    }),
  })
  client = new OpenAI({ baseURL: world.url, apiKey: 'any', maxRetries: 0 })
})
beforeEach(() => world.simulator.reset())
afterAll(() => world.close())

function record(): UsageRecord | undefined {
  return world.usage.at(-1)
}

const small = randomBytes(20_000)
const large = randomBytes(4_000_000)

async function transcribe(model: string, content = small): Promise<string> {
  return (await client.audio.transcriptions.create({ model, file: await toFile(content, 'talk.wav') })).text
}

/** The bytes of the files that the provider was sent, as a hash, and the other fields. */
async function sent(): Promise<{ files: string[]; fields: Record<string, string>; framing: string | undefined }> {
  const request = world.simulator.requests.at(-1)!
  const headers = { 'content-type': request.header('content-type') ?? '' }
  const form = await new Response(new Uint8Array(request.body), { headers }).formData()
  const files: string[] = []
  const fields: Record<string, string> = {}
  for (const [name, value] of form) {
    if (typeof value === 'string') fields[name] = value
    else files.push(hash(Buffer.from(await value.arrayBuffer())))
  }
  return { files, fields, framing: request.header('content-length') ?? request.header('transfer-encoding') }
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe.each([
  ['small', small],
  ['large', large],
])('a %s file', (_size, content) => {
  test('is transcribed by the model that its name means, and metered', async () => {
    expect(await transcribe('lab/large', content)).toMatch(new RegExp(`${content.length} bytes of talk\\.wav$`))
    const { files, fields, framing } = await sent()
    expect([files, fields]).toEqual([[hash(content)], { model: 'large' }])
    expect(Number(framing)).toBe(world.simulator.requests.at(-1)!.bodySize)
    expect(record()).toMatchObject({
      operation: 'transcribe',
      outcome: 'ok',
      provider: 'lab',
      model: 'large',
      requestedModel: 'lab/large',
      usage: { audioInput: Math.ceil(content.length / 100), input: 0 },
    })
  })

  test('goes on as it arrives when the model comes first', async () => {
    const text = await client.audio.transcriptions.create({
      model: 'lab/small',
      response_format: 'text',
      file: await toFile(content, 'talk.wav'),
    })
    expect(text).toContain(`${content.length} bytes`)
    expect((await sent()).files).toEqual([hash(content)])
  })

  test('that arrives in chunks goes on in chunks', async () => {
    const body = form([field('model', 'small'), file('file', content)])
    async function* pieces(): AsyncGenerator<Buffer> {
      for (let at = 0; at < body.length; at += 60_000) yield body.subarray(at, at + 60_000)
    }
    const response = await fetch(`${world.url}/audio/translations`, {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      body: Readable.toWeb(Readable.from(pieces())),
      duplex: 'half',
    } as unknown as RequestInit)
    expect(response.status).toBe(200)
    expect(await sent()).toMatchObject({ files: [hash(content)], fields: { model: 'small' } })
    expect(record()).toMatchObject({ operation: 'transcribe', outcome: 'ok' })
  })

  test('edits an image', async () => {
    const image = [
      await toFile(content, 'a.png', { type: 'image/png' }),
      await toFile(small, 'b.png', { type: 'image/png' }),
    ]
    const { data } = await client.images.edit({ model: 'lab/small', image, prompt: 'Bluer', n: 2 })
    expect(data).toHaveLength(2)
    expect((await sent()).files).toEqual([hash(content), hash(small)])
    expect(record()).toMatchObject({ operation: 'image', usage: { imageInput: 20, input: 1 } })
  })
})

describe('a transcript', () => {
  test('is streamed, and metered', async () => {
    world.simulator.next({ reply: { text: ['Good ', 'day.'], usage: { input: 30, output: 4 } } })
    const events: string[] = []
    const stream = await client.audio.transcriptions.create({
      model: 'small',
      file: await toFile(small, 'talk.wav'),
      stream: true,
    })
    for await (const event of stream) events.push(event.type === 'transcript.text.delta' ? event.delta : event.type)
    expect(events).toEqual(['Good ', 'day.', 'transcript.text.done'])
    expect(record()).toMatchObject({ outcome: 'ok', usage: { audioInput: 30, output: 4 } })
  })

  test.each(['text', 'srt', 'vtt', 'verbose_json'] as const)('as %s is relayed as it is', async (format) => {
    const ask = async () => ({ model: 'small', file: await toFile(small, 'talk.wav'), response_format: format })
    const direct = new OpenAI({ baseURL: world.simulator.url, apiKey: 'any' })
    expect(await client.audio.transcriptions.create(await ask())).toEqual(
      await direct.audio.transcriptions.create(await ask()),
    )
  })
})

describe('attempts', () => {
  test('of a small form are repeated', async () => {
    world.simulator.next({ fault: { kind: 'status', status: 503, retryAfterMs: 1 } })
    expect(await transcribe('patient/small')).toContain('20000 bytes')
    expect(record()).toMatchObject({ attempts: 2, outcome: 'ok' })
  })

  test('of a large one are not, once some of it was passed on', async () => {
    world.simulator.next({ fault: { kind: 'status', status: 503, retryAfterMs: 1 } })
    const body = form([field('model', 'patient/small'), file('file', large)])
    expect((await post('/audio/transcriptions', body)).status).toBe(503)
    expect(record()).toMatchObject({ attempts: 1, outcome: 'error' })
  })

  test('of a large one are repeated as long as nobody could be reached', async () => {
    const body = form([field('model', 'nobody/small'), file('file', large)])
    expect((await post('/audio/transcriptions', body)).status).toBe(502)
    expect(record()).toMatchObject({ attempts: 3, outcome: 'error' })
  })
})

describe('refused', () => {
  test.each([
    ['another model', 404, 'model_not_found', form([field('model', 'none-such'), file('file', small)])],
    [
      'a provider that has no ears',
      400,
      'unsupported_operation',
      form([field('model', 'talker/small'), file('file', small)]),
    ],
    [
      'a second model',
      400,
      'invalid_request',
      form([field('model', 'small'), file('file', small), field('model', 'large')]),
    ],
    [
      'a second model behind a large file',
      400,
      'invalid_request',
      form([field('model', 'small'), file('file', large), field('model', 'large')]),
    ],
    [
      'a model that is a file',
      400,
      'invalid_request',
      form([file('model', Buffer.from('small')), file('file', small)]),
    ],
    [
      'a form without an end',
      400,
      'invalid_request',
      form([field('model', 'small'), file('file', small)]).subarray(0, -4),
    ],
    ['another boundary', 400, 'invalid_request', Buffer.from('--other\r\n')],
    [
      'too large a body',
      413,
      'body_too_large',
      form([field('model', 'small'), file('file', Buffer.alloc(maxBodyBytes))]),
    ],
  ])('%s', async (_what, status, code, body) => {
    const response = await post('/audio/transcriptions', body)
    expect([response.status, ((await response.json()) as { error: { code: string } }).error.code]).toEqual([
      status,
      code,
    ])
    expect(world.simulator.requests.filter(({ outcome }) => outcome === 'answered')).toEqual([])
  })

  test('too large a body of unknown length, half of which was passed on', async () => {
    const body = form([field('model', 'small'), file('file', Buffer.alloc(maxBodyBytes))])
    const answer = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(`${world.url}/audio/transcriptions`, {
        method: 'POST',
        headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      })
      request.on('response', (response) => resolve(response.resume().statusCode))
      request.on('error', reject)
      request.end(body)
    })
    expect(answer).toBe(413)
  })

  test('a large form without an end, by the provider that all of it went to', async () => {
    const body = form([field('model', 'small'), file('file', large)]).subarray(0, -4)
    expect((await post('/audio/transcriptions', body)).status).toBe(400)
    expect(record()).toMatchObject({ outcome: 'error' })
  })

  test('another content type', async () => {
    const response = await fetch(`${world.url}/audio/transcriptions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    expect(response.status).toBe(415)
  })

  test('with the provider’s own words', async () => {
    const body = form([field('model', 'small')])
    const response = await post('/audio/transcriptions', body)
    expect([response.status, await response.json()]).toMatchObject([400, { error: { param: 'file' } }])
  })
})

test('a caller who leaves while sending is noticed, and the provider’s call given up', async () => {
  const body = form([field('model', 'small'), file('file', large)])
  const request = httpRequest(`${world.url}/audio/transcriptions`, {
    method: 'POST',
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, 'content-length': body.length },
  })
  request.on('error', () => undefined)
  request.write(body.subarray(0, 2_000_000))
  while (world.simulator.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  const before = world.usage.length
  request.destroy()
  expect(await world.simulator.requests[0]!.closed()).toBe('aborted')
  expect(await world.settled(before)).toMatchObject({ operation: 'transcribe', outcome: 'aborted' })
})

const boundary = 'a-boundary-of-ours'

function form(parts: readonly Buffer[]): Buffer {
  return Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)])
}

function field(name: string, value: string): Buffer {
  return Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
}

function file(name: string, content: Buffer): Buffer {
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="talk.wav"\r\nContent-Type: audio/wav\r\n\r\n`
  return Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n')])
}

function post(path: string, body: Buffer): Promise<Response> {
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
  return fetch(world.url + path, { method: 'POST', headers, body: new Uint8Array(body) })
}
