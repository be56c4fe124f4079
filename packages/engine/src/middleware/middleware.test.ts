import { type ChatEvent, SluiceError } from '@sluice/protocol'
import { describe, expect, it } from 'vitest'
import { chats, failureOf, type Setup, testSluice } from '../client/contracts/test-sluice.ts'
import type { ConfigInput } from '../config/schema.ts'
import type { Middleware, MiddlewareRequest } from './middleware.ts'

const { setUp } = testSluice()

/** `lab` with this middleware; `down` fails always, `safe` tries it first. */
async function through(...middleware: readonly Middleware[]): Promise<Setup> {
  return setUp({}, { models: [{ id: 'lab/small', aliases: ['house'] }] }, { middleware })
}

async function withRoute(...middleware: readonly Middleware[]): Promise<Setup> {
  const setup = await setUp()
  const provider = (query: string): NonNullable<NonNullable<ConfigInput['providers']>[string]> => ({
    type: 'openai_compatible',
    base_url: `${setup.simulator.url}${query}`,
    api_key: 'key-1',
    max_retries: 0,
    models_path: null,
    models: ['small'],
  })
  const config = {
    providers: { down: provider('?simulator=server-error'), up: provider('') },
    routes: { safe: { targets: ['down/small', 'up/small'] } },
  }
  const { sluice } = await setUp({}, config, { middleware })
  return { simulator: setup.simulator, sluice }
}

const hello = [{ role: 'user', content: 'Hello' }] as const
const bodies = (setup: Setup): readonly Record<string, unknown>[] =>
  chats(setup).map(({ body }) => JSON.parse(String(body)) as Record<string, unknown>)

/** Asks in both ways, which must do the same. */
const ways = [
  ['chat', async ({ sluice }: Setup, input: Parameters<typeof sluice.chat>[0]) => sluice.chat(input)],
  ['stream', async ({ sluice }: Setup, input: Parameters<typeof sluice.chat>[0]) => sluice.stream(input).result()],
] as const

