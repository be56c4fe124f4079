import { type ChatDialect, openaiChat, type Warning } from '@sluice/protocol'
import { anthropicMessages, translatableDialects } from '@sluice/protocol/dialects'
import { type Simulator, startSimulator } from '@sluice/simulator'
import { afterEach, describe, expect, it } from 'vitest'
import { composeEngine } from '../compose.ts'
import { buildConfig } from '../config/build-config.ts'
import type { ProviderInput } from '../config/schema.ts'
import { readQuirk } from '../provider-kit/read-quirk.ts'
import { providers as presets } from '../providers.generated.ts'
import { createFetchTransport } from '../transport/fetch.ts'
import { Exchange } from './exchange.ts'
import { quirksFor } from './quirks.ts'

const encoder = new TextEncoder()

function apply(quirk: string, request: object): { request: unknown; warned: readonly string[] } {
  const found = readQuirk(quirk)
  if (found === undefined) throw new TypeError(`no quirk: ${quirk}`)
  const before = JSON.stringify(request)
  const warnings: Warning[] = []
  const changed = quirksFor([found], 'openai-chat', 'any')?.apply(request, {
    warn: (warning) => void warnings.push(warning),
  })
  expect(JSON.stringify(request)).toBe(before)
  return { request: changed, warned: warnings.map(({ code, path }) => `${code} ${path}`) }
}

describe('a quirk', () => {
  it.each<[string, object, object, readonly string[]]>([
    ['rename:seed=random_seed', { seed: 7 }, { random_seed: 7 }, []],
    ['rename:seed=random_seed', { seed: 7, random_seed: 8 }, { random_seed: 8 }, []],
    ['drop:user,seed', { user: 'u', seed: null, n: 1 }, { n: 1 }, ['field-dropped user']],
    ['omit:stream_options', { stream_options: {}, n: 1 }, { n: 1 }, []],
    ['set:anthropic_version="v"', { n: 1 }, { n: 1, anthropic_version: 'v' }, []],
    ['replace:tool_choice=required>any', { tool_choice: 'required' }, { tool_choice: 'any' }, []],
    ['replace:tool_choice=required>any', { tool_choice: 'toString' }, { tool_choice: 'toString' }, []],
    ['clamp:temperature=0..1', { temperature: 1.5 }, { temperature: 1 }, ['value-changed temperature']],
    ['clamp:temperature=0.1..1', { temperature: 0 }, { temperature: 0.1 }, ['value-changed temperature']],
    ['clamp:temperature=0..1', { temperature: 0.5 }, { temperature: 0.5 }, []],
    ['only:n=1', { n: 1 }, { n: 1 }, []],
    ['only:n=1', { n: 3 }, {}, ['value-changed n']],
    ['only:tool_choice="auto"', { tool_choice: { type: 'function' } }, {}, ['value-changed tool_choice']],
    ['only:tool_choice=auto', { tool_choice: 'auto' }, { tool_choice: 'auto' }, []],
    [
      'message-drop:name',
      { messages: [{ role: 'user', name: 'Ann', content: 'x' }, { role: 'user' }] },
      { messages: [{ role: 'user', content: 'x' }, { role: 'user' }] },
      ['field-dropped messages[0].name'],
    ],
    [
      'system-role',
      { messages: [{ role: 'developer', content: 'x' }] },
      { messages: [{ role: 'system', content: 'x' }] },
      [],
    ],
    [
      'text-content',
      {
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'image_url' }, { type: 'text', text: 'b' }] },
        ],
      },
      { messages: [{ role: 'user', content: 'a\nb' }] },
      ['field-dropped messages[0].content[1]'],
    ],
    [
      'drop-where:reasoning_effort!=none:temperature,top_p',
      { reasoning_effort: 'low', temperature: 0.5, top_p: null, n: 1 },
      { reasoning_effort: 'low', n: 1 },
      ['field-dropped temperature'],
    ],
    [
      'drop-where:reasoning_effort!=none:temperature',
      { reasoning_effort: 'none', temperature: 0.5 },
      { reasoning_effort: 'none', temperature: 0.5 },
      [],
    ],
    ['drop-where:reasoning.effort!=none:top_p', { reasoning: {}, top_p: 1 }, { reasoning: {}, top_p: 1 }, []],
    [
      'drop-where:reasoning.effort!=none:top_p',
      { reasoning: { effort: 'high' }, top_p: 1 },
      { reasoning: { effort: 'high' } },
      ['field-dropped top_p'],
    ],
    ['drop-value:tool_choice=required', { tool_choice: 'required' }, {}, ['value-changed tool_choice']],
    ['drop-value:tool_choice=required', { tool_choice: 'none' }, { tool_choice: 'none' }, []],
    ['thinking-off', { reasoning_effort: 'none' }, { thinking: { type: 'disabled' } }, []],
    ['thinking-off', { reasoning_effort: 'low' }, { reasoning_effort: 'low' }, []],
    [
      'json-schema-as-text',
      {
        messages: [{ role: 'user', content: 'x' }],
        response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' } } },
      },
      {
        messages: [
          {
            role: 'system',
            content:
              'Answer with one JSON object that matches this JSON Schema, and with nothing else:\n{"type":"object"}',
          },
          { role: 'user', content: 'x' },
        ],
        response_format: { type: 'json_object' },
      },
      ['value-changed response_format'],
    ],
    [
      'auto-tool-choice',
      { tool_choice: { type: 'tool', name: 'f', disable_parallel_tool_use: true } },
      { tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
      ['value-changed tool_choice'],
    ],
    ['auto-tool-choice', { tool_choice: { type: 'none' } }, { tool_choice: { type: 'none' } }, []],
    ['keep-reasoning:reasoning_content', { n: 1 }, { n: 1 }, []],
  ])('%s: %j', (quirk, request, expected, warned) => {
    expect(apply(quirk, request)).toEqual({ request: expected, warned })
  })

  it('gives a call and its result the same short id, and keeps one that fits', () => {
    const call = (id: string): object => ({ role: 'assistant', tool_calls: [{ id, type: 'function' }] })
    const result = (id: string): object => ({ role: 'tool', tool_call_id: id, content: '' })
    const ids = ['call_0123456789abcdef', 'call_0123456789abcdeg', 'AbCdEf123']
    const { request } = apply('tool-ids:9', { messages: ids.flatMap((id) => [call(id), result(id)]) })
    const { messages } = request as { messages: { tool_calls?: { id: string }[]; tool_call_id?: string }[] }
    const called = messages.flatMap(({ tool_calls = [] }) => tool_calls.map(({ id }) => id))
    expect(called).toEqual(messages.flatMap(({ tool_call_id: id }) => (id === undefined ? [] : [id])))
    expect(new Set(called).size).toBe(3)
    for (const id of called) expect(id).toMatch(/^[A-Za-z0-9]{9}$/)
    expect(called[2]).toBe('AbCdEf123')
  })

  it.each(['', 'drop', 'drop:', 'drop:a b', 'rename:a', 'clamp:t=1', 'tool-ids:0', 'text-content:1', 'unknown:x'])(
    'is not %j',
    (name) => {
      expect(readQuirk(name)).toBeUndefined()
    },
  )
})

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

