import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Anthropic from '@anthropic-ai/sdk'
import { loadConfig } from '@sluice/gateway'
import OpenAI from 'openai'
import { type ConfigInput, formatProblem, providers as presets } from 'sluice'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

const prompts: NonNullable<ConfigInput['prompts']> = {
  greeting: { user: 'Hello {{name}}', variables: { name: 'string' } },
  'greeting@2': {
    description: 'Greets somebody',
    model: 'lab/large',
    system: 'Be {{tone}}.',
    user: 'Greet {{name}}.',
    temperature: 0.25,
    variables: { name: 'string', tone: { default: 'kind' } },
  },
}

function postJson(url: string, body: object): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

describe('a gateway with prompts', () => {
  let world: TestGateway
  beforeAll(async () => {
    world = await startTestGateway({ config: { prompts } })
  })
  afterAll(() => world.close())

  const sent = (): Record<string, unknown> => {
    const { body } = world.simulator.requests.findLast(({ method }) => method === 'POST')!
    return JSON.parse(String(body)) as Record<string, unknown>
  }
  const expected = {
    model: 'large',
    temperature: 0.25,
    messages: [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Greet Ada.' },
    ],
  }

  test('serves them as models to clients of OpenAI', async () => {
    const client = new OpenAI({ baseURL: world.url, apiKey: 'any', maxRetries: 0 })
    const request = { model: 'prompt:greeting', messages: [], prompt_variables: { name: 'Ada' } }
    const { choices } = await client.chat.completions.create(request)
    expect(choices[0]?.message.content).toContain('Greet Ada.')
    expect(sent()).toEqual(expected)
    let text = ''
    for await (const chunk of await client.chat.completions.create({ ...request, stream: true }))
      text += chunk.choices[0]?.delta.content ?? ''
    expect(text).toBe(choices[0]?.message.content)
    expect(sent()).toMatchObject({ ...expected, stream: true })
    const older = { ...request, model: 'prompt:greeting@1', temperature: 1 }
    await client.chat.completions.create(older)
    expect(sent()).toMatchObject({ temperature: 1, messages: [{ role: 'user', content: 'Hello Ada' }] })
  })

  test('serves them in the other APIs', async () => {
    const variables = { prompt_variables: { name: 'Ada' } }
    const anthropic = new Anthropic({ baseURL: world.gateway.url, apiKey: 'any', maxRetries: 0 })
    const said = { role: 'user' as const, content: 'And wave.' }
    const joined = { ...expected, messages: [...expected.messages, said] }
    await anthropic.messages.create({ model: 'prompt:greeting', max_tokens: 20, messages: [said], ...variables })
    expect(sent()).toMatchObject(joined)
    const openai = new OpenAI({ baseURL: world.url, apiKey: 'any', maxRetries: 0 })
    await openai.responses.create({ model: 'prompt:greeting', input: 'And wave.', ...variables })
    expect(sent()).toMatchObject(joined)
    const post = (path: string, body: object): Promise<Response> =>
      postJson(`${world.gateway.url}${path}`, { ...body, ...variables })
    const gemini = { contents: [{ role: 'user', parts: [{ text: 'And wave.' }] }] }
    expect((await post('/v1beta/models/prompt:greeting:generateContent', gemini)).status).toBe(200)
    expect(sent()).toMatchObject(joined)
    expect((await post('/api/chat', { model: 'prompt:greeting', messages: [said], stream: false })).status).toBe(200)
    expect(sent()).toMatchObject(joined)
  })

  test('says which variable is wrong, in the API of whoever asks', async () => {
    const openai = new OpenAI({ baseURL: world.url, apiKey: 'any', maxRetries: 0 })
    const failure = openai.chat.completions.create({ model: 'prompt:greeting', messages: [] })
    await expect(failure).rejects.toMatchObject({
      status: 400,
      code: 'invalid_request',
      param: 'prompt_variables.name',
    })
    const none = openai.chat.completions.create({ model: 'prompt:greting', messages: [] })
    await expect(none).rejects.toMatchObject({ status: 404, code: 'prompt_not_found' })
  })

  test('lists and renders them', async () => {
    const get = async (path: string): Promise<{ readonly data: readonly Record<string, unknown>[] }> =>
      (await (await fetch(`${world.url}${path}`)).json()) as { data: Record<string, unknown>[] }
    const models = (await get('/models')).data.filter(({ kind }) => kind === 'prompt')
    expect(models).toEqual([
      expect.objectContaining({ id: 'prompt:greeting@1', aliases: [], targets: [] }),
      expect.objectContaining({
        id: 'prompt:greeting',
        name: 'Greets somebody',
        aliases: ['prompt:greeting@2'],
        targets: ['lab/large'],
      }),
    ])
    expect((await get('/api/llm/prompts')).data).toHaveLength(2)
    const ask = (body: object): Promise<Response> => postJson(`${world.url}/api/llm/prompts/render`, body)
    expect(await (await ask({ prompt: 'greeting', variables: { name: 'Ada' } })).json()).toEqual({
      ...expected,
      model: 'lab/large',
    })
    expect((await ask({ prompt: 'greeting', variables: { nme: 'Ada' } })).status).toBe(400)
    expect((await ask({ variables: {} })).status).toBe(400)
    const explained = await postJson(`${world.url}/api/llm/explain`, { model: 'prompt:greeting', messages: [] })
    expect(await explained.json()).toMatchObject({ model: 'prompt:greeting', target: { id: 'lab/large' } })
  })
})

