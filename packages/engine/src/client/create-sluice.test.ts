import { type ChatEvent, SluiceError } from '@sluice/protocol'
import { startSimulator } from '@sluice/simulator'
import { describe, expect, it } from 'vitest'
import type { ChatAnswer } from './chat-answer.ts'
import type { StrategyKind } from '../strategies/strategy.ts'
import { chats, failureOf, testSluice } from './contracts/test-sluice.ts'
import { createSluice } from './create-sluice.ts'

const { closing, setUp } = testSluice()

async function collectEvents(events: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const collected: ChatEvent[] = []
  for await (const event of events) collected.push(event)
  return collected
}

/** Reads to the end or the failure, and gives both. */
async function readText(texts: AsyncIterable<string>): Promise<{ text: string; error: unknown }> {
  let text = ''
  try {
    for await (const piece of texts) text += piece
    return { text, error: undefined }
  } catch (error) {
    return { text, error }
  }
}

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
}

/** Without what differs from call to call, and without the wire's form, which a stream has another of. */
function comparable(answer: ChatAnswer): object {
  const choices = answer.choices.map(({ extensions: _, ...choice }) => choice)
  return { ...answer, choices, id: '', requestId: '', created: 0 }
}

describe('chat', () => {
  it('answers a bare text by the default model', async () => {
    const setup = await setUp()
    const answer = await setup.sluice.chat('Hello there')
    expect(answer.text).toContain('Hello there')
    expect(answer).toMatchObject({ finishReason: 'stop', provider: 'lab', model: 'small', attempts: 1, toolCalls: [] })
    expect(answer.usage?.input).toBeGreaterThan(0)
    expect(answer.usage?.output).toBeGreaterThan(0)
    expect(answer.requestId).toMatch(/^req_/)
    expect(answer.choices).toHaveLength(1)
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer)
  })

  it('sends what it does not know as it is, to the model that the name means', async () => {
    const setup = await setUp({}, {})
    await setup.sluice.chat({
      model: 'lab/large',
      messages: [{ role: 'user', content: 'Hi' }],
      temperature: 0,
      unheard_of: { deep: [1, null] },
    })
    const [request] = chats(setup)
    expect(request?.header('authorization')).toBe('Bearer key-1')
    expect(request?.json()).toEqual({
      model: 'large',
      messages: [{ role: 'user', content: 'Hi' }],
      temperature: 0,
      unheard_of: { deep: [1, null] },
    })
  })

  it.each([[null], [['look']]])('sends tools that are none, %j, as they are', async (tools) => {
    const setup = await setUp()
    const messages = [{ role: 'user', content: 'Hi' }] as const
    // Whether it answers is the provider's to say.
    await setup.sluice.chat({ messages, tools: tools as never }).catch(() => undefined)
    expect(chats(setup).map((request) => request.json())).toEqual([{ model: 'small', messages, tools }])
  })

  it('takes an array of messages', async () => {
    const { sluice } = await setUp()
    const answer = await sluice.chat([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Good day' },
    ])
    expect(answer.text).toContain('Good day')
  })

  it('gives tool calls with their arguments parsed', async () => {
    const { sluice } = await setUp()
    const answer = await sluice.chat({ messages: [{ role: 'user', content: 'The weather?' }], tools: [weather] })
    expect(answer.finishReason).toBe('tool-calls')
    expect(answer.toolCalls).toHaveLength(1)
    const [call] = answer.toolCalls
    expect(call).toMatchObject({ kind: 'function', name: 'get_weather', arguments: { city: expect.any(String) } })
    expect(JSON.parse(call?.input ?? '')).toEqual(call?.arguments)
  })

  it('gives reasoning and refusals apart from the text', async () => {
    const { simulator, sluice } = await setUp()
    simulator.next('reasoning', 'refusal')
    expect(await sluice.chat('Hi')).toMatchObject({ text: 'Done thinking.', reasoning: 'Let me think about that.' })
    expect(await sluice.chat('Hi')).toMatchObject({ text: '', refusal: "I'm sorry, I can't help with that." })
  })

  it('repeats what may be repeated, and says how often', async () => {
    const setup = await setUp()
    setup.simulator.next(
      { fault: { kind: 'status', status: 503, retryAfterMs: 1 } },
      { fault: { kind: 'cut', at: 'head' } },
    )
    const sluice = createSluice(
      {
        providers: {
          lab: { type: 'openai_compatible', base_url: setup.simulator.url, max_retries: 2, default_model: 'small' },
        },
      },
      { environment: {} },
    )
    closing.push(() => sluice.close())
    expect(await sluice.chat('Hi')).toMatchObject({ attempts: 3, finishReason: 'stop' })
  })
})