interface Sent {
  readonly body: string
  readonly warnings: readonly string[]
  readonly simulator: Simulator
}

/** What reaches a provider of that kind. */
async function send(
  provider: ProviderInput,
  body: string,
  strict = false,
  caller: ChatDialect = openaiChat,
): Promise<Sent> {
  const simulator = await startSimulator({ models: ['small'] })
  const transport = createFetchTransport()
  closing.push(
    () => transport.close(),
    () => simulator.close(),
  )
  const lab = { base_url: simulator.url, api_key: 'key-1', max_retries: 0, ...provider }
  const engine = composeEngine(buildConfig({ presets, input: { providers: { lab }, strict } }), presets, transport, {
    dialects: translatableDialects,
  })
  const bytes = encoder.encode(body)
  const peek = caller.peek(bytes)
  const exchange = new Exchange('req_1', caller, bytes, peek, performance.now())
  const answer = await engine.attempt(exchange, engine.routeFinder(caller)(peek.model))
  await new Promise<void>((resolve, reject) => answer.relay({ write: () => undefined, end: resolve, fail: reject }))
  const request = simulator.requests.find(({ method }) => method === 'POST')
  return {
    body: new TextDecoder().decode(request?.body),
    warnings: exchange.warnings.map(({ path }) => path),
    simulator,
  }
}

const messages = '"messages":[{"role":"user","content":"Hi"}]'

