import OpenAI, { toFile } from 'openai'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Simulator } from '../../simulator.ts'
import { startSimulator } from '../../simulator.ts'

let simulator: Simulator
let client: OpenAI
beforeEach(async () => {
  simulator = await startSimulator()
  client = new OpenAI({ baseURL: simulator.url, apiKey: 'sk-test', maxRetries: 0 })
})
afterEach(() => simulator.close())

async function refusal(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'answered',
    (error: unknown) => error,
  )
}

describe('embeddings', () => {
  test('are the same as base64, which the client asks for by itself, and as numbers', async () => {
    const ask = { model: 'any', input: ['red', 'blue'] }
    const decoded = await client.embeddings.create(ask)
    const plain = await client.embeddings.create({ ...ask, encoding_format: 'float' })
    expect(simulator.requests[0]?.json()).toMatchObject({ encoding_format: 'base64' })
    expect(decoded).toEqual(plain)
    expect(decoded.data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
      [0, 1536],
      [1, 1536],
    ])
    expect(decoded.data[0]?.embedding).not.toEqual(decoded.data[1]?.embedding)
    expect(Math.hypot(...(decoded.data[0]?.embedding ?? []))).toBeCloseTo(1, 5)
    expect(decoded.usage).toEqual({ prompt_tokens: 2, total_tokens: 2 })
  })

  test('of tokens, in as many dimensions as asked', async () => {
    const one = await client.embeddings.create({ model: 'any', input: [1, 2, 3], dimensions: 8 })
    expect(one.data.map(({ embedding }) => embedding.length)).toEqual([8])
    expect(one.usage.prompt_tokens).toBe(3)
    const many = await client.embeddings.create({ model: 'any', input: [[1, 2, 3], [4]], dimensions: 8 })
    expect(many.data[0]?.embedding).toEqual(one.data[0]?.embedding)
    expect(many.usage.prompt_tokens).toBe(4)
  })

  test.each([
    [{ input: '' }, 'input'],
    [{ input: [] }, 'input'],
    [{ input: ['a', [1]], dimensions: 0 }, 'dimensions'],
    [{ input: ['a', {}] }, 'input'],
    [{ input: 'a', encoding_format: 'hex' }, 'encoding_format'],
    [{}, 'input'],
  ])('%j is refused', async (body, param) => {
    const call = client.embeddings.create({ model: 'any', ...body } as OpenAI.EmbeddingCreateParams)
    expect(await refusal(call)).toMatchObject({ status: 400, param })
  })
})

