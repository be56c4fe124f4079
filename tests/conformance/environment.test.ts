import OpenAI from 'openai'
import { type RecordedRequest, type Simulator, startSimulator } from '@sluice/simulator'
import { expect, test } from 'vitest'
import { startServe } from '../start-serve.ts'

// As it is written by hand, so that the bytes upstream can be compared.
const bodyFor = (model: string): string =>
  `{ "model": ${JSON.stringify(model)}, "temperature": 1.0, "stream": true,\n` +
  `  "messages": [{ "role": "user", "content": "Grüße" }] }`

async function ask(url: string, model: string): Promise<{ readonly headers: Headers; readonly text: string }> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer callers-own' }
  const answer = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body: bodyFor(model) })
  const text = await answer.text()
  expect(answer.status, text).toBe(200)
  return { headers: answer.headers, text }
}

function chats({ requests }: Simulator): readonly RecordedRequest[] {
  return requests.filter(({ method }) => method === 'POST')
}

test('with nothing configured, the demo streams an answer', async () => {
  await using serve = await startServe()
  const { headers, text } = await ask(serve.url, 'demo')
  expect(headers.get('x-sluice-provider')).toBe('demo')
  expect(headers.get('content-type')).toMatch(/^text\/event-stream/)
  expect(text).toMatch(/^data: \{.*\n\ndata: \[DONE\]\n\n$/s)
  const client = new OpenAI({ baseURL: `${serve.url}/v1`, apiKey: 'any' })
  const streamed = await client.chat.completions
    .stream({ model: 'demo', messages: [{ role: 'user', content: 'Hello' }] })
    .finalContent()
  expect(streamed).toMatch(/demo provider, not a model.*Hello/)
  await expect(
    client.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] }),
  ).rejects.toMatchObject({ status: 404, message: expect.stringContaining('OPENAI_API_KEY') as string })
})

interface Setting {
  readonly title: string
  /** What the provider lists. */
  readonly models: readonly string[]
  readonly environment: (simulator: Simulator) => Readonly<Record<string, string>>
  readonly provider: string
  /** As asked → as the provider hears it. */
  readonly names: readonly (readonly [string, string])[]
  readonly headers: Readonly<Record<string, string>>
}

const openrouter = (simulator: Simulator): Record<string, string> => ({
  OPENROUTER_API_KEY: 'router-key',
  OPENROUTER_BASE_URL: simulator.url,
  OPENROUTER_HTTP_REFERER: 'https://lab.example/',
  OPENROUTER_APP_NAME: 'The Lab',
})

const routerNames = [
  ['gpt-4o-mini', 'openai/gpt-4o-mini'],
  ['openai/gpt-4o-mini', 'openai/gpt-4o-mini'],
  ['openrouter/openai/gpt-4o-mini', 'openai/gpt-4o-mini'],
  ['openrouter/gpt-4o-mini', 'openai/gpt-4o-mini'],
  ['openrouter:gpt-4o-mini', 'openai/gpt-4o-mini'],
] as const

const settings: readonly Setting[] = [
  {
    title: 'OPENAI_COMPATIBLE_*',
    models: ['gpt-4o-mini', 'lab/qwen'],
    environment: ({ url }) => ({
      OPENAI_COMPATIBLE_BASE_URL: url,
      OPENAI_COMPATIBLE_API_KEY: 'lab-key',
      OPENAI_COMPATIBLE_CUSTOM_HEADERS: '{"X-Team": "search"}',
    }),
    provider: 'openai-compatible',
    names: [
      ['gpt-4o-mini', 'gpt-4o-mini'],
      ['openai_compatible:gpt-4o-mini', 'gpt-4o-mini'],
      ['openai-compatible/gpt-4o-mini', 'gpt-4o-mini'],
      ['openai_compatible/lab/qwen', 'lab/qwen'],
      ['lab/qwen', 'lab/qwen'],
    ],
    headers: { authorization: 'Bearer lab-key', 'x-team': 'search' },
  },
  {
    title: 'OPENROUTER_*',
    models: ['openai/gpt-4o-mini', 'anthropic/claude-sonnet-5'],
    environment: openrouter,
    provider: 'openrouter',
    names: routerNames,
    headers: { authorization: 'Bearer router-key', 'http-referer': 'https://lab.example/', 'x-title': 'The Lab' },
  },
  {
    title: 'PREFERRED_PROVIDER=openrouter with OPENAI_COMPATIBLE_*',
    models: ['openai/gpt-4o-mini'],
    environment: ({ url }) => ({
      PREFERRED_PROVIDER: 'openrouter',
      OPENAI_COMPATIBLE_BASE_URL: url,
      OPENAI_COMPATIBLE_API_KEY: 'lab-key',
    }),
    provider: 'openai-compatible',
    names: [
      ['openai/gpt-4o-mini', 'openai/gpt-4o-mini'],
      ['openrouter/openai/gpt-4o-mini', 'openai/gpt-4o-mini'],
      ['gpt-4o-mini', 'openai/gpt-4o-mini'],
    ],
    headers: { authorization: 'Bearer lab-key' },
  },
]

test.each(settings)('$title', async ({ models, environment, provider, names, headers }) => {
  await using simulator = await startSimulator({ models })
  await using serve = await startServe(environment(simulator))
  for (const [asked, heard] of names) {
    const answer = await ask(serve.url, asked)
    expect(answer.headers.get('x-sluice-provider')).toBe(provider)
    expect(answer.headers.get('x-sluice-model'), asked).toBe(heard)
    expect(answer.text).toContain('data: [DONE]')
    const request = chats(simulator).at(-1)
    expect(request?.path).toBe('/v1/chat/completions')
    expect(request?.json()).toEqual({
      ...(JSON.parse(bodyFor(heard)) as object),
      stream_options: { include_usage: true },
    })
    expect(request?.body.toString()).toMatch(/"temperature": ?1\.0,/)
    expect(request?.rawHeaders.join('\n')).not.toContain('callers-own')
    for (const [name, value] of Object.entries(headers)) expect(request?.header(name)).toBe(value)
  }
  expect(chats(simulator)).toHaveLength(names.length)
})

test.each(['openrouter', 'ollama'])(
  'PREFERRED_PROVIDER=%s chooses between two that serve the same',
  async (preferred) => {
    const models = ['house/shared']
    await using router = await startSimulator({ models })
    await using local = await startSimulator({ models })
    const environment = { ...openrouter(router), OLLAMA_BASE_URL: local.origin, PREFERRED_PROVIDER: preferred }
    await using serve = await startServe(environment)
    // Answered when both lists have come: before that, the name belongs to the one whose list came first.
    await (await fetch(`${serve.url}/v1/models`)).json()
    const { headers } = await ask(serve.url, 'house/shared')
    expect(headers.get('x-sluice-provider')).toBe(preferred)
    const [chosen, other] = preferred === 'openrouter' ? [router, local] : [local, router]
    expect(chats(chosen).map((request) => request.json())).toMatchObject([{ model: 'house/shared' }])
    expect(chats(other)).toEqual([])
  },
)