describe('a folder of prompts', () => {
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-prompts-'))
    mkdirSync(join(directory, 'prompts'))
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  function load(files: Readonly<Record<string, string>>, more = ''): ReturnType<typeof loadConfig> {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, 'prompts', name), text)
    writeFileSync(join(directory, 'sluice.yaml'), `prompts_dir: prompts\n${more}`)
    return loadConfig({ presets, environment: {}, directory })
  }

  test('is read', async () => {
    const sum = '---\ndescription: Sums up\nvariables:\n  text: string\n---\n\nSum up, for ${USER}:\n{{text}}\n'
    const files = {
      'sum@3.prompt': sum,
      'plain.prompt': 'Hello',
      'system.prompt': '---\nsystem: Hi\n---',
      'notes.md': '?',
    }
    const { config, problems } = await load(files, 'prompts: { inline: { user: Hello } }')
    expect(problems.map(formatProblem)).toEqual([])
    expect(config?.prompts.map(({ name, version, messages }) => [name, version, messages[0]?.content])).toEqual([
      ['inline', 1, 'Hello'],
      ['plain', 1, 'Hello'],
      ['sum', 3, 'Sum up, for ${USER}:\n{{text}}'],
      ['system', 1, 'Hi'],
    ])
  })

  test.each<[name: string, text: string, problem: string]>([
    ['a b.prompt', 'Hello', 'prompts/a b.prompt: a b: a prompt is called name or name@version'],
    ['a.prompt', '---\nusr: x\n---\n', 'prompts/a.prompt:2:1 usr: unknown key; did you mean user?'],
    ['a.prompt', '---\nuser: [\n---\n', 'prompts/a.prompt:3:1: Flow sequence'],
    [
      'a.prompt',
      '---\nuser: x\n---\nHello',
      'prompts/a.prompt, user: the text below the settings is what the user says',
    ],
    ['a.prompt', '', 'it says nothing'],
    ['a.prompt', 'Hello {{name}}', 'prompts/a.prompt: what the user says: {{name}} is not among its variables'],
    ['a.prompt', '---\nvariables: { n: text }\n---\nHello', 'prompts/a.prompt:2:17 variables.n:'],
  ])('says what is wrong with %s: %j', async (name, text, problem) => {
    const { config, problems } = await load({ [name]: text })
    expect(config).toBeUndefined()
    expect(problems.map(formatProblem)).toEqual([expect.stringContaining(problem)])
  })

  test('says where a template of the configuration is wrong, and where the folder is not', async () => {
    const { problems } = await load({}, 'prompts:\n  a@2:\n    user: Hello {{name}}\n')
    expect(problems.map(formatProblem)).toEqual([
      'sluice.yaml:3:3 prompts["a@2"]: what the user says: {{name}} is not among its variables: declare `name`',
    ])
    rmSync(join(directory, 'prompts'), { recursive: true })
    const { problems: missing } = await load({})
    expect(missing.map(formatProblem)).toEqual([
      expect.stringMatching(/^prompts_dir: the folder .* cannot be read \(ENOENT\)$/),
    ])
  })
})
