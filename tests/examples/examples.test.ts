import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Simulator, startSimulator } from '@sluice/simulator'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import worker from '../../examples/edge/worker.ts'
import type { app } from '../../examples/hono/app.ts'
import type { POST } from '../../examples/next/app/api/chat/route.ts'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import type { Said } from '../run-program.ts'
import { examplesFolder, type ExampleOptions, runExample } from './run-example.ts'

/** The providers that the examples name; each is the simulator. */
let openai: Simulator
let anthropic: Simulator
let openrouter: Simulator
let folder: string
let environment: Readonly<Record<string, string>>
/** For those that are no programs: what the route handlers find in their environment as they are loaded. */
let web: Simulator
let postToNext: typeof POST
let hono: typeof app

beforeAll(async () => {
  web = await startSimulator()
  vi.stubEnv('OPENAI_API_KEY', 'openai-key')
  vi.stubEnv('OPENAI_BASE_URL', web.url)
  postToNext = (await import('../../examples/next/app/api/chat/route.ts')).POST
  hono = (await import('../../examples/hono/app.ts')).app
  vi.unstubAllEnvs()
})
afterAll(() => web.close())

beforeEach(async () => {
  ;[openai, anthropic, openrouter] = await Promise.all([startSimulator(), startSimulator(), startSimulator()])
  folder = mkdtempSync(join(tmpdir(), 'sluice-example-'))
  environment = { OPENAI_API_KEY: 'openai-key', OPENAI_BASE_URL: openai.url }
})
afterEach(async () => {
  await Promise.all([openai.close(), anthropic.close(), openrouter.close()])
  rmSync(folder, { recursive: true })
})

function run(name: string, options: Partial<ExampleOptions> = {}): Promise<Said> {
  return runExample(name, { environment, folder, ...options })
}

function startGateway(): Promise<TestGateway> {
  const config = { server: { keys: ['caller-key'] }, providers: { lab: { default_model: 'small' } } }
  return startTestGateway({ config })
}

/** For the examples that name models of several providers. */
function keysOfAll(): Readonly<Record<string, string>> {
  return {
    ...environment,
    ANTHROPIC_API_KEY: 'anthropic-key',
    ANTHROPIC_BASE_URL: anthropic.url,
    OPENROUTER_API_KEY: 'router-key',
    OPENROUTER_BASE_URL: openrouter.url,
  }
}

