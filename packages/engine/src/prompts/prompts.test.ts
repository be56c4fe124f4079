import { describe, expect, it } from 'vitest'
import { chats, failureOf, type Setup, testSluice } from '../client/contracts/test-sluice.ts'
import { createSluice } from '../client/create-sluice.ts'
import type { ConfigInput } from '../config/schema.ts'

const { setUp } = testSluice()

const prompts: NonNullable<ConfigInput['prompts']> = {
  greeting: { user: 'Hello {{name}}', variables: { name: 'string' } },
  'greeting@2': {
    description: 'Greets somebody',
    model: 'lab/large',
    system: 'You are {{tone}}.',
    user: 'Greet {{{name}}}{{#titles}}, {{.}}{{/titles}}{{#of.city}} of {{of.city}}{{/of.city}}.{{^brief}} Say more.{{/brief}}',
    temperature: 0.25,
    max_tokens: 50,
    variables: {
      name: { type: 'string', description: 'Who is greeted' },
      tone: { values: ['kind', 'rude'], default: 'kind' },
      titles: { type: 'array', optional: true },
      of: { type: 'object', optional: true },
      brief: { type: 'boolean', default: false },
      count: { type: 'integer', optional: true },
    },
  },
  chat: { system: 'Be brief.', messages: [{ role: 'assistant', content: 'Yes?' }] },
  form: {
    user: 'Describe {{city}}',
    variables: { city: 'string' },
    response_schema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
  },
}

const withPrompts = (more: ConfigInput = {}): Promise<Setup> => setUp({}, { prompts, ...more })
const bodies = (setup: Setup): readonly Record<string, unknown>[] =>
  chats(setup).map(({ body }) => JSON.parse(String(body)) as Record<string, unknown>)

describe('a prompt', () => {
  it('is rendered with its variables, by Mustache, and nothing is escaped', async () => {
    const { sluice } = await withPrompts()
    const variables = { name: '<Ada> & "co" {{tone}}', titles: ['Dr.', 'Prof.'], of: { city: 'Oslo' } }
    expect(await sluice.prompts.render('greeting@2', variables)).toEqual({
      model: 'lab/large',
      messages: [
        { role: 'system', content: 'You are kind.' },
        { role: 'user', content: 'Greet <Ada> & "co" {{tone}}, Dr., Prof. of Oslo. Say more.' },
      ],
      temperature: 0.25,
      max_tokens: 50,
    })
    expect(await sluice.prompts.render('prompt:greeting@1', { name: 'a < b' })).toEqual({
      messages: [{ role: 'user', content: 'Hello a < b' }],
    })
    const { messages } = await sluice.prompts.render('greeting', { name: 'Bo', brief: true })
    expect(messages[1]?.content).toBe('Greet Bo.')
  })

  it.each([
    ['{{of}} {{&of}} {{{of}}}', '{"n":1} {"n":1} {"n":1}'],
    ['{{&list}} {{&name}}', '[1] <x>'],
    ['Hello{{#name}}, {{.}}{{/name}}', 'Hello, <x>'],
    ['{{#name}}{{^list}}{{.}}{{/list}}{{/name}}', ''],
  ])('%j writes %s', async (user, content) => {
    const variables = { of: 'object', list: 'array', name: 'string' } as const
    const { sluice } = await setUp({}, { prompts: { a: { user, variables } } })
    const { messages } = await sluice.prompts.render('a', { of: { n: 1 }, list: [1], name: '<x>' })
    expect(messages).toEqual([{ role: 'user', content }])
  })

  it('never runs what it is given', async () => {
    const { sluice } = await withPrompts()
    let ran = 0
    const spy = { toString: () => `${(ran += 1)}`, city: () => (ran += 1) }
    await sluice.prompts.render('greeting', { name: 'x', of: spy })
    const failure = await failureOf(sluice.prompts.render('greeting', { name: () => (ran += 1) }))
    expect([failure.code, ran]).toEqual(['invalid_request', 0])
  })

  it('is asked by chat and stream', async () => {
    const setup = await withPrompts()
    const input = { prompt: 'greeting', variables: { name: 'Ada' } }
    const { text, model } = await setup.sluice.chat(input)
    const streamed = await setup.sluice.stream(input).result()
    expect([text.includes('Ada'), model, streamed.text === text]).toEqual([true, 'large', true])
    for (const body of bodies(setup)) {
      expect(body).toMatchObject({
        model: 'large',
        temperature: 0.25,
        messages: [{ role: 'system' }, { role: 'user' }],
      })
      expect(body).not.toHaveProperty('prompt_variables')
    }
  })

  it('gives way to what is said besides, and comes before it', async () => {
    const setup = await withPrompts()
    const messages = [
      { role: 'system', content: 'Also be kind.' },
      { role: 'user', content: 'Hi' },
    ] as const
    await setup.sluice.chat({ prompt: 'chat', messages, temperature: 0.75, seed: 3, note: { kept: true } })
    expect(bodies(setup)).toEqual([
      {
        model: 'small',
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'system', content: 'Also be kind.' },
          { role: 'assistant', content: 'Yes?' },
          { role: 'user', content: 'Hi' },
        ],
        temperature: 0.75,
        seed: 3,
        note: { kept: true },
      },
    ])
  })

  it('is asked of another model by a route', async () => {
    const setup = await withPrompts()
    const { model } = await setup.sluice.chat(
      { prompt: 'greeting', variables: { name: 'Ada' } },
      { route: 'lab/small' },
    )
    expect(model).toBe('small')
    const error = await failureOf(setup.sluice.chat({ prompt: 'greeting', variables: { name: 'A' }, model: 'small' }))
    expect([error.code, error.param]).toEqual(['invalid_request', 'model'])
  })

  it('asks for the form of its schema', async () => {
    const setup = await withPrompts()
    const { text } = await setup.sluice.chat({ prompt: 'form', variables: { city: 'Oslo' } })
    expect(JSON.parse(text)).toHaveProperty('name')
    expect(bodies(setup)[0]).toMatchObject({
      response_format: { type: 'json_schema', json_schema: { name: 'form', strict: true } },
    })
  })

  it('is filled in once more for each attempt, and seen filled in by middleware', async () => {
    const seen: unknown[] = []
    const routes = {
      safe: { targets: ['lab/none', 'lab/small'], on_error: { upstream_model_not_found: 'next' as const } },
    }
    const more = { prompts: { one: { model: 'safe', user: 'Hi {{name}}', variables: { name: 'string' as const } } } }
    const setup = await setUp(
      {},
      { routes, ...more },
      {
        middleware: [
          ({ requestedModel, attempt, body }, next) => {
            seen.push([requestedModel, attempt, body['messages']])
            return next()
          },
        ],
      },
    )
    setup.simulator.next('server-error')
    const { model } = await setup.sluice.chat({ prompt: 'one', variables: { name: 'Bo' } })
    const messages = [{ role: 'user', content: 'Hi Bo' }]
    expect([model, seen]).toEqual([
      'small',
      [
        ['prompt:one', 1, messages],
        ['prompt:one', 2, messages],
      ],
    ])
  })

  it('is listed, explained, and counted', async () => {
    const { sluice } = await withPrompts()
    const list = await sluice.prompts.list()
    expect(list.map(({ name, version, latest }) => [name, version, latest])).toEqual([
      ['chat', 1, true],
      ['form', 1, true],
      ['greeting', 1, false],
      ['greeting', 2, true],
    ])
    expect(list[3]).toMatchObject({
      description: 'Greets somebody',
      model: 'lab/large',
      variables: { name: { type: 'string', description: 'Who is greeted', optional: false } },
    })
    expect((await sluice.explain('prompt:greeting')).target?.id).toBe('lab/large')
    const { tokens } = await sluice.countTokens({ prompt: 'greeting', variables: { name: 'Ada '.repeat(50) } })
    expect(tokens).toBeGreaterThan(50)
  })
})