describe.each(ways)('by %s', (way, ask) => {
  it('sees what is asked, of whom', async () => {
    const seen: MiddlewareRequest[] = []
    const setup = await through((request, next) => {
      seen.push(request)
      return next()
    })
    const { requestId } = await ask(setup, { model: 'large', messages: hello, temperature: 0.5 })
    const [request] = seen
    expect(request).toMatchObject({
      id: requestId,
      operation: 'chat',
      dialect: 'openai-chat',
      provider: 'lab',
      model: 'large',
      attempt: 1,
      stream: way === 'stream',
      principal: 'local',
    })
    expect(request?.body).toMatchObject({ model: 'large', messages: hello, temperature: 0.5 })
  })

  it('goes from the outside in, and back', async () => {
    const order: string[] = []
    const named = (name: string): Middleware => {
      return async (_request, next) => {
        order.push(`${name} in`)
        const response = await next()
        order.push(`${name} out`)
        return response
      }
    }
    await ask(await through(named('outer'), named('inner')), 'Hello')
    expect(order).toEqual(['outer in', 'inner in', 'inner out', 'outer out'])
  })

  it('changes what the provider is asked, each what the one before made of it', async () => {
    const setup = await through(
      ({ body }, next) => next({ ...body, temperature: 0.1, user: 'me' }),
      ({ body }, next) => next({ ...body, user: `${String(body['user'])}!`, model: 'none', stream: 'no' }),
    )
    await ask(setup, { model: 'small', messages: hello, temperature: 1 })
    expect(bodies(setup)).toEqual([
      expect.objectContaining({ model: 'small', messages: hello, temperature: 0.1, user: 'me!' }),
    ])
  })

  it('changes it from the ground up', async () => {
    const setup = await through((_request, next) => next({ messages: [{ role: 'user', content: 'Else' }], n: 1 }))
    const { text, usage } = await ask(setup, { model: 'house', messages: hello, temperature: 1 })
    expect([text.includes('Else'), (usage?.output ?? 0) > 0]).toEqual([true, true])
    expect(bodies(setup)[0]).toMatchObject({ model: 'small', messages: [{ role: 'user', content: 'Else' }], n: 1 })
    expect(bodies(setup)[0]).not.toHaveProperty('temperature')
  })

  it('sends the same bytes where it changes nothing', async () => {
    const input = { model: 'small', messages: hello, seed: 1, note: 'ü "quoted"' }
    const [plain, watched] = [await setUp(), await through(({ body }, next) => (body ? next() : next()))]
    await ask(plain, input)
    await ask(watched, input)
    expect(String(chats(watched)[0]?.body)).toBe(String(chats(plain)[0]?.body))
  })

  it('stands around retries and fallbacks', async () => {
    const seen: [provider: string, attempt: number, failure: string | undefined][] = []
    const setup = await withRoute(async ({ provider, attempt }, next) => {
      try {
        const response = await next()
        seen.push([provider, attempt, undefined])
        return response
      } catch (error) {
        seen.push([provider, attempt, (error as SluiceError).code])
        throw error
      }
    })
    const { provider, attempts } = await ask(setup, { model: 'safe', messages: hello })
    expect([provider, attempts]).toEqual(['up', 2])
    expect(seen).toEqual([
      ['down', 1, 'upstream_error'],
      ['up', 2, undefined],
    ])
  })

  it('answers itself, and nobody is asked', async () => {
    const setup = await through((request) => request.answer('From memory'))
    const { text, usage, finishReason, model } = await ask(setup, 'Hello')
    expect([text, finishReason, model]).toEqual(['From memory', 'stop', 'small'])
    expect([usage?.input, usage?.output]).toEqual([0, 0])
    expect(chats(setup)).toEqual([])
  })

  it('keeps an answer and gives it again', async () => {
    const kept = new Map<string, Readonly<Record<string, unknown>>>()
    const setup = await through(async (request, next) => {
      const key = JSON.stringify(request.body['messages'])
      const found = kept.get(key)
      if (found !== undefined) return request.answer(found)
      const response = await next()
      kept.set(key, await response.body())
      return response
    })
    const first = await ask(setup, 'Hello')
    const second = await ask(setup, 'Hello')
    expect(first.usage?.output).toBeGreaterThan(0)
    expect([second.text, second.id, second.usage?.output]).toEqual([first.text, first.id, 0])
    expect(chats(setup)).toHaveLength(1)
  })

  it('changes the answer event by event', async () => {
    const shout = (event: ChatEvent): ChatEvent | readonly ChatEvent[] | undefined => {
      if (event.type !== 'text-delta') return event
      const louder = { ...event, text: event.text.toUpperCase() }
      return event.text.includes('said') ? [louder, { ...louder, text: ' (LOUD)' }] : louder
    }
    const setup = await through(async (_request, next) => (await next()).transform(shout))
    const { text, usage, finishReason } = await ask(setup, 'Hello')
    expect(text).toContain('SAID')
    expect(text).toContain('(LOUD)')
    expect(text).toContain('HELLO')
    expect([finishReason, (usage?.output ?? 0) > 0]).toEqual(['stop', true])
  })

  it('hears the answer on its way, and its end', async () => {
    const types = new Set<ChatEvent['type']>()
    const ends: unknown[] = []
    const setup = await through(async (_request, next) => {
      const response = await next()
      expect([response.status, response.stream]).toEqual([200, way === 'stream'])
      return response.observe({ event: ({ type }) => types.add(type), end: (end) => ends.push(end) })
    })
    const { usage } = await ask(setup, 'Hello')
    expect([...types]).toEqual(expect.arrayContaining(['message-start', 'text-delta', 'choice-finish', 'message-end']))
    expect(ends).toEqual([{ usage: expect.objectContaining({ output: usage?.output }) as unknown, error: undefined }])
  })

  it('hears of an answer that breaks off', async () => {
    const ends: unknown[] = []
    const setup = await through(async (_request, next) =>
      (await next()).observe({ end: ({ error }) => ends.push(error?.code) }),
    )
    setup.simulator.next({ fault: { kind: 'cut', at: way === 'stream' ? { event: 4 } : 20 } })
    const error = await failureOf(ask(setup, 'Hello'))
    expect(error.code).toBe('upstream_disconnected')
    expect(ends).toEqual(way === 'stream' ? ['upstream_disconnected'] : [])
  })

  it('throws, and the route goes on', async () => {
    const setup = await withRoute((request, next) => {
      if (request.provider === 'down') throw new Error('not this one')
      return next()
    })
    const { provider } = await ask(setup, { model: 'safe', messages: hello })
    expect(provider).toBe('up')
    expect(chats(setup)).toHaveLength(1)
  })

  it('throws, and the caller is told', async () => {
    const failed = await through(() => {
      throw new Error('the database is at db.internal')
    })
    const error = await failureOf(ask(failed, 'Hello'))
    expect([error.code, (error.cause as Error).message]).toEqual([
      'middleware_failed',
      'the database is at db.internal',
    ])
    expect(error.message).not.toContain('internal')
    const refused = await through(() => {
      throw new SluiceError('content_filter', 'Not about that.')
    })
    expect(await failureOf(ask(refused, 'Hello'))).toMatchObject({ code: 'content_filter', message: 'Not about that.' })
  })

  it('throws after the answer came, which is given up', async () => {
    const setup = await through(async (_request, next) => {
      await next()
      throw new SluiceError('permission_denied', 'On second thought, no.')
    })
    setup.simulator.always({ fault: { kind: 'endless' }, timing: { gap: 1 } })
    expect((await failureOf(setup.sluice.stream('Hello').result())).code).toBe('permission_denied')
    await expect.poll(() => chats(setup)[0]?.outcome).toBe('aborted')
  })

  it('says what is wrong with a middleware', async () => {
    const twice = await through(async (_request, next) => {
      await next()
      return next()
    })
    expect((await failureOf(ask(twice, 'Hello'))).message).toContain('twice')
    const none = await through((() => undefined) as unknown as Middleware)
    expect((await failureOf(ask(none, 'Hello'))).message).toContain('no response')
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    const odd = await through((_request, next) => next(cycle))
    expect((await failureOf(ask(odd, 'Hello'))).message).toContain('JSON')
  })

  it('is ended by the caller', async () => {
    const heard: unknown[] = []
    const setup = await through(async ({ signal }, next) => {
      signal.addEventListener('abort', () => heard.push('signal'))
      try {
        return await next()
      } finally {
        heard.push('over')
      }
    })
    setup.simulator.next('hang-before-head')
    const controller = new AbortController()
    const { sluice } = setup
    const options = { signal: controller.signal }
    const failing = failureOf(way === 'chat' ? sluice.chat('Hello', options) : sluice.stream('Hello', options).result())
    await expect.poll(() => chats(setup).length).toBe(1)
    controller.abort()
    expect((await failing).code).toBe('client_closed_request')
    await expect.poll(() => chats(setup)[0]?.outcome).toBe('aborted')
    await expect
      .poll(() => heard.toSorted((one, other) => (String(one) < String(other) ? -1 : 1)))
      .toEqual(['over', 'signal'])
  })

  it('is ended by the caller while it does something else', async () => {
    const setup = await through(() => new Promise(() => {}))
    const controller = new AbortController()
    const failing = failureOf(setup.sluice.chat('Hello', { signal: controller.signal }))
    controller.abort()
    expect((await failing).code).toBe('client_closed_request')
  })
})