/** Every example is here, and nothing else. */
const examples: Readonly<Record<string, () => Promise<void>>> = {
  async 'stream-to-terminal.ts'() {
    const { said, remarks } = await run('stream-to-terminal.ts', { words: ['Why is grass green?'] })
    expect(said).toMatch(/You said: Why is grass green\?$/)
    expect(remarks).toMatch(/^\nopenai\/\S+, \d+ tokens, \$\d/)
    expect(openai.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
  },
  async 'fallback.ts'() {
    openai.always('overloaded')
    const { said } = await run('fallback.ts', { environment: keysOfAll() })
    expect(said).toMatch(/^anthropic answered at attempt 2: .*river in Norway/)
    anthropic.always('unauthorized')
    openrouter.always('unauthorized')
    const { remarks } = await run('fallback.ts', { environment: keysOfAll() })
    expect(remarks).toMatch(
      /^openai 503 upstream_overloaded .*\nanthropic 401 upstream_authentication_failed .*\nopenrouter 401/,
    )
  },
  async 'tools.ts'() {
    const { said } = await run('tools.ts')
    expect(said).toMatch(/^get_weather\(\{"city":"\w+","days":1\}\) → \{"city":.*"forecast":"drizzle".*\}\n.*drizzle/)
  },
  async 'structured-output.ts'() {
    const recipe = { title: 'Waffles', minutes: 30, ingredients: [{ name: 'flour', grams: 250 }] }
    openai.next({ reply: { text: JSON.stringify(recipe) } })
    expect((await run('structured-output.ts')).said).toBe('Waffles, 30 minutes\n  250 g flour\n')
    openai.always({ reply: { text: 'Take some flour.' } })
    const { remarks } = await run('structured-output.ts')
    expect(remarks).toContain('it is not JSON')
    expect(remarks).toContain('Take some flour.')
  },
  async 'structured-output-valibot.ts'() {
    openai.next({ reply: { text: '{"sentiment":"mixed","points":["warm","leaks"]}' } })
    expect((await run('structured-output-valibot.ts')).said).toBe('mixed warm, leaks\n')
  },
  async 'structured-output-arktype.ts'() {
    openai.next({ reply: { text: '{"subject":"Smoke","urgency":"high","tags":["printer"]}' } })
    expect((await run('structured-output-arktype.ts')).said).toBe('[high] Smoke (printer)\n')
  },
  async 'embeddings-search.ts'() {
    // The simulator's vectors are the same for the same text, and know nothing of meaning.
    const { said } = await run('embeddings-search.ts', { words: ['Rain is water that falls from clouds.'] })
    expect(said).toMatch(/^1\.000 Rain is water.*\n-?0\.\d{3} .*\n-?0\.\d{3} .*\n\d+ tokens\n$/)
  },
  async 'provider-switch.ts'() {
    const { said } = await run('provider-switch.ts', { environment: keysOfAll() })
    expect(said).toMatch(/^openai: .*fjord.*\nanthropic: .*fjord.*\nopenrouter: .*fjord.*\n/)
    expect(anthropic.requests.map(({ path }) => path)).toContain('/v1/messages')
    const other = await run('provider-switch.ts', { words: ['openrouter/other'], environment: keysOfAll() })
    expect(other.said).toMatch(/^openrouter: .*\n$/)
  },
  async 'cost-report.ts'() {
    const usage = { input: 1000, output: 100 }
    for (const provider of [openai, anthropic, openrouter]) provider.always({ reply: { text: 'Water.', usage } })
    const { said } = await run('cost-report.ts', { environment: keysOfAll() })
    expect(said.split('\n')).toEqual([
      expect.stringMatching(/^openai\/gpt-6-luna, calls: 2, tokens: 2000 \+ 200, \$0\.000\d+$/),
      'anthropic/claude-haiku-4-5, calls: 1, tokens: 1000 + 100, $0.001500000',
      'openrouter/house-model, calls: 1, tokens: 1000 + 100, $0.000650000',
      '',
    ])
  },
  async 'batch-with-resume.ts'() {
    const isFifth = (body: string): boolean => body.includes('What is 5 times seven?')
    openai.always((request) => (isFifth(request.body.toString()) ? 'bad-request' : undefined))
    const first = await run('batch-with-resume.ts')
    expect(first.said).toBe('What is 5 times seven? upstream_rejected\n19 answers, 0 of them kept\n')
    expect(first.remarks).toContain('20/20, 1 failed')
    openai.always({})
    const before = openai.requests.length
    const second = await run('batch-with-resume.ts')
    expect(second.said).toMatch(/^20 answers, \d+ of them kept\n$/)
    expect(openai.requests.slice(before).filter(({ method }) => method === 'POST')).toHaveLength(1)
  },
  async 'next/app/api/chat/route.ts'() {
    const ask = (): Promise<Response> =>
      postToNext(
        new Request('http://app.test/api/chat', {
          method: 'POST',
          body: '{"messages":[{"role":"user","content":"Hi"}]}',
        }),
      )
    const answer = await ask()
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8'])
    expect(await answer.text()).toMatch(/You said: Hi$/)
    web.next('bad-request')
    const refused = await ask()
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: { code: 'upstream_rejected' } }])
    web.next('endless')
    const reader = (await ask()).body!.getReader()
    await reader.read()
    await reader.cancel()
    await expect.poll(() => web.requests.at(-1)?.outcome).toBe('aborted')
  },
  async 'hono/app.ts'() {
    const body = JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }] })
    const answer = await hono.request('/chat', { method: 'POST', body })
    expect(await answer.json()).toMatchObject({ text: expect.stringMatching(/You said: Hi$/) as string, usage: {} })
    const stream = await hono.request('/stream?question=Hello')
    expect(stream.headers.get('content-type')).toBe('text/event-stream')
    expect(await stream.text()).toMatch(/^(?:event: text\ndata: .+\n\n){3,}event: end\ndata: \{"input":\d+.*\}\n\n$/)
    expect((await hono.request('/stream')).status).toBe(400)
    web.next('bad-request')
    const refused = await hono.request('/chat', { method: 'POST', body })
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: { code: 'upstream_rejected' } }])
  },
  async 'edge/worker.ts'() {
    const answer = await worker.fetch(new Request('http://worker.test/?question=Hello'), environment)
    expect(await answer.text()).toMatch(/You said: Hello$/)
    expect((await worker.fetch(new Request('http://worker.test/'), environment)).status).toBe(400)
    openai.next('bad-request')
    const refused = await worker.fetch(new Request('http://worker.test/?question=Hello'), environment)
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: { code: 'upstream_rejected' } }])
  },
  async 'gateway/openai-client.ts'() {
    await using world = await startGateway()
    const reached = { GATEWAY_URL: world.gateway.url, GATEWAY_KEY: 'caller-key', MODEL: 'lab/small' }
    const { said, remarks } = await run('gateway/openai-client.ts', { environment: reached })
    expect([said, remarks]).toEqual([expect.stringMatching(/What is a fjord\?$/), '\nanswered by lab\n'])
  },
  async 'gateway/sluice-client.ts'() {
    await using world = await startGateway()
    const reached = { GATEWAY_URL: world.gateway.url, GATEWAY_KEY: 'caller-key' }
    expect((await run('gateway/sluice-client.ts', { environment: reached })).said).toMatch(/^lab: .*fjord/)
    expect((await run('gateway/sluice-client.ts')).said).toMatch(/^openai: .*fjord/)
  },
}

test('every example is run', () => {
  const files = readdirSync(examplesFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.md'))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(examplesFolder.length + 1)
        .replaceAll('\\', '/'),
    )
  expect(files.toSorted()).toEqual(Object.keys(examples).toSorted())
})

describe('examples', () => {
  test.each(Object.entries(examples))('%s', async (_name, check) => {
    expect(await check()).toBeUndefined()
  })
})