describe('a wrong variable', () => {
  it.each([
    [{}, '`name` is missing (Who is greeted)', 'name'],
    [{ nmae: 'Ada', name: 'A' }, '`nmae` is unknown: did you mean `name`?', 'nmae'],
    [{ name: 3 }, '`name`: expected a text, got a number', 'name'],
    [{ name: 'A', tone: 'loud' }, '`tone`: expected one of kind, rude', 'tone'],
    [{ name: 'A', titles: 'Dr.' }, '`titles`: expected a list, got a text', 'titles'],
    [{ name: 'A', of: [] }, '`of`: expected an object, got a list', 'of'],
    [{ name: 'A', brief: 'no' }, '`brief`: expected true or false, got a text', 'brief'],
    [{ name: 'A', count: 1.5 }, '`count`: expected a whole number, got a number', 'count'],
    [JSON.parse('{"name":"A","__proto__":1}') as object, '`__proto__` is unknown', '__proto__'],
    [[], 'expected an object', undefined],
  ])('is told: %j', async (given, message, param) => {
    const setup = await withPrompts()
    const variables = given as Record<string, unknown>
    const name = param === undefined ? 'prompt_variables' : `prompt_variables.${param}`
    for (const failing of [
      setup.sluice.prompts.render('greeting', variables),
      setup.sluice.chat({ prompt: 'greeting', variables }),
      setup.sluice.stream({ prompt: 'greeting', variables }).result(),
    ]) {
      const error = await failureOf(failing)
      expect([error.code, error.param]).toEqual(['invalid_request', name])
      expect(error.message).toContain('greeting@2')
      expect(error.message).toContain(message)
    }
    expect(chats(setup)).toEqual([])
  })

  it('all of them are told at once', async () => {
    const { sluice } = await withPrompts()
    const error = await failureOf(sluice.prompts.render('greeting', { nmae: 'A', brief: 1 }))
    expect(error.message).toMatch(/`nmae`.*`name` is missing.*`brief`/)
  })
})