describe('stream', () => {
  it('gives pieces in the order in which they are asked for, also at the same time', async () => {
    const { sluice } = await setUp()
    const pieces = sluice.stream('Hello').textStream[Symbol.asyncIterator]()
    const asked = await Promise.all(Array.from({ length: 5 }, () => pieces.next()))
    const text = asked.map(({ value }) => value ?? '').join('')
    expect(text).toBe((await sluice.chat('Hello')).text.slice(0, text.length))
    expect(text).not.toBe('')
  })

  it('gives the text piece by piece, and the same result as chat', async () => {
    const { sluice } = await setUp()
    const stream = sluice.stream('Tell me something')
    const pieces: string[] = []
    for await (const piece of stream.textStream) pieces.push(piece)
    expect(pieces.length).toBeGreaterThan(3)
    const streamed = await stream.result()
    expect(streamed.text).toBe(pieces.join(''))
    expect(streamed.requestId).toBe(stream.requestId)
    const whole = await sluice.chat('Tell me something')
    expect(comparable(streamed)).toEqual(comparable(whole))
  })

  it('gives neutral events, complete and in order', async () => {
    const { sluice } = await setUp()
    const events = await collectEvents(sluice.stream({ messages: [{ role: 'user', content: 'Hi' }] }))
    const types = events.map(({ type }) => type)
    expect(types[0]).toBe('message-start')
    expect(types).toContain('text-delta')
    expect(types).toContain('choice-finish')
    expect(types).toContain('usage')
    expect(types.at(-1)).toBe('message-end')
  })

  it('can be had as its text or its result alone', async () => {
    const { sluice } = await setUp()
    expect(await sluice.stream('One').text()).toContain('One')
    expect(await sluice.stream('Two').result()).toMatchObject({ finishReason: 'stop', provider: 'lab' })
  })

  it('gives tool calls', async () => {
    const { sluice } = await setUp()
    const stream = sluice.stream({ messages: [{ role: 'user', content: 'The weather?' }], tools: [weather] })
    expect(await readText(stream.textStream)).toEqual({ text: '', error: undefined })
    expect((await stream.result()).toolCalls).toMatchObject([
      { name: 'get_weather', arguments: { city: expect.any(String) } },
    ])
  })

  it('makes no call until it is read, and one only', async () => {
    const setup = await setUp()
    const unread = setup.sluice.stream('Never')
    const read = setup.sluice.stream('Once')
    await Promise.all([read.result(), read.result(), read.text()])
    expect(chats(setup)).toHaveLength(1)
    expect(() => read[Symbol.asyncIterator]()).toThrow(/read already/)
    unread.cancel()
    expect((await failureOf(unread.result())).code).toBe('client_closed_request')
    expect(chats(setup)).toHaveLength(1)
  })

  it('gives nothing more to who has left, and serves those who ask at once in turn', async () => {
    const { simulator, sluice } = await setUp()
    simulator.next('endless')
    const events = sluice.stream('Go on')[Symbol.asyncIterator]()
    const heard = await Promise.all([events.next(), events.next(), events.next()])
    expect(heard.map(({ done }) => done)).toEqual([false, false, false])
    await events.return?.()
    expect(await events.next()).toEqual({ done: true, value: undefined })
  })

  it('is one call for two readers, of whom one may be late', async () => {
    const setup = await setUp()
    const [one, other] = setup.sluice.stream('Shared').tee()
    const first = await readText(one.textStream)
    const second = await readText(other.textStream)
    expect(first.text).toContain('Shared')
    expect(second).toEqual(first)
    expect(await other.result()).toEqual(await one.result())
    expect(chats(setup)).toHaveLength(1)
  })

  it('goes on for one reader when the other leaves, and ends with the last', async () => {
    const setup = await setUp()
    setup.simulator.next('endless')
    const whole = setup.sluice.stream('Go on')
    const [one, other] = whole.tee()
    expect(() => whole[Symbol.asyncIterator]()).toThrow(/read already/)
    for await (const _text of one.textStream) break
    let pieces = 0
    for await (const _text of other.textStream) {
      if (++pieces === 20) break
    }
    expect(pieces).toBe(20)
    await expect.poll(() => chats(setup)[0]?.outcome).toBe('aborted')
  })

  it('ends for both readers when it is given up, and not only for the one who listens', async () => {
    const setup = await setUp()
    setup.simulator.next('endless')
    const whole = setup.sluice.stream('Go on')
    const [one, other] = whole.tee()
    const [first, second] = [readText(one.textStream), failureOf(other.result())]
    await expect.poll(() => chats(setup).length).toBe(1)
    whole.cancel()
    expect([(await first).error, await second]).toMatchObject(
      Array.from({ length: 2 }, () => ({ code: 'client_closed_request' })),
    )
    await expect.poll(() => chats(setup)[0]?.outcome).toBe('aborted')
    const given = setup.sluice.stream('Never')
    given.cancel()
    expect((await failureOf(given.tee()[0].result())).code).toBe('client_closed_request')
    expect(chats(setup)).toHaveLength(1)
  })

  it('is ended by its signal though one of two readers never came', async () => {
    const setup = await setUp()
    setup.simulator.next('endless')
    const controller = new AbortController()
    const [one, other] = setup.sluice.stream('Go on', { signal: controller.signal }).tee()
    await one.textStream[Symbol.asyncIterator]().next()
    controller.abort()
    await expect.poll(() => chats(setup)[0]?.outcome).toBe('aborted')
    expect((await failureOf(other.result())).code).toBe('client_closed_request')
  })

  it('leaves no rejection unhandled when nobody looks at its failure', async () => {
    const { simulator, sluice } = await setUp()
    simulator.always('server-error')
    const stream = sluice.stream('Hello')
    void stream.result()
    void stream.text()
    void stream.usage()
    for (const branch of sluice.stream('Hello').tee()) void branch.text()
    expect((await failureOf(stream.result())).code).toBe('upstream_error')
    expect(await stream.usage()).toEqual({ usage: undefined, cost: null })
  })

  it('tells what was used when it is left', async () => {
    const { simulator, sluice } = await setUp()
    simulator.next('endless')
    const stream = sluice.stream('Go on')
    let heard = ''
    for await (const text of stream.textStream) {
      heard += text
      if (heard.length > 200) break
    }
    const { usage, cost } = await stream.usage()
    expect(usage).toMatchObject({ estimated: true, input: expect.any(Number) as number })
    // Some of it may have arrived that was not read.
    expect(usage?.output).toBeGreaterThan(20)
    expect(cost).toBeNull()
  })

  it('closes the connection to the provider when the loop is left', async () => {
    const setup = await setUp()
    setup.simulator.next('endless')
    const stream = setup.sluice.stream('Go on')
    let pieces = 0
    for await (const _text of stream.textStream) {
      if (++pieces === 5) break
    }
    await expect.poll(() => chats(setup)[0]?.outcome).toBe('aborted')
    expect((await failureOf(stream.result())).code).toBe('client_closed_request')
  })

  it('holds the provider back while nobody reads on, and loses nothing', async () => {
    const setup = await setUp()
    const piece = 'x'.repeat(50_000)
    setup.simulator.next({ reply: { text: Array.from({ length: 600 }, () => piece) } })
    const stream = setup.sluice.stream('Go on')
    const iterator = stream.textStream[Symbol.asyncIterator]()
    let length = (await iterator.next()).value?.length ?? 0
    // Far longer than it takes to send all when nothing holds it back.
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(chats(setup)[0]?.outcome).toBe('open')
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) length += next.value.length
    expect(length).toBe(600 * piece.length)
    expect(await stream.result()).toMatchObject({ finishReason: 'stop' })
  })

  it.each(['cut-mid-body', 'reset-mid-body', 'truncate-mid-body', 'error-mid-stream'] as const)(
    'that ends by %s never looks finished',
    async (fault) => {
      const { simulator, sluice } = await setUp()
      simulator.always(fault)
      const stream = sluice.stream('Tell me something')
      const { error } = await readText(stream.textStream)
      expect(error).toBeInstanceOf(SluiceError)
      expect(await failureOf(stream.result())).toBe(error)
      expect((await failureOf(sluice.stream('Again').text())).code).toBe((error as SluiceError).code)
    },
  )
})

