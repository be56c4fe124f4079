import type { ChatEvent, ConfigInput, Sluice } from 'sluice'
import { defineTool, InvalidOutputError, RouteFailedError } from 'sluice'
import * as z from 'zod'
import { ask, collect, expectEqual, expectThat, failureOf, watchFetch } from './expectations.ts'

/**
 * What an application may expect of the library, in whatever runtime it runs and whoever answers: the engine in its own
 * process, or a gateway. Nothing here is of Node, nor of a test runner.
 */
export interface Scenario {
  readonly name: string
  /**
   * Rejects when an expectation is not met.
   * @param open another one like `sluice`, which asked nothing yet.
   */
  run(sluice: Sluice, open: () => Sluice): Promise<void>
}

/** The configuration that the scenarios need, for the library as for a gateway. The simulator has `small` and `large`. */
export function scenarioConfig(simulatorUrl: string): ConfigInput {
  const provider = (behaviour?: string): NonNullable<NonNullable<ConfigInput['providers']>[string]> => ({
    type: 'openai_compatible',
    base_url: behaviour === undefined ? simulatorUrl : `${simulatorUrl}?simulator=${encodeURIComponent(behaviour)}`,
    api_key: 'upstream-key',
    default_model: 'small',
    max_retries: 0,
    // The lists of those that misbehave are not asked for: they would misbehave too.
    ...(behaviour !== undefined && { models_path: null, models: ['small'] }),
  })
  return {
    default_provider: 'lab',
    environment_providers: false,
    providers: {
      lab: provider(),
      down: provider('server-error'),
      faulty: provider('server-error'),
      closed: provider('unauthorized'),
      cut: provider('cut-mid-body'),
      torn: provider('{"fault":{"kind":"cut","at":{"event":4}}}'),
      endless: provider('{"fault":{"kind":"endless"},"timing":{"gap":5}}'),
      hanging: provider('hang-before-head'),
      prose: provider('{"reply":{"text":"Oslo, I think."}}'),
      wordy: provider(JSON.stringify({ reply: { text: JSON.stringify({ title: 'x'.repeat(80), description: 'y' }) } })),
      broken: provider(
        '{"reply":{"toolCalls":[{"name":"get_weather","arguments":"{\\"city\\":"}],"finishReason":"tool-calls"}}',
      ),
      foreign: { ...provider(), speaks: ['anthropic-messages', 'anthropic-count-tokens'] },
    },
    models: [
      { id: 'lab/small', aliases: ['house'], price: { input: 1, output: 2 } },
      { id: 'endless/small', price: { input: 3, output: 4 } },
      { id: 'torn/small', price: { input: 3, output: 4 } },
    ],
    routes: { safe: { targets: ['down/small', 'lab/small'] }, nowhere: { targets: ['faulty/small', 'closed/small'] } },
    prompts: {
      greeting: { user: 'Hello {{name}}', variables: { name: 'string' } },
      'greeting@2': { model: 'safe', user: 'Welcome, {{name}}', variables: { name: 'string' } },
    },
  }
}

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
}

