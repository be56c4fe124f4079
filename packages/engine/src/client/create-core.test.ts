import { startSimulator } from '@sluice/simulator'
import { anthropicMessages } from '../dialects.ts'
import {
  bundledPrices,
  configure,
  createCore,
  defineProvider,
  defineTool,
  embed,
  openaiChat,
  type SluiceError,
  translateBetween,
} from '../core.ts'
import { anthropic } from '../providers/anthropic.ts'
import { openai } from '../providers/openai.ts'
import { afterEach, expect, it } from 'vitest'

const closing: (() => Promise<unknown>)[] = []
afterEach(() => Promise.all(closing.splice(0).map((close) => close())))

async function setUp(script?: Parameters<typeof startSimulator>[0]) {
  const simulator = await startSimulator(script)
  closing.push(() => simulator.close())
  const at = (preset: typeof openai, id = preset.id) =>
    configure(preset, { id, apiKey: `key-of-${id}`, baseUrl: simulator.url })
  const core = (options: Parameters<typeof createCore>[0]) => {
    const created = createCore(options)
    closing.push(() => created.close())
    return created
  }
  return { simulator, at, core }
}

it('chats with the one provider it has, by its key and the name as it is', async () => {
  const { simulator, at, core } = await setUp()
  const answer = await core({ providers: [at(openai)] }).chat({
    model: 'gpt-6-luna',
    messages: [{ role: 'user', content: 'Hello there' }],
  })
  expect(answer.text).toContain('Hello there')
  expect(answer).toMatchObject({ provider: 'openai', model: 'gpt-6-luna', attempts: 1, cost: null })
  expect(answer.usage?.output).toBeGreaterThan(0)
  expect(simulator.requests[0]?.header('authorization')).toBe('Bearer key-of-openai')
})

it('streams, and tells what was used of a stream that is left', async () => {
  const { at, core } = await setUp()
  expect(
    await core({ providers: [at(openai)] })
      .stream('Hello there')
      .text(),
  ).toContain('Hello there')
  const endless = await setUp({ always: { fault: { kind: 'endless' } } })
  const left = endless.core({ providers: [endless.at(openai)] }).stream('Count')
  for await (const text of left.textStream) if (text !== '') break
  const { usage } = await left.usage()
  expect(usage).toMatchObject({ estimated: true })
  expect(usage?.output).toBeGreaterThan(0)
})

it('asks another provider by its id before the model, and the default model where none is named', async () => {
  const { simulator, at, core } = await setUp()
  const { chat } = core({ providers: [at(openai), at(openai, 'second')] })
  expect(await chat('Hi')).toMatchObject({ provider: 'openai', model: openai.models?.fallback[0] })
  expect(await chat({ model: 'second/gpt-6-sol', messages: [{ role: 'user', content: 'Hi' }] })).toMatchObject({
    provider: 'second',
    model: 'gpt-6-sol',
  })
  expect(simulator.requests.at(-1)?.header('authorization')).toBe('Bearer key-of-second')
})

it('repeats what may pass, as often as the call allows', async () => {
  const failing = { always: { fault: { kind: 'status', status: 503, retryAfterMs: 1 } } } as const
  const { simulator, at, core } = await setUp(failing)
  const { chat } = core({ providers: [at(openai)] })
  const failure = (await chat('Hi', { retries: 1 }).catch((error: unknown) => error)) as SluiceError
  expect(failure.code).toBe('upstream_overloaded')
  expect(simulator.requests).toHaveLength(2)
})

