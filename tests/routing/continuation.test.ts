import { type ChatDialect, foldChatEvents } from '@sluice/protocol'
import { chatDialects } from '@sluice/protocol/dialects'
import { startSimulator, type Simulator } from '@sluice/simulator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventsOf, gistOf, send } from '../matrix/ask.ts'
import { callers } from '../matrix/start-matrix.ts'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'

/** A stream that breaks off goes on at another target, where the route wants that. */
let world: TestGateway
let second: Simulator

beforeEach(async () => {
  second = await startSimulator({ models: ['small'] })
  world = await startTestGateway({
    providers: () => ({
      spare: {
        type: 'openai_compatible',
        base_url: second.url,
        api_key: 'k',
        max_retries: 0,
        speaks: ['anthropic-messages'],
        models: ['small'],
        models_path: null,
      },
    }),
    config: {
      routes: {
        steady: { targets: ['lab/small', 'spare/small'], continuation: true },
        plain: { targets: ['lab/small', 'spare/small'] },
      },
    },
  })
})

afterEach(async () => {
  await world.close()
  await second.close()
})

const words = ['The quick ', 'brown fox ', 'jumps over ', 'the lazy ', 'dog.']
const question = { request: { messages: [{ role: 'user', content: 'Say it.' }] } } as const
const usage = { input: 10, output: 5 }

describe.each(callers.map((caller) => [caller.id, caller] as const))('%s', (_, caller) => {
  test('hears one whole answer, and both calls are paid for', async () => {
    world.simulator.always({ reply: { text: words, usage }, fault: { kind: 'cut', at: { event: 4 } } })
    second.always({ reply: { text: ['over the ', 'lazy dog.'], usage } })
    const { response, bytes } = await send(world.gateway.url, caller, 'steady', question, true)
    expect(response.status).toBe(200)
    const { text, finishReason } = gistOf(foldChatEvents(eventsOf(caller, [bytes])))
    expect(finishReason).toBe('stop')
    const [asked] = second.requests.filter(({ path }) => path.endsWith('/messages'))
    const said = saidBefore(asked?.body.toString() ?? '{}')
    // Trailing spaces are not sent: some models' APIs refuse them.
    const told = words.map((_word, index) => words.slice(0, index).join('')).find((all) => all.trimEnd() === said)
    expect(text).toBe(`${told}over the lazy dog.`)
    const record = await world.settled()
    expect(record).toMatchObject({ outcome: 'ok', attempts: 2, provider: 'spare' })
    const trace = await fetch(`${world.gateway.url}/api/llm/traces/${response.headers.get('x-request-id')}`)
    expect(await trace.json()).toMatchObject({
      attempts: [
        { target: 'lab/small', outcome: 'failed', error: { code: 'upstream_disconnected' } },
        { target: 'spare/small', outcome: 'answered' },
      ],
    })
  })
})

test('is told of the failure where the route does not want that, or nobody else is left', async () => {
  const caller = chatDialects[0] as ChatDialect
  world.simulator.always({ reply: { text: words }, fault: { kind: 'cut', at: { event: 4 } } })
  const plain = await send(world.gateway.url, caller, 'plain', question, true)
  expect(eventsOf(caller, [plain.bytes]).at(-1)).toMatchObject({ type: 'error' })
  expect(second.requests.filter(({ path }) => path.endsWith('/messages'))).toEqual([])
  second.always({ fault: { kind: 'status', status: 500 } })
  const alone = await send(world.gateway.url, caller, 'steady', question, true)
  expect(eventsOf(caller, [alone.bytes]).at(-1)).toMatchObject({ type: 'error' })
})

test('a call of a tool is not guessed', async () => {
  const caller = chatDialects[0] as ChatDialect
  const tools = [{ type: 'function', name: 'look', parameters: { type: 'object', properties: {} } }] as const
  world.simulator.always({ reply: { text: words }, fault: { kind: 'cut', at: { event: 4 } } })
  const asked = { request: { ...question.request, tools } }
  const { bytes } = await send(world.gateway.url, caller, 'steady', asked, true)
  expect(eventsOf(caller, [bytes]).at(-1)).toMatchObject({ type: 'error' })
})

/** The assistant's beginning, in Anthropic's shape. */
function saidBefore(body: string): string {
  const { messages } = JSON.parse(body) as { messages: { role: string; content: string | { text: string }[] }[] }
  const last = messages.at(-1)
  if (last?.role !== 'assistant') return ''
  return typeof last.content === 'string' ? last.content : last.content.map(({ text }) => text).join('')
}
