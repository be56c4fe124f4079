import { type Simulator, startSimulator } from '@sluice/simulator'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSluice, type Sluice } from './create-sluice.ts'
import { defineTool } from './function-tool.ts'

let simulator: Simulator
let sluice: Sluice
beforeAll(async () => {
  simulator = await startSimulator({ models: ['small'] })
  const lab = { type: 'openai_compatible', base_url: simulator.url, api_key: 'key-1', default_model: 'small' }
  sluice = createSluice({ providers: { lab } }, { environment: {} })
})
afterAll(() => Promise.all([sluice.close(), simulator.close()]))
beforeEach(() => simulator.reset())

const messages = [{ role: 'user', content: 'Hello' }] as const
const weather = defineTool({ name: 'get_weather', parameters: { type: 'object' }, execute: () => 'rain' })
const runTools = { maxSteps: 3 }
const signal = new AbortController().signal

/** What a call fails with, and how many calls were made for it. */
async function refusalOf(ask: () => unknown): Promise<readonly [unknown, number]> {
  const failure: unknown = await (async () => ask())().catch((error: unknown) => error)
  return [failure, simulator.requests.filter(({ method }) => method === 'POST').length]
}

const refused = (param: string, message: RegExp): readonly [unknown, number] => [
  expect.objectContaining({ code: 'invalid_request', param, message: expect.stringMatching(message) as string }),
  0,
]

describe('options of a call that stand in its request are refused, by the types too', () => {
  test.each<[string, string, () => unknown]>([
    // @ts-expect-error it is an option
    ['chat', 'signal', () => sluice.chat({ messages, signal })],
    // @ts-expect-error it is an option
    ['chat', 'runTools', () => sluice.chat({ messages, tools: [weather], runTools })],
    // @ts-expect-error it is an option
    ['chat by a prompt', 'signal', () => sluice.chat({ prompt: 'greeting', signal })],
    // @ts-expect-error it is an option
    ['stream', 'runTools', () => sluice.stream({ messages, runTools }).text()],
    // @ts-expect-error it is an option
    ['chatObject', 'signal', () => sluice.chatObject({ type: 'object' }, { messages, signal })],
    // @ts-expect-error it is an option
    ['countTokens', 'signal', () => sluice.countTokens({ messages, signal })],
    // @ts-expect-error it is an option
    ['complete', 'signal', () => sluice.complete({ prompt: 'x', signal })],
    // @ts-expect-error it is an option
    ['embed', 'signal', () => sluice.embed({ input: 'x', signal })],
    // @ts-expect-error it is an option
    ['moderate', 'signal', () => sluice.moderate({ input: 'x', signal })],
    // @ts-expect-error it is an option
    ['rerank', 'signal', () => sluice.rerank({ query: 'x', documents: [], signal })],
    // @ts-expect-error it is an option
    ['images.generate', 'signal', () => sluice.images.generate({ prompt: 'x', signal })],
    // @ts-expect-error it is an option
    ['speech', 'signal', () => sluice.speech({ input: 'x', voice: 'alloy', signal })],
    // @ts-expect-error it is an option
    ['transcribe', 'signal', () => sluice.transcribe({ file: new Blob(['x']), signal })],
  ])('%s: %s', async (_, name, ask) => {
    expect(await refusalOf(ask)).toEqual(
      refused(name, new RegExp(`^\`${name}\` is an option of the call, .*second argument`)),
    )
  })
})

describe('only `chat` and `stream` run tools; who else is asked to says so', () => {
  const tools = [weather]
  test.each<[string, () => unknown]>([
    // @ts-expect-error they alone have it
    ['chatObject', () => sluice.chatObject({ type: 'object' }, { messages, tools }, { runTools })],
    // @ts-expect-error they alone have it
    ['complete', () => sluice.complete('x', { runTools })],
  ])('%s', async (_, ask) => {
    expect(await refusalOf(ask)).toEqual(refused('runTools', /^Only `chat` and `stream` run tools/))
  })

  test('batch, which shows how', async () => {
    // @ts-expect-error they alone have it
    const ask = (): unknown => sluice.batch([{ messages, tools }], { runTools })
    expect(await refusalOf(ask)).toEqual(refused('runTools', /sluice\.chat\(input, \{ signal, runTools \}\)/))
  })
})

/** What comes of `process.env`, or of a form that was not filled in: of the types too, under `exactOptionalPropertyTypes`. */
const missing = undefined

describe('what is there and undefined is as if it were not', () => {
  const audio = new Blob(['x'])
  const City = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
  test.each<[string, () => Promise<unknown>]>([
    [
      'chat',
      () =>
        sluice.chat(
          { model: missing, messages, temperature: missing, stop: missing, tools: missing, tool_choice: missing },
          { runTools: missing, signal: missing, timeout: missing, retries: missing, route: missing },
        ),
    ],
    [
      'chat, with tools',
      () => sluice.chat({ messages, tools: [weather] }, { runTools: { maxSteps: 2, failures: missing } }),
    ],
    ['stream', () => sluice.stream({ messages: [{ role: 'user', content: 'x', name: missing }], n: missing }).text()],
    ['chatObject', () => sluice.chatObject(City, 'x', { name: missing, repairs: missing })],
    ['complete', () => sluice.complete({ prompt: 'x', model: missing, max_tokens: missing })],
    ['embed', () => sluice.embed({ model: 'small', input: 'x', dimensions: missing })],
    ['moderate', () => sluice.moderate({ model: 'small', input: 'x', user: missing })],
    ['rerank', () => sluice.rerank({ model: 'small', query: 'x', documents: ['x'], top_n: missing })],
    ['images.generate', () => sluice.images.generate({ model: 'small', prompt: 'x', n: missing, size: missing })],
    ['images.edit', () => sluice.images.edit({ model: 'small', prompt: 'x', image: audio, mask: missing, n: missing })],
    ['speech', () => sluice.speech({ model: 'small', input: 'x', voice: 'alloy', speed: missing })],
    ['transcribe', () => sluice.transcribe({ model: 'small', file: audio, language: missing, prompt: missing })],
    ['batch', () => sluice.batch(['x'], { concurrency: missing, onProgress: missing, resume: missing })],
    ['content.meta', () => sluice.content.meta('x', { titleLength: missing, repairs: missing })],
    ['content.block', () => sluice.content.block('faq', 'x', { repairs: missing })],
  ])('%s', async (_, ask) => {
    await expect(ask()).resolves.toBeDefined()
    const bodies = simulator.requests.map(({ body }) => body.toString())
    expect(bodies.filter((body) => /undefined|null/.test(body.replaceAll('formdata-undici', '')))).toEqual([])
  })
})