it('reaches a provider of another dialect where the translation is handed to it, and only there', async () => {
  const { at, core } = await setUp()
  const providers = [at(anthropic)] as const
  const refused = (await core({ providers })
    .chat({ model: 'claude-sonnet-5', messages: [{ role: 'user', content: 'Hi' }] })
    .catch((error: unknown) => error)) as SluiceError
  expect([refused.code, refused.message]).toEqual([
    'unsupported_operation',
    'Anthropic does not speak openai-chat, and there is no `findPlan` that translates.',
  ])
  const translating = core({ providers, findPlan: translateBetween(openaiChat, anthropicMessages) })
  const answer = await translating.chat({
    model: 'claude-sonnet-5',
    messages: [{ role: 'user', content: 'Hello there' }],
  })
  expect(answer).toMatchObject({ provider: 'anthropic', finishReason: 'stop' })
  expect(answer.text).toContain('Hello there')
  const stream = translating.stream({ model: 'claude-sonnet-5', messages: [{ role: 'user', content: 'Hello there' }] })
  let text = ''
  for await (const piece of stream.textStream) text += piece
  expect(text).toContain('Hello there')
  expect(await stream.result()).toMatchObject({ text, finishReason: 'stop', usage: { output: answer.usage?.output } })
})

it('embeds by the same calls, and prices answers by the table that is handed to it', async () => {
  const { at, core } = await setUp()
  const { calls, chat } = core({ providers: [at(openai)], prices: bundledPrices() })
  const { embeddings } = await embed(calls, ['a', 'b'])
  expect(embeddings).toHaveLength(2)
  const priced = await chat({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] })
  expect(priced.cost?.nanoDollars).toBeGreaterThan(0)
})

it('says what a provider lacks', async () => {
  const bare = defineProvider({ id: 'own', name: 'Own', baseUrl: undefined, speaks: ['openai-chat'] })
  expect(() => configure(bare)).toThrow('Own has no address of its own: give `baseUrl`.')
  const { simulator, core } = await setUp()
  const nameless = core({ providers: [configure(bare, { baseUrl: simulator.url })] })
  await expect(nameless.chat('Hi')).rejects.toThrow('No model is named, and Own has no default')
})

it.each([Infinity, Number.NaN, -1, 86_401])('refuses a timeout of %d seconds', (timeout) => {
  expect(() => configure(openai, { timeout })).toThrow('The timeout of OpenAI must be 0 to 86400 seconds.')
})

it('takes a key in a header out of what the provider says, however the header is written', async () => {
  const { simulator, core } = await setUp()
  simulator.always({ fault: { kind: 'status', status: 400, error: { message: 'Not with my-own-gateway-pass.' } } })
  const headers = { 'X-Gateway-Key': 'my-own-gateway-pass' }
  const { chat } = core({ providers: [configure(openai, { baseUrl: simulator.url, headers })] })
  await expect(chat('Hi')).rejects.toThrow('Not with [secret].')
})

it('sends tools that were declared, and says what others lack', async () => {
  const { simulator, at, core } = await setUp()
  const { chat } = core({ providers: [at(openai)] })
  const add = {
    name: 'add',
    description: 'Adds.',
    parameters: { type: 'object', properties: { a: { type: 'number' } } },
  }
  const messages = [{ role: 'user', content: 'Hi' }] as const
  await chat({ messages, tools: [defineTool(add)] })
  expect(JSON.parse(String(simulator.requests[0]?.body))).toMatchObject({
    tools: [{ type: 'function', function: { ...add, parameters: { ...add.parameters, additionalProperties: false } } }],
  })
  await chat({ messages, tools: [{ ...defineTool(add), name: 'sum' }] })
  expect(JSON.parse(String(simulator.requests[1]?.body))).toMatchObject({ tools: [{ function: { name: 'sum' } }] })
  await expect(chat({ messages, tools: [add] })).rejects.toThrow('A tool is declared by `defineTool`')
})

it('repeats a translated stream that is broken at its beginning, and tells of one that breaks off later', async () => {
  const { simulator, at, core } = await setUp()
  const { stream } = core({ providers: [at(anthropic)], findPlan: translateBetween(openaiChat, anthropicMessages) })
  const request = { model: 'claude-sonnet-5', messages: [{ role: 'user', content: 'Hello there' }] } as const
  simulator.next({ fault: { kind: 'cut', at: 0 } })
  expect(await stream(request).result()).toMatchObject({ attempts: 2, finishReason: 'stop' })
  simulator.next({ fault: { kind: 'cut', at: { event: 4 } } })
  await expect(stream(request).result()).rejects.toMatchObject({ code: 'upstream_disconnected' })
})