export const scenarios: readonly Scenario[] = [
  scenario('chat answers with text, usage and cost', async (sluice) => {
    const answer = await sluice.chat('Hello there')
    expectThat(answer.text.includes('Hello there'), 'the text repeats what was said', answer.text)
    expectEqual([answer.provider, answer.model, answer.finishReason, answer.attempts], ['lab', 'small', 'stop', 1])
    const { usage, cost } = answer
    expectThat(usage !== undefined && usage.input > 0 && usage.output > 0, 'usage is told', usage)
    expectEqual(cost?.nanoDollars, (usage?.input ?? 0) * 1000 + (usage?.output ?? 0) * 2000)
    expectThat(answer.requestId.startsWith('req_'), 'the call has an id', answer.requestId)
    expectEqual(JSON.parse(JSON.stringify(answer)), answer)
  }),
  scenario('names of models mean the same', async (sluice) => {
    expectEqual((await sluice.chat(ask('house'))).model, 'small')
    expectEqual((await sluice.chat(ask('lab/large'))).model, 'large')
    expectEqual((await sluice.chat(ask('large'))).model, 'large')
  }),
  scenario('a provider is asked in what it speaks', async (sluice) => {
    const { text, provider, usage } = await sluice.chat(ask('foreign/small'))
    const streamed = await sluice.stream(ask('foreign/small')).result()
    expectEqual([provider, streamed.text, streamed.usage], ['foreign', text, usage])
    const { tokens, estimated } = await sluice.countTokens(ask('foreign/small'))
    expectEqual([tokens, estimated], [usage?.input, undefined])
  }),
  scenario('a model without a price has no cost', async (sluice) => {
    const { usage, cost } = await sluice.chat(ask('large'))
    expectThat((usage?.output ?? 0) > 0, 'usage is told', usage)
    expectEqual(cost, null)
  }),
  scenario('a stream gives the text in pieces, and the result of chat', async (sluice) => {
    const stream = sluice.stream('Tell me something')
    const pieces: string[] = []
    for await (const piece of stream.textStream) pieces.push(piece)
    expectThat(pieces.length > 3, 'several pieces', pieces)
    const streamed = await stream.result()
    const whole = await sluice.chat('Tell me something')
    expectEqual(pieces.join(''), whole.text)
    expectEqual([streamed.text, streamed.usage, streamed.cost], [whole.text, whole.usage, whole.cost])
    expectEqual(await stream.usage(), { usage: whole.usage, cost: whole.cost })
  }),
  scenario('a stream gives neutral events', async (sluice) => {
    const types = new Set<ChatEvent['type']>()
    for await (const event of sluice.stream('Hi')) types.add(event.type)
    for (const type of ['message-start', 'text-delta', 'choice-finish', 'usage', 'message-end'] as const)
      expectThat(types.has(type), `an event ${type}`, [...types])
  }),
  scenario('two read one stream', async (sluice) => {
    const [one, other] = sluice.stream('Shared').tee()
    const [text, pieces] = await Promise.all([one.text(), collect(other.textStream)])
    expectThat(text.includes('Shared'), 'the text', text)
    expectEqual(pieces.join(''), text)
  }),
  scenario('a stream that is left has used something', async (sluice) => {
    const stream = sluice.stream(ask('endless/small'))
    let pieces = 0
    for await (const _piece of stream.textStream) if (++pieces === 5) break
    const { usage, cost } = await stream.usage()
    expectThat(usage?.estimated === true && usage.input > 0 && usage.output > 0, 'estimated usage', usage)
    expectEqual(cost?.nanoDollars, (usage?.input ?? 0) * 3000 + (usage?.output ?? 0) * 4000)
    const unnamed = sluice.stream('Hi')
    for await (const _event of unnamed) break
    const left = await unnamed.usage()
    expectThat((left.usage?.input ?? 0) > 0, 'estimated usage of the default model', left)
    expectEqual(left.cost?.nanoDollars, (left.usage?.input ?? 0) * 1000 + (left.usage?.output ?? 0) * 2000)
    expectEqual((await failureOf(stream.result())).code, 'client_closed_request')
  }),
  scenario('a stream that breaks off never looks finished', async (sluice) => {
    const stream = sluice.stream(ask('cut/small'))
    const error = await failureOf(collect(stream.textStream))
    expectEqual(error.code, 'upstream_disconnected')
    expectEqual((await failureOf(stream.text())).code, error.code)
    const torn = sluice.stream(ask('torn/small', 'Tell me something'))
    const heard: unknown[] = []
    const readAll = async (): Promise<void> => {
      for await (const event of torn) heard.push(event)
    }
    expectEqual((await failureOf(readAll())).code, 'upstream_disconnected')
    const { usage, cost } = await torn.usage()
    // Where words and error arrive at once, as they may by a gateway, there was no answer.
    if (heard.length === 0) return expectEqual([usage, cost], [undefined, null])
    expectThat(usage?.estimated === true && usage.input > 0 && usage.output > 0, 'usage until then', usage)
    expectEqual(cost?.nanoDollars, (usage?.input ?? 0) * 3000 + (usage?.output ?? 0) * 4000)
  }),
  scenario('a signal ends a call', async (sluice) => {
    const controller = new AbortController()
    const failing = failureOf(sluice.chat(ask('hanging/small'), { signal: controller.signal }))
    setTimeout(() => controller.abort(), 30)
    expectEqual((await failing).code, 'client_closed_request')
  }),
  scenario('a route goes on where one is down', async (sluice) => {
    const { provider, attempts } = await sluice.chat(ask('safe'))
    expectEqual([provider, attempts], ['lab', 2])
  }),
  scenario('errors have the same codes', async (sluice) => {
    await sluice.listModels()
    expectEqual((await failureOf(sluice.chat(ask('lab-nobody/none')))).code, 'model_not_found')
    expectEqual((await failureOf(sluice.chat(ask('down/small')))).code, 'upstream_error')
    const odd = await failureOf(sluice.chat({} as never))
    expectEqual([odd.code, odd.param], ['invalid_request', 'messages'])
    const misplaced = await failureOf(sluice.chat({ ...ask('small'), signal: AbortSignal.abort() } as never))
    expectEqual([misplaced.code, misplaced.param], ['invalid_request', 'signal'])
    const elsewhere = await failureOf(sluice.complete('Hi', { runTools: { maxSteps: 2 } } as never))
    expectEqual([elsewhere.code, elsewhere.param], ['invalid_request', 'runTools'])
  }),
  scenario('when all failed, one error tells of each attempt', async (sluice) => {
    for (const fail of [
      () => sluice.chat(ask('nowhere')),
      () => sluice.stream(ask('nowhere')).text(),
      () => sluice.chat({ ...ask('faulty/small'), models: ['closed/small'] }),
    ]) {
      const error = await failureOf(fail())
      expectThat(error instanceof RouteFailedError, 'a RouteFailedError', error.message)
      const { attempts, message, upstream } = error as RouteFailedError
      expectEqual(
        attempts.map(({ provider, model, status, code, cause }) => [provider, model, status, code, cause.code]),
        [
          ['faulty', 'small', 500, 'upstream_error', 'upstream_error'],
          ['closed', 'small', 401, 'upstream_authentication_failed', 'upstream_authentication_failed'],
        ],
      )
      expectThat(message.startsWith('None of 2 targets answered (faulty/small, closed/small)'), 'a message', message)
      expectThat(attempts[0]?.message !== message && message.endsWith(attempts[1]?.message ?? ''), 'the last', message)
      expectEqual([upstream?.provider, upstream?.status], ['closed', 401])
    }
    const refused = await failureOf(sluice.chat({ ...ask('safe'), temperature: 'hot' } as never))
    expectEqual(
      [refused.code, refused.param, refused.upstream?.code],
      ['upstream_rejected', 'temperature', 'invalid_type'],
    )
    expectEqual([refused.upstream?.provider, (refused as RouteFailedError).attempts.length], ['lab', 2])
    const unknown = await failureOf(sluice.chat(ask('prose/other')))
    expectEqual([unknown.code, unknown.upstream?.code], ['upstream_model_not_found', 'model_not_found'])
    const alone = await failureOf(sluice.chat(ask('faulty/small')))
    expectEqual([alone instanceof RouteFailedError, alone.upstream?.provider], [false, 'faulty'])
    expectEqual([alone.upstream?.status, typeof alone.upstream?.requestId], [500, 'string'])
    const torn = await failureOf(sluice.stream(ask('torn/small', 'Tell me something')).text())
    expectEqual(torn.upstream?.provider, 'torn')
  }),
  scenario('a model calls a tool', async (sluice) => {
    const { finishReason, toolCalls } = await sluice.chat({ ...ask('small', 'The weather?'), tools: [weather] })
    expectEqual(finishReason, 'tool-calls')
    expectEqual(
      toolCalls.map(({ name }) => name),
      ['get_weather'],
    )
    const { city } = (toolCalls[0]?.arguments ?? {}) as { readonly city?: unknown }
    expectThat(typeof city === 'string', 'arguments', toolCalls)
  }),
  scenario('tools are run until there is an answer', async (sluice) => {
    const seen: string[] = []
    const tool = defineTool({
      name: 'get_weather',
      description: 'The weather of a city.',
      parameters: z.object({ city: z.string(), days: z.number().int().optional() }),
      execute({ city, days = 1 }) {
        seen.push(`${city.length > 0}/${days > 0}`)
        return { forecast: 'drizzle' }
      },
    })
    const request = { ...ask('small', 'The weather?'), tools: [tool] }
    const { text, steps = [], usage, cost, attempts } = await sluice.chat(request, { runTools: { maxSteps: 4 } })
    expectEqual([seen, steps.length, attempts], [['true/true'], 2, 2])
    expectThat(text.includes('drizzle'), 'the tool’s answer', text)
    expectEqual(usage?.output, (steps[0]?.answer.usage?.output ?? 0) + (steps[1]?.answer.usage?.output ?? 0))
    expectThat((cost?.nanoDollars ?? 0) > (steps[1]?.answer.cost?.nanoDollars ?? 0), 'the cost of both', cost)
    const once = await sluice.chat(request, { runTools: { maxSteps: 1 } })
    expectEqual([once.toolCalls.length, seen.length], [1, 1])
    const streamed = await sluice.stream(request, { runTools: { maxSteps: 4 } }).result()
    expectEqual([seen.length, streamed.steps?.length, streamed.text], [2, 2, text])
  }),
  scenario('wrong arguments of a tool are a typed error', async (sluice) => {
    const tool = defineTool({ name: 'get_weather', parameters: z.object({ city: z.string() }), execute: () => 'never' })
    const request = { ...ask('broken/small', 'The weather?'), tools: [tool] }
    const error = await failureOf(sluice.chat(request, { runTools: { maxSteps: 2 } }))
    expectThat(error instanceof InvalidOutputError, 'an InvalidOutputError', error.message)
    expectEqual([error.code, (error as InvalidOutputError).text], ['invalid_output', '{"city":'])
    const told = await sluice.chat(request, { runTools: { maxSteps: 2, failures: 'tell-model' } })
    expectEqual(
      told.steps?.[0]?.results.map(({ failed }) => failed),
      [true],
    )
  }),
  scenario('an answer has the form of a schema', async (sluice) => {
    const City = z.object({ name: z.string(), people: z.number(), tags: z.array(z.string()).optional() })
    const { object, usage } = await sluice.chatObject(City, ask('small', 'Describe Oslo'), { name: 'city' })
    expectThat(object.name.length > 0 && typeof object.people === 'number', 'a city', object)
    expectThat(usage !== undefined, 'usage is told', usage)
    const plain = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
    expectThat('name' in ((await sluice.chatObject(plain, 'Describe Oslo')).object as object), 'a name', plain)
    const error = await failureOf(sluice.chatObject(City, ask('prose/small')))
    expectEqual([error.code, (error as InvalidOutputError).text], ['invalid_output', 'Oslo, I think.'])
  }),
  scenario('a prompt is filled in and asked', async (sluice) => {
    const input = { prompt: 'greeting', variables: { name: '<Ada>' } }
    const { text, attempts } = await sluice.chat(input)
    expectThat(text.includes('Welcome, <Ada>'), 'the prompt’s words', text)
    expectEqual([attempts, await sluice.stream(input).text()], [2, text])
    const { messages } = await sluice.prompts.render('greeting@1', { name: 'Bo' })
    expectEqual(messages, [{ role: 'user', content: 'Hello Bo' }])
    expectEqual(
      (await sluice.prompts.list()).map(({ name, version, latest }) => [name, version, latest]),
      [
        ['greeting', 1, false],
        ['greeting', 2, true],
      ],
    )
    for (const fail of [() => sluice.chat({ prompt: 'greeting' }), () => sluice.prompts.render('greeting')]) {
      const error = await failureOf(fail())
      expectEqual([error.code, error.param], ['invalid_request', 'prompt_variables.name'])
    }
    expectEqual((await failureOf(sluice.chat({ prompt: 'greting' }))).code, 'prompt_not_found')
    expectEqual((await sluice.explain({ prompt: 'greeting' })).route, 'safe')
    expectEqual(await sluice.explain({ prompt: 'greeting@1' }), await sluice.explain('prompt:greeting@1'))
    expectEqual((await failureOf(sluice.explain({ prompt: 'greting' }))).code, 'prompt_not_found')
  }),
  scenario('content is written: texts, blocks, and what is shown of a page', async (sluice) => {
    const { content, tokens_used, provider } = await sluice.content.generate({ prompt: 'On rain', model: 'lab/small' })
    expectThat(content.includes('On rain') && (tokens_used ?? 0) > 0, 'a text and its tokens', content)
    expectEqual(provider, 'lab')
    const { content: filled } = await sluice.content.fromTemplate('greeting@1', { name: 'Ada' })
    expectThat(filled.includes('Hello Ada'), 'the prompt’s words', filled)
    const { block } = await sluice.content.block('faq', 'Rain')
    expectEqual([block.type, typeof block.items[0]?.question], ['faq', 'string'])
    const { title, description } = await sluice.content.meta('A page on rain')
    expectThat(title.length > 0 && title.length <= 60 && description.length <= 160, 'what fits', [title, description])
    const tooLong = await failureOf(sluice.content.meta({ prompt: 'Rain', model: 'wordy/small' }, { repairs: 1 }))
    expectEqual([tooLong.code, (tooLong as InvalidOutputError).issues[0]?.path], ['invalid_output', 'title'])
    expectEqual(
      (await failureOf(sluice.content.block('quote', { prompt: 'x', model: 'prose/small' }))).code,
      'invalid_output',
    )
  }),
  scenario('a provider that is named and not there is nobody else', async (sluice) => {
    const request = { prompt: 'On rain', provider: 'elsewhere' }
    for (const fail of [
      () => sluice.content.generate(request),
      () => sluice.content.generate({ ...request, model: 'small' }),
      () => sluice.content.block('faq', request),
      () => sluice.content.meta(request),
    ]) {
      const { code, message } = await failureOf(fail())
      expectEqual(code, 'provider_not_found')
      expectThat(message.includes('"elsewhere"') && message.includes(' lab, down,'), 'who is there', message)
    }
    const { provider } = await sluice.content.generate({ ...request, provider: 'lab' })
    expectEqual(provider, 'lab')
  }),
  scenario('a text goes on', async (sluice) => {
    const { text, usage } = await sluice.complete({ model: 'small', prompt: 'Once upon a time' })
    expectThat(text.length > 0 && usage !== undefined, 'a text and usage', text)
  }),
  scenario('texts become vectors', async (sluice) => {
    const { embeddings, usage, cost } = await sluice.embed({ model: 'small', input: ['Oslo', 'Bergen'] })
    expectThat(embeddings.length === 2 && (embeddings[0]?.length ?? 0) > 3, 'two vectors', embeddings.length)
    expectThat(Math.abs(embeddings[0]?.[0] ?? 2) <= 1, 'numbers', embeddings[0]?.slice(0, 3))
    expectEqual(cost?.nanoDollars, (usage?.input ?? 0) * 1000)
    const encoded = await sluice.createEmbedding({ model: 'small', input: ['Oslo'], encoding_format: 'base64' })
    expectThat(Math.abs((encoded.embeddings[0]?.[0] ?? 2) - (embeddings[0]?.[0] ?? 0)) < 1e-6, 'the same vector', 0)
  }),
  scenario('texts are judged', async (sluice) => {
    const { flagged, verdicts } = await sluice.moderate({ model: 'small', input: ['a kind word', 'pure violence'] })
    expectEqual([flagged, verdicts.map((verdict) => verdict.flagged)], [true, [false, true]])
  }),
  scenario('documents are put in order', async (sluice) => {
    const documents = ['bread and butter', 'rain in Bergen', 'a rainy day']
    const { results } = await sluice.rerank({ model: 'small', query: 'rain in Bergen', documents, top_n: 2 })
    expectEqual([results.length, results[0]?.index], [2, 1])
  }),
  scenario('pictures are made and changed', async (sluice) => {
    const { images, usage } = await sluice.images.generate({ model: 'small', prompt: 'A red house', n: 2 })
    expectThat(images.length === 2 && (images[0]?.base64?.length ?? 0) > 20, 'two pictures', images)
    expectThat(usage !== undefined, 'usage is told', usage)
    const image = new Blob([new Uint8Array([1, 2, 3])], { type: 'image/png' })
    const edited = await sluice.images.edit({ model: 'small', prompt: 'Make it blue', image })
    expectEqual([edited.images.length, edited.usage?.imageInput], [1, 10])
  }),
  scenario('text is spoken, and speech written', async (sluice) => {
    const spoken = await sluice.speech({ model: 'small', input: 'Hello', voice: 'alloy' })
    expectEqual([spoken.audio.length, spoken.contentType, spoken.provider], [500, 'audio/mpeg', 'lab'])
    const file = new Blob([spoken.audio], { type: 'audio/mpeg' })
    const written = await sluice.transcribe({ model: 'small', file })
    expectThat(written.text.includes('500 bytes'), 'all of it was heard', written.text)
    expectThat((written.usage?.audioInput ?? 0) > 0, 'usage is told', written.usage)
    const subtitles = await sluice.transcribe({ model: 'small', file, response_format: 'srt' })
    expectThat(subtitles.text.includes('-->'), 'subtitles', subtitles.text)
  }),
  scenario('tokens are counted', async (sluice) => {
    const short = await sluice.countTokens(ask('small', 'Hello'))
    const long = await sluice.countTokens(ask('small', 'Hello, '.repeat(50)))
    expectEqual([short.estimated, short.provider], [true, 'lab'])
    expectThat(short.tokens > 0 && long.tokens > short.tokens + 40, 'more for more', [short.tokens, long.tokens])
  }),
  scenario('models and providers are listed', async (sluice) => {
    const models = await sluice.listModels()
    const house = models.find(({ id }) => id === 'lab/small')
    expectEqual([house?.provider, house?.aliases], ['lab', ['house']])
    const providers = await sluice.providers()
    const strays = models.filter((model) => !providers.some(({ id }) => model.id.startsWith(`${id}/`)))
    expectEqual(strays, [])
    const lab = providers.find(({ id }) => id === 'lab')
    expectEqual([lab?.key, lab?.isDefault, lab?.models, lab?.health.state], ['set', true, 2, 'healthy'])
    expectEqual(await sluice.validateCredentials('lab'), true)
  }),
  scenario('a route is explained without a call', async (sluice, open) => {
    const fresh = open()
    const { calls } = await watchFetch(async () => {
      const direct = await fresh.explain('lab/large')
      expectEqual([direct.route, direct.target?.id, direct.target?.plan], [null, 'lab/large', 'passthrough'])
      expectThat(direct.resolution.length > 0, 'the rules that were tried', direct)
      const { route } = await fresh.explain('safe')
      expectEqual(route, 'safe')
    })
    await fresh.close()
    // To ask a gateway is no call to a provider.
    expectEqual(
      calls.filter((url) => !url.endsWith('/api/llm/explain')),
      [],
    )
    await sluice.listModels()
    expectEqual((await failureOf(sluice.explain('lab-nobody/none'))).code, 'model_not_found')
  }),
  scenario('health tells of the calls made', async (sluice) => {
    await sluice.chat('Hi')
    const lab = (await sluice.health()).providers.find(({ id }) => id === 'lab')
    expectThat(lab !== undefined && lab.calls > 0 && lab.targets.length > 0, 'calls of lab', lab)
  }),
]

function scenario(name: string, run: Scenario['run']): Scenario {
  return { name, run }
}