it('gives up what was asked when it answers itself', async () => {
  const setup = await through(async (request, next) => {
    void next()
    await expect.poll(() => chats(setup).length).toBe(1)
    return request.answer('Sooner')
  })
  setup.simulator.next('hang-before-head')
  expect((await setup.sluice.chat('Hello')).text).toBe('Sooner')
  await expect.poll(() => chats(setup)[0]?.outcome).toBe('aborted')
})

it.each(['answers', 'throws'])('asks nobody for a middleware that goes on after another one %s', async (way) => {
  const late = Promise.withResolvers<void>()
  const impatient: Middleware = (request, next) => {
    void next()
    if (way === 'throws') throw new SluiceError('content_filter', 'Not now.')
    return request.answer('Sooner')
  }
  const heard = Promise.withResolvers<unknown>()
  const setup = await through(impatient, async (_request, next) => {
    await late.promise
    const asked = next()
    asked.then(heard.resolve, heard.resolve)
    return asked
  })
  await setup.sluice.chat('Hello').catch(() => undefined)
  late.resolve()
  expect(await heard.promise).toMatchObject({ code: 'middleware_failed' })
  expect(chats(setup)).toHaveLength(0)
})

it('hears of a stream that its caller left', async () => {
  const ends: unknown[] = []
  const setup = await through(async (_request, next) =>
    (await next()).observe({ end: ({ error }) => ends.push(error?.code) }),
  )
  setup.simulator.next({ fault: { kind: 'endless' }, timing: { gap: 1 } })
  for await (const _text of setup.sluice.stream('Hello').textStream) break
  await expect.poll(() => ends).toEqual(['client_closed_request'])
  await expect.poll(() => chats(setup)[0]?.outcome).toBe('aborted')
})