test('moderations flag what a text names, one result for each text or one for all parts', async () => {
  const texts = await client.moderations.create({ input: ['Lovely day', 'I like violence'] })
  expect(texts.model).toBe('omni-moderation-latest')
  expect(texts.results.map(({ flagged }) => flagged)).toEqual([false, true])
  expect(texts.results[1]?.categories.violence).toBe(true)
  expect(texts.results[1]?.category_scores.violence).toBeGreaterThan(0.5)
  const parts = await client.moderations.create({
    model: 'any',
    input: [
      { type: 'text', text: 'hate' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,' } },
    ],
  })
  expect(parts.results).toHaveLength(1)
  expect(parts.results[0]?.category_applied_input_types.hate).toEqual(['text', 'image'])
  expect(await refusal(client.moderations.create({ input: [] }))).toMatchObject({ status: 400, param: 'input' })
})

describe('images', () => {
  test('come as PNG, or as addresses', async () => {
    const pictures = await client.images.generate({ model: 'gpt-image-1', prompt: 'A red dot', n: 2 })
    const bytes = pictures.data?.map(({ b64_json }) => Buffer.from(b64_json ?? '', 'base64'))
    expect(bytes?.map((png) => png.toString('latin1', 1, 4))).toEqual(['PNG', 'PNG'])
    expect(pictures.usage).toMatchObject({ input_tokens: 3, input_tokens_details: { text_tokens: 3, image_tokens: 0 } })
    const urls = await client.images.generate({ model: 'any', prompt: 'A red dot', response_format: 'url' })
    expect(urls.data?.[0]?.url).toMatch(/^https:.*\.png$/)
    const wrong = client.images.generate({ model: 'gpt-image-1', prompt: 'A dot', response_format: 'url' })
    expect(await refusal(wrong)).toMatchObject({ status: 400, param: 'response_format' })
  })

  test('are edited', async () => {
    const image = [await toFile(Buffer.from('one'), 'a.png'), await toFile(Buffer.from('two'), 'b.png')]
    const edited = await client.images.edit({ model: 'any', image, prompt: 'Bluer', n: 3 })
    expect(edited.data).toHaveLength(3)
    expect(edited.usage?.input_tokens_details.image_tokens).toBe(20)
    const form = new FormData()
    form.set('model', 'any')
    form.set('prompt', 'Bluer')
    const response = await fetch(`${simulator.url}/images/edits`, { method: 'POST', body: form })
    expect([response.status, await response.json()]).toMatchObject([400, { error: { param: 'image' } }])
  })
})

describe('speech', () => {
  const ask = { model: 'any', input: 'Hello there', voice: 'alloy' } as const

  test('is bytes of the type asked for', async () => {
    const mp3 = await client.audio.speech.create(ask)
    expect(mp3.headers.get('content-type')).toBe('audio/mpeg')
    const bytes = Buffer.from(await mp3.arrayBuffer())
    expect(bytes).toHaveLength(1100)
    const wav = await client.audio.speech.create({ ...ask, response_format: 'wav' })
    expect(wav.headers.get('content-type')).toBe('audio/wav')
    expect(Buffer.from(await wav.arrayBuffer())).not.toEqual(bytes)
  })

  test('as events is the same bytes', async () => {
    const whole = Buffer.from(await (await client.audio.speech.create(ask)).arrayBuffer())
    const text = await (await client.audio.speech.create({ ...ask, stream_format: 'sse' })).text()
    const events = [...text.matchAll(/^data: (.*)$/gm)].map(
      ([, data]) => JSON.parse(data ?? '') as { type: string; audio?: string },
    )
    expect(Buffer.concat(events.map((event) => Buffer.from(event.audio ?? '', 'base64')))).toEqual(whole)
    expect(events.at(-1)).toMatchObject({ type: 'speech.audio.done', usage: { input_tokens: 2 } })
  })

  test.each([[{ input: '' }], [{ input: 'x'.repeat(4097) }], [{ response_format: 'midi' }], [{ voice: undefined }]])(
    '%j is refused',
    async (change) => {
      const call = client.audio.speech.create({ ...ask, ...change } as OpenAI.Audio.SpeechCreateParams)
      expect(await refusal(call)).toMatchObject({ status: 400, param: Object.keys(change)[0] })
    },
  )
})

describe('transcriptions', () => {
  const file = () => toFile(Buffer.alloc(1000), 'talk.wav')

  test('in each format, and as a stream', async () => {
    const json = await client.audio.transcriptions.create({ model: 'any', file: await file() })
    expect(json.text).toMatch(/1000 bytes of talk\.wav$/)
    expect(json.usage).toMatchObject({ type: 'tokens', input_tokens: 10 })
    const text = await client.audio.transcriptions.create({ model: 'any', file: await file(), response_format: 'text' })
    expect(text).toBe(`${json.text}\n`)
    expect(
      await client.audio.transcriptions.create({ model: 'any', file: await file(), response_format: 'vtt' }),
    ).toMatch(/^WEBVTT\n\n/)
    expect(
      await client.audio.transcriptions.create({ model: 'any', file: await file(), response_format: 'srt' }),
    ).toMatch(/^1\n00:00/)
    const verbose = await client.audio.transcriptions.create({
      model: 'any',
      file: await file(),
      response_format: 'verbose_json',
    })
    expect(verbose).toMatchObject({ text: json.text, duration: 1 })
    const deltas: string[] = []
    for await (const event of await client.audio.transcriptions.create({
      model: 'any',
      file: await file(),
      stream: true,
    })) {
      if (event.type === 'transcript.text.delta') deltas.push(event.delta)
      else expect(event).toMatchObject({ type: 'transcript.text.done', text: json.text, usage: { input_tokens: 10 } })
    }
    expect(deltas.join('')).toBe(json.text)
  })

  test('say what a script says; translations too', async () => {
    simulator.always({ reply: { text: 'Good day.' } })
    expect((await client.audio.transcriptions.create({ model: 'any', file: await file() })).text).toBe('Good day.')
    expect((await client.audio.translations.create({ model: 'any', file: await file() })).text).toBe('Good day.')
  })

  test('without a file are refused', async () => {
    const form = new FormData()
    form.set('model', 'any')
    const response = await fetch(`${simulator.url}/audio/transcriptions`, { method: 'POST', body: form })
    expect([response.status, await response.json()]).toMatchObject([400, { error: { param: 'file' } }])
    const cut = await fetch(`${simulator.url}/audio/transcriptions`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: '--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nany',
    })
    expect(cut.status).toBe(400)
  })
})

describe('rerank', () => {
  async function rerank(body: object): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`${simulator.url}/rerank`, { method: 'POST', body: JSON.stringify(body) })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  test('puts first what has most of the query', async () => {
    const documents = ['A blue car', 'A red bicycle', { text: 'The red car' }]
    const { body } = await rerank({ model: 'any', query: 'red car', documents, top_n: 2, return_documents: true })
    expect(body['results']).toEqual([
      { index: 2, relevance_score: 1, document: { text: 'The red car' } },
      { index: 0, relevance_score: 0.5, document: { text: 'A blue car' } },
    ])
  })

  test.each([[{}], [{ query: 'x' }], [{ query: 'x', documents: [] }], [{ query: 'x', documents: ['a'], top_n: 0 }]])(
    '%j is refused',
    async (body) => {
      expect((await rerank({ model: 'any', ...body })).status).toBe(400)
    },
  )
})

test('faults and unknown models are as everywhere', async () => {
  simulator.next(
    'rate-limited',
    { on: 'speech', fault: { kind: 'status', status: 503 } },
    { fault: { kind: 'missing-usage' } },
  )
  const embed = () => client.embeddings.create({ model: 'any', input: 'x' })
  expect(await refusal(embed())).toMatchObject({ status: 429, code: 'rate_limit_exceeded' })
  expect(await refusal(client.audio.speech.create({ model: 'any', input: 'x', voice: 'alloy' }))).toMatchObject({
    status: 503,
  })
  expect(await embed()).not.toHaveProperty('usage')
  await simulator.close()
  simulator = await startSimulator({ models: ['small'] })
  client = new OpenAI({ baseURL: simulator.url, apiKey: 'x', maxRetries: 0 })
  expect(await refusal(embed())).toMatchObject({ status: 404, code: 'model_not_found' })
})