describe('the rest', () => {
  it('lists models, and lets the environment say the provider', async () => {
    const simulator = await startSimulator({ models: ['small', 'large'] })
    const environment = { OPENAI_COMPATIBLE_BASE_URL: simulator.url, OPENAI_COMPATIBLE_API_KEY: 'k' }
    const sluice = createSluice({}, { environment })
    closing.push(
      () => sluice.close(),
      () => simulator.close(),
    )
    const models = await sluice.listModels()
    expect(models.map(({ id }) => id)).toEqual(['openai-compatible/small', 'openai-compatible/large'])
    expect(models.every(({ source, provider }) => source === 'live' && provider === 'openai-compatible')).toBe(true)
    expect((await sluice.chat({ model: 'large', messages: [{ role: 'user', content: 'Hi' }] })).model).toBe('large')
  })

  it('ends open calls on close, and refuses later ones', async () => {
    const setup = await setUp()
    setup.simulator.next('hang-mid-stream')
    const open = readText(setup.sluice.stream('Hello').textStream)
    await expect.poll(() => chats(setup).length).toBe(1)
    await setup.sluice.close()
    expect((await open).error).toMatchObject({ code: 'shutting_down' })
    expect((await failureOf(setup.sluice.chat('Hello'))).code).toBe('shutting_down')
  })
})

it('routes may name strategies of the caller', async () => {
  const lastFirst: StrategyKind = { name: 'last-first', create: () => ({ pick: (open) => open.at(-1)! }) }
  const lab = { type: 'openai_compatible', base_url: 'http://127.0.0.1:9/v1', max_retries: 0, models_path: null }
  const config = { providers: { lab }, routes: { smart: { strategy: 'last-first', targets: ['lab/a', 'lab/b'] } } }
  const sluice = createSluice(config, { environment: {}, strategies: [lastFirst] })
  await expect(sluice.chat({ model: 'smart', messages: [{ role: 'user', content: 'Hi' }] })).rejects.toThrow(
    'None of 2 targets answered (lab/b, lab/a)',
  )
  expect(() => createSluice(config, { environment: {} })).toThrow('there is no strategy last-first')
})