describe('a request that is relayed', () => {
  it('goes byte for byte where no quirk concerns it', async () => {
    const body = `{ "temperature": 1.0, "model":"small",\n${messages}, "unknown": 12345678901234567890 }`
    expect(await send({ type: 'mistral' }, body)).toMatchObject({ body, warnings: [] })
  })

  it('keeps its numbers and what is unknown where one does', async () => {
    const body = `{"seed":1.0,"temperature":-0,"model":"small",${messages},"unknown":[12345678901234567890,1e400,{"a":1.50}],"user":"u"}`
    expect(await send({ type: 'mistral' }, body)).toMatchObject({
      body: `{"temperature":-0,"model":"small",${messages},"unknown":[12345678901234567890,1e400,{"a":1.50}],"random_seed":1.0}`,
      warnings: ['user'],
    })
  })

  it('is seen through escapes and repeated keys', async () => {
    const escaped = await send({ type: 'mistral' }, `{"model":"small","\\u0073eed":7,${messages}}`)
    expect(JSON.parse(escaped.body)).toMatchObject({ random_seed: 7 })
    const role = await send(
      { type: 'mistral' },
      `{"model":"small","messages":[{"role":"\\u0064eveloper","content":"Hi"}]}`,
    )
    expect(JSON.parse(role.body)).toMatchObject({ messages: [{ role: 'system' }] })
  })

  it('streams without asking for usage where that comes anyway', async () => {
    const { body } = await send({ type: 'mistral' }, `{"model":"small","stream":true,${messages}}`)
    expect(JSON.parse(body)).toEqual({ model: 'small', stream: true, messages: [{ role: 'user', content: 'Hi' }] })
    const asked = await send(
      { type: 'mistral' },
      `{"model":"small","stream":true,"stream_options":{"include_usage":true},${messages}}`,
    )
    expect(JSON.parse(asked.body)).not.toHaveProperty('stream_options')
    expect(asked.warnings).toEqual([])
    const usual = await send({ type: 'groq' }, `{"model":"small","stream":true,${messages}}`)
    expect(JSON.parse(usual.body)).toMatchObject({ stream_options: { include_usage: true } })
  })

  it('has the quirks that its configuration names, of its models only', async () => {
    const quirks = ['drop:seed@small', 'drop:user@other*']
    const { body, warnings } = await send(
      { type: 'openai_compatible', quirks },
      `{"model":"small","seed":1,"user":"u",${messages}}`,
    )
    expect(JSON.parse(body)).toEqual({ model: 'small', user: 'u', messages: [{ role: 'user', content: 'Hi' }] })
    expect(warnings).toEqual(['seed'])
  })
})

describe('a request that is translated', () => {
  const conversation = JSON.stringify({
    model: 'small',
    max_tokens: 50,
    messages: [
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'I have to look.', signature: 'c2ln' },
          { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'Rain' }] },
    ],
  })
  const turnFor = async (type: string): Promise<unknown> => {
    const { body } = await send({ type }, conversation, false, anthropicMessages)
    return (JSON.parse(body) as { messages: unknown[] }).messages[1]
  }

  it('says what the model thought before its calls to providers that want to know, as they name it', async () => {
    expect(await turnFor('deepseek')).toMatchObject({ role: 'assistant', reasoning_content: 'I have to look.' })
    expect(await turnFor('moonshot')).toMatchObject({ role: 'assistant', reasoning_content: 'I have to look.' })
    expect(await turnFor('openrouter')).toMatchObject({
      reasoning_details: [{ type: 'reasoning.text', text: 'I have to look.', signature: 'c2ln' }],
    })
    const usual = await turnFor('groq')
    expect(usual).not.toHaveProperty('reasoning_content')
    expect(usual).not.toHaveProperty('reasoning_details')
  })
})

describe('strict', () => {
  it('refuses what would be lost, naming all of it', async () => {
    const sending = send({ type: 'mistral' }, `{"model":"small","user":"u","logit_bias":{"1":1},${messages}}`, true)
    await expect(sending).rejects.toMatchObject({
      code: 'lossy_request',
      status: 400,
      param: 'user',
      message: expect.stringMatching(/`strict`.*user: .*logit_bias: /s) as string,
    })
  })

  it('lets pass what only has another name', async () => {
    const { body } = await send({ type: 'mistral' }, `{"model":"small","max_completion_tokens":5,${messages}}`, true)
    expect(JSON.parse(body)).toMatchObject({ max_tokens: 5 })
  })
})