it('breaks a stream off with what it throws in the middle', async () => {
  const setup = await through(async (_request, next) =>
    (await next()).transform((event) => {
      if (event.type === 'text-delta' && event.text.includes('said')) throw new SluiceError('content_filter', 'Enough.')
      return event
    }),
  )
  const stream = setup.sluice.stream('Hello')
  const pieces: string[] = []
  const reading = (async (): Promise<void> => {
    for await (const piece of stream.textStream) pieces.push(piece)
  })()
  expect((await failureOf(reading)).code).toBe('content_filter')
  expect(pieces.length).toBeGreaterThan(0)
})

it('gives the place back that nobody was asked for', async () => {
  const routes = { one: { targets: [{ model: 'lab/small', max_concurrent: 1 }] } }
  const { sluice } = await setUp({}, { routes }, { middleware: [(request) => request.answer('Free')] })
  for (let call = 0; call < 3; call++) expect((await sluice.chat({ model: 'one', messages: hello })).text).toBe('Free')
})

it('gives the place back after whatever became of an attempt', async () => {
  let call = 0
  const moody: Middleware = async (request, next) => {
    call++
    if (call === 1) throw new SluiceError('content_filter', 'Not now.')
    if (call === 2) return request.answer('From memory')
    const response = await next()
    if (call === 3) throw new SluiceError('content_filter', 'Not that.')
    if (call === 4) return request.answer('Better')
    return response
  }
  const routes = { one: { targets: [{ model: 'lab/small', max_concurrent: 1 }] } }
  const { sluice } = await setUp({}, { routes, routing: { queue: { size: 0 } } }, { middleware: [moody] })
  const said = async (): Promise<string> =>
    sluice.chat({ model: 'one', messages: hello }).then(
      ({ text }) => text,
      (error: SluiceError) => error.message,
    )
  const outcomes = [await said(), await said(), await said(), await said(), await said()]
  expect(outcomes).toEqual(['Not now.', 'From memory', 'Not that.', 'Better', expect.stringContaining('Hello')])
})

it('is given up when another attempt answers first', async () => {
  const aborted: string[] = []
  const slow: Middleware = async ({ model, signal }, next) => {
    if (model !== 'small') return next()
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        aborted.push(model)
        reject(new Error('given up'))
      })
    })
  }
  const routes = { fast: { targets: ['lab/small', 'lab/large'], hedge: { delay: 1, max_extra: 1 } } }
  const { sluice } = await setUp({}, { routes }, { middleware: [slow] })
  expect((await sluice.chat({ model: 'fast', messages: hello })).model).toBe('large')
  await expect.poll(() => aborted).toEqual(['small'])
})

it('stands around the other operations', async () => {
  const seen: string[] = []
  const setup = await through(async (request, next) => {
    seen.push(`${request.operation} ${Object.keys(request.body).length > 0}`)
    const response = await next(request.operation === 'embed' ? { ...request.body, input: ['changed'] } : undefined)
    if (request.operation === 'embed') expect(await response.body()).toHaveProperty('data')
    return response
  })
  const { sluice } = setup
  expect((await sluice.embed({ model: 'small', input: ['a', 'b'] })).embeddings).toHaveLength(1)
  await sluice.transcribe({ model: 'small', file: new Blob([new Uint8Array(3)], { type: 'audio/mpeg' }) })
  await sluice.speech({ model: 'small', input: 'Hello', voice: 'alloy' })
  expect(seen).toEqual(['embed true', 'transcribe false', 'speech true'])
  const changing = await through(({ body }, next) => next({ ...body, more: 1 }))
  const file = new Blob([new Uint8Array(3)], { type: 'audio/mpeg' })
  expect((await failureOf(changing.sluice.transcribe({ model: 'small', file }))).message).toContain('form')
})

it('answers other operations with a body of theirs', async () => {
  const body = { object: 'list', model: 'm', data: [{ object: 'embedding', index: 0, embedding: [0.5, 0.25] }] }
  const { sluice } = await through((request) => request.answer(body))
  const { embeddings, usage } = await sluice.embed({ model: 'small', input: 'Oslo' })
  expect([embeddings, usage?.input]).toEqual([[[0.5, 0.25]], 0])
  const text = await through((request) => request.answer('Oslo'))
  expect((await failureOf(text.sluice.embed({ model: 'small', input: 'Oslo' }))).message).toContain('only a chat')
})