describe('a prompt that there is not', () => {
  it('is an error that names near ones', async () => {
    const { sluice } = await withPrompts()
    for (const name of ['greting', 'greeting@3', 'prompt:none', 'a b']) {
      const error = await failureOf(sluice.chat({ prompt: name.replace('prompt:', '') }))
      expect([error.code, error.status]).toEqual(['prompt_not_found', 404])
    }
    expect((await failureOf(sluice.prompts.render('greting'))).message).toContain('Did you mean greeting')
    const none = await setUp()
    const input = { prompt: 'typo', variables: { name: 'Ada' }, messages: [{ role: 'user' as const, content: 'Hi' }] }
    for (const failing of [
      none.sluice.prompts.render('x'),
      none.sluice.chat(input),
      none.sluice.stream(input).result(),
      none.sluice.countTokens(input),
      none.sluice.chat('Hi', { route: 'prompt:typo' }),
      none.sluice.embed({ model: 'prompt:typo', input: 'x' }),
      none.sluice.moderate({ model: 'prompt:typo', input: 'x' }),
      none.sluice.explain('prompt:typo'),
    ])
      expect((await failureOf(failing)).code).toBe('prompt_not_found')
    expect(none.simulator.requests).toEqual([])
  })

  it('is no prompt for another operation', async () => {
    const { sluice } = await withPrompts()
    expect((await failureOf(sluice.embed({ model: 'prompt:greeting', input: 'x' }))).code).toBe('unsupported_operation')
  })
})

describe('a configuration of prompts', () => {
  const problemOf = (config: object): string => {
    try {
      void createSluice({ prompts: config } as ConfigInput, { environment: {} })
      return ''
    } catch (error) {
      return (error as Error).message
    }
  }

  it('is checked when it is read', () => {
    expect(problemOf({ 'a b': { user: 'x' } })).toContain('name@version')
    expect(problemOf({ 'a@0': { user: 'x' } })).toContain('name@version')
    expect(problemOf({ a: {} })).toContain('prompts.a: it says nothing')
    expect(problemOf({ a: { usr: 'x' } })).toContain('did you mean user?')
    expect(problemOf({ a: { user: 'x' }, 'a@1': { user: 'y' } })).toContain('a@1 is written twice')
    expect(problemOf({ a: { user: 'x', variables: { n: { type: 'integer', default: 'x' } } } })).toContain(
      'prompts.a.variables.n: its default does not fit: expected a whole number',
    )
    expect(problemOf({ a: { user: 'x', variables: { n: 'text' } } })).toContain('prompts.a.variables.n')
    expect(problemOf({ a: { user: 'x' } })).toBe('')
  })

  it('is told of at the first call of anything, with every mistake in it', async () => {
    const setup = await setUp(
      {},
      {
        prompts: {
          a: { user: '{{x}} {{#y}}', variables: { x: 'string' } },
          'a@2': { user: 'Good' },
          b: { system: '{{> x}}', user: '{{z}}' },
        },
        routes: { tiered: { targets: [{ model: 'lab/large', when: 'stream &&' }, 'lab/small'] } },
      },
    )
    const { sluice } = setup
    for (const failing of [
      sluice.chat('Hello'),
      sluice.stream('Hello').text(),
      sluice.embed('Hello'),
      sluice.explain('lab/small'),
      sluice.prompts.list(),
      sluice.prompts.render('a@2'),
      sluice.chat({ prompt: 'a@2' }),
    ]) {
      const { code, message } = await failureOf(failing)
      expect([code, message.split('\n').length]).toEqual(['invalid_config', 5])
      expect(message).toMatch(/routes\.tiered\.targets\[0\]\.when: /)
      expect(message).toMatch(/prompts\["a@1"\]: what the user says: Unclosed section "y"/)
      expect(message).toMatch(/prompts\["b@1"\]: what the system says: {{>x}}: a prompt has no partials/)
      expect(message).toMatch(/prompts\["b@1"\]: what the user says: {{z}} is not among its variables/)
    }
    expect(setup.simulator.requests).toEqual([])
  })

  it.each([
    ['Hello {{nmae}}', '{{nmae}} is not among its variables: declare `nmae`'],
    ['Hello {{#name}', 'Unclosed'],
    ['{{#name}} open', 'Unclosed section "name"'],
    ['{{> header}}', 'no partials'],
    ['{{#list}}{{#a}}{{> b}}{{/a}}{{/list}}', 'no partials'],
    ['{{constructor}}', 'declare `constructor`'],
    ['Hello {{.}}', '{{.}} is the value of a section, and is in none'],
  ])('%j is an error where it is first rendered', async (user, message) => {
    const variables = { name: 'string' as const, list: 'array' as const }
    const { sluice } = await setUp({}, { prompts: { a: { user, variables } } })
    const error = await failureOf(sluice.prompts.render('a', { name: 'x', list: [] }))
    expect([error.code, error.message]).toEqual(['invalid_config', expect.stringContaining(message)])
    expect(error.message).toContain('prompts["a@1"]')
  })
})
