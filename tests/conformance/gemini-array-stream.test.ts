import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** Callers of `:streamGenerateContent` who do not say `alt=sse` are streamed one JSON array, as Google does. */
let world: TestGateway

const ids = ['gemini-generate', 'openai-chat', 'anthropic-messages']

beforeAll(async () => {
  world = await startTestGateway({
    providers: ({ url }) =>
      Object.fromEntries(
        ids.map((id) => [
          `via-${id}`,
          {
            type: 'openai_compatible',
            base_url: url,
            api_key: 'upstream-key',
            max_retries: 0,
            speaks: [id],
            models: ['small'],
            models_path: null,
          },
        ]),
      ),
  })
})
beforeEach(() => world.simulator.reset())
afterAll(() => world.close())

interface Answer {
  readonly candidates?: readonly { readonly content?: { readonly parts?: readonly { readonly text?: string }[] } }[]
  readonly usageMetadata?: { readonly totalTokenCount?: number }
  readonly error?: { readonly code: number; readonly status: string }
}

function ask(id: string, query = ''): Promise<Response> {
  return fetch(`${world.gateway.url}/v1beta/models/via-${id}:small:streamGenerateContent${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-goog-api-key': 'any' },
    body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }),
  })
}

function textOf(answers: readonly Answer[]): string {
  const parts = answers.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? [])
  return parts.map(({ text }) => text ?? '').join('')
}

describe.each(ids.map((id) => [id]))('with a provider that speaks %s', (id) => {
  test('the pieces are the elements', async () => {
    world.simulator.next({ reply: { text: ['One,', ' "two"', ' ünd\n[3].'], usage: { input: 4, output: 3 } } })
    const response = await ask(id)
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    const answers = (await response.json()) as readonly Answer[]
    expect(answers.length).toBeGreaterThan(2)
    expect(textOf(answers)).toBe('One, "two" ünd\n[3].')
    expect(answers.at(-1)?.usageMetadata?.totalTokenCount).toBe(7)
  })

  test('they come as they are made', async () => {
    world.simulator.next({ reply: { text: ['One,', ' two.'] }, timing: { gap: 100 } })
    const response = await ask(id)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    const first = await reader?.read()
    expect(first?.value).toMatch(/^\[\{/)
    expect(() => JSON.parse(first?.value ?? '') as unknown).toThrow(SyntaxError)
    let text = first?.value ?? ''
    for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) text += piece.value
    expect(textOf(JSON.parse(text) as readonly Answer[])).toBe('One, two.')
  })

  test('a failure in its course is the last element', async () => {
    world.simulator.next({ reply: { text: ['One,', ' two,', ' three.'] }, fault: { kind: 'error-inside', at: 4 } })
    const answers = (await (await ask(id)).json()) as readonly Answer[]
    expect(textOf(answers)).toMatch(/^One,/)
    expect(answers.at(-1)?.error).toMatchObject({ code: expect.any(Number), status: expect.any(String) })
  })

  test('a failure before it is an error answer', async () => {
    world.simulator.next('rate-limited')
    const response = await ask(id)
    expect(response.status).toBe(429)
    expect(await response.json()).toMatchObject({ error: { code: 429, status: 'RESOURCE_EXHAUSTED' } })
  })

  test('and `alt=sse` brings events', async () => {
    const response = await ask(id, '?alt=sse')
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(await response.text()).toMatch(/^data: \{/)
  })
})
