import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Simulator } from '@sluice/simulator'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../../start-test-gateway.ts'

/** State between requests, kept by the gateway for providers that keep none; the official OpenAI client, unmodified. */
const translated = ['openai-chat', 'anthropic-messages', 'gemini-generate']
const day = 24 * 60 * 60 * 1000

let world: TestGateway
let client: OpenAI
let now = Date.now()

const ada = 'key-of-ada'
const bob = 'key-of-bob'

function providers({ url, origin }: Simulator): NonNullable<NonNullable<TestGatewayOptions['config']>['providers']> {
  return Object.fromEntries(
    translated.map((id) => [
      `via-${id}`,
      {
        type: 'openai_compatible',
        base_url: id === 'gemini-generate' ? `${origin}/v1beta` : url,
        api_key: 'upstream-key',
        max_retries: 0,
        speaks: [id],
        models: ['small'],
        models_path: null,
      },
    ]),
  )
}

function clientOf({ url }: TestGateway, apiKey = ada): OpenAI {
  return new OpenAI({ apiKey, baseURL: url, maxRetries: 0 })
}

beforeAll(async () => {
  world = await startTestGateway({ providers, now: () => now, config: { server: { keys: [ada, bob] } } })
  client = clientOf(world)
})

beforeEach(() => world.simulator.reset())

afterAll(() => world.close())

/** All text that the provider was sent in the newest request, in its order. */
function heard({ simulator }: TestGateway = world): string {
  return simulator.requests.at(-1)?.body.toString('utf8') ?? ''
}

function inOrder(...pieces: readonly string[]): RegExp {
  return new RegExp(pieces.join('[^]*'))
}

const weather = {
  type: 'function' as const,
  name: 'get_weather',
  strict: false,
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

async function finish(
  openai: OpenAI,
  request: OpenAI.Responses.ResponseCreateParamsNonStreaming,
): Promise<OpenAI.Responses.Response> {
  const stream = await openai.responses.create({ ...request, stream: true })
  for await (const event of stream) if (event.type === 'response.completed') return event.response
  throw new Error('The stream ended without a response.')
}

describe.each(translated)('with a provider that speaks %s', (id) => {
  const model = `via-${id}/small`

  test.each([
    ['whole', (request: OpenAI.Responses.ResponseCreateParamsNonStreaming) => client.responses.create(request)],
    ['streamed', (request: OpenAI.Responses.ResponseCreateParamsNonStreaming) => finish(client, request)],
  ])('a conversation goes on by the id of its last answer, %s', async (_, ask) => {
    world.simulator.next({ reply: { text: 'Sunny in Oslo.' } }, { reply: { text: 'Rain in Rome.' } })
    const first = await ask({ model, instructions: 'Be brief.', input: 'Oslo?', metadata: { trip: '7' } })
    expect(first).toMatchObject({ store: true, instructions: 'Be brief.', metadata: { trip: '7' } })
    const second = await ask({ model, instructions: 'Be long.', input: 'And Rome?', previous_response_id: first.id })
    expect(second.previous_response_id).toBe(first.id)
    expect(heard()).toMatch(inOrder('Oslo\\?', 'Sunny in Oslo\\.', 'And Rome\\?'))
    expect(heard()).toContain('Be long.')
    expect(heard()).not.toContain('Be brief.')

    await ask({ model, input: 'And Bergen?', previous_response_id: second.id })
    expect(heard()).toMatch(inOrder('Oslo\\?', 'Sunny in Oslo', 'And Rome\\?', 'Rain in Rome', 'And Bergen\\?'))
    expect(heard()).not.toContain('previous_response_id')
    // Another branch of the same conversation.
    await ask({ model, input: 'And Turku?', previous_response_id: first.id })
    expect(heard()).not.toContain('Rome')
  })

  test.each([false, true])(
    'results of tools need only the id of the answer that called them, streamed: %s',
    async (stream) => {
      const ask = (request: OpenAI.Responses.ResponseCreateParamsNonStreaming): Promise<OpenAI.Responses.Response> =>
        stream ? finish(client, request) : client.responses.create(request)
      const calls = ['Oslo', 'Rome'].map((city) => ({ id: `call_${city}`, name: 'get_weather', arguments: { city } }))
      world.simulator.next({ reply: { text: 'A moment.', toolCalls: calls } }, { reply: { text: 'Both sunny.' } })
      const asked = await ask({ model, input: 'Weather?', tools: [weather] })
      const outputs = asked.output.flatMap((item) =>
        item.type === 'function_call'
          ? [{ type: 'function_call_output' as const, call_id: item.call_id, output: `sunny there ${item.arguments}` }]
          : [],
      )
      expect(outputs).toHaveLength(2)
      const answer = await ask({ model, tools: [weather], input: outputs, previous_response_id: asked.id })
      expect(answer.output.at(-1)).toMatchObject({ content: [{ text: 'Both sunny.' }] })
      expect(heard()).toMatch(
        inOrder('Weather\\?', 'A moment\\.', 'get_weather', 'Oslo', 'Rome', 'sunny there', 'sunny there'),
      )
    },
  )

  test('an answer that is not to be stored cannot be gone on from', async () => {
    const answered = await client.responses.create({ model, input: 'Oslo?', store: false })
    expect(answered).toMatchObject({ store: false })
    const { id: unstored } = answered
    await expect(
      client.responses.create({ model, input: 'And Rome?', previous_response_id: unstored }),
    ).rejects.toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
      param: 'previous_response_id',
      message: expect.stringContaining(`Previous response with id '${unstored}' not found.`) as string,
    })
    await expect(client.responses.retrieve(unstored)).rejects.toMatchObject({ status: 404 })
  })

  test('a stream that breaks off leaves nothing behind', async () => {
    world.simulator.next({
      reply: { text: ['It ', 'is ', 'sunny ', 'in ', 'Oslo.'] },
      fault: { kind: 'cut', at: { event: 4 } },
    })
    let seen = ''
    const read = async (): Promise<void> => {
      const stream = await client.responses.create({ model, input: 'Oslo?', stream: true })
      for await (const event of stream) if (event.type === 'response.created') seen = event.response.id
    }
    await read().catch(() => undefined)
    expect(seen).toMatch(/^resp_/)
    await expect(client.responses.retrieve(seen)).rejects.toMatchObject({ status: 404 })
  })
})

test('a caller who leaves in the middle leaves nothing behind', async () => {
  const model = 'via-openai-chat/small'
  world.simulator.next({ reply: { text: ['It ', 'is ', 'sunny.'] }, fault: { kind: 'hang', at: { event: 3 } } })
  const stream = await client.responses.create({ model, input: 'Oslo?', stream: true })
  let seen = ''
  for await (const event of stream) {
    if (event.type === 'response.created') seen = event.response.id
    if (event.type === 'response.output_text.delta') break
  }
  await world.simulator.requests.at(-1)!.closed()
  await expect(client.responses.retrieve(seen)).rejects.toMatchObject({ status: 404 })
})

describe('an answer that is kept', () => {
  const model = 'via-openai-chat/small'

  test('can be had again, as it was', async () => {
    const answered = await client.responses.create({ model, input: 'Oslo?' }).asResponse()
    const response = (await answered.json()) as { id: string }
    const again = await client.responses.retrieve(response.id).asResponse()
    expect(await again.json()).toEqual(response)
    const streamed = await finish(client, { model, input: 'Oslo?' })
    expect(await (await client.responses.retrieve(streamed.id).asResponse()).json()).toEqual(streamed)
  })

  test('is gone when it was deleted, and so is what goes on from it', async () => {
    const first = await client.responses.create({ model, input: 'Oslo?' })
    const second = await client.responses.create({ model, input: 'Rome?', previous_response_id: first.id })
    const deleted = await client.responses.delete(first.id).asResponse()
    expect(await deleted.json()).toEqual({ id: first.id, object: 'response', deleted: true })
    await expect(client.responses.retrieve(first.id)).rejects.toMatchObject({ status: 404 })
    await expect(client.responses.delete(first.id)).rejects.toMatchObject({ status: 404 })
    await expect(
      client.responses.create({ model, input: 'Bergen?', previous_response_id: second.id }),
    ).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' })
  })

  test('is nobody else’s', async () => {
    const other = clientOf(world, bob)
    const { id } = await client.responses.create({ model, input: 'Oslo?' })
    await expect(other.responses.retrieve(id)).rejects.toMatchObject({ status: 404, code: 'response_not_found' })
    await expect(other.responses.inputItems.list(id)).rejects.toMatchObject({ status: 404 })
    await expect(other.responses.delete(id)).rejects.toMatchObject({ status: 404 })
    await expect(other.responses.create({ model, input: 'And?', previous_response_id: id })).rejects.toMatchObject({
      status: 400,
      code: 'previous_response_not_found',
    })
    await expect(client.responses.retrieve(id)).resolves.toMatchObject({ id })
  })

  test('expires, but not before what goes on from it', async () => {
    const first = await client.responses.create({ model, input: 'Oslo?' })
    now += 29 * day
    const second = await client.responses.create({ model, input: 'Rome?', previous_response_id: first.id })
    now += 29 * day
    await client.responses.create({ model, input: 'Bergen?', previous_response_id: second.id, store: false })
    expect(heard()).toMatch(inOrder('Oslo\\?', 'Rome\\?', 'Bergen\\?'))
    now += day
    await expect(client.responses.retrieve(second.id)).rejects.toMatchObject({ status: 404 })
    await expect(
      client.responses.create({ model, input: 'Turku?', previous_response_id: second.id }),
    ).rejects.toMatchObject({ status: 400 })
  })

  test('tells what went into it, page by page', async () => {
    world.simulator.always({ reply: { text: 'Sunny.' } })
    const first = await client.responses.create({ model, input: 'Oslo?' })
    const input = ['Rome?', 'Bergen?'].map((content) => ({ role: 'user' as const, content }))
    const second = await client.responses.create({ model, input, previous_response_id: first.id })
    const texts: unknown[] = []
    for await (const item of client.responses.inputItems.list(second.id, { order: 'asc', limit: 3 })) {
      expect(item).toMatchObject({ type: 'message', id: expect.stringMatching(/^msg_/) as string })
      if (item.type === 'message') texts.push((item.content[0] as { text: string }).text)
    }
    expect(texts).toEqual(['Oslo?', 'Sunny.', 'Rome?', 'Bergen?'])
    const newest = await client.responses.inputItems.list(second.id, { limit: 1 })
    expect(newest).toMatchObject({ data: [{ content: [{ text: 'Bergen?' }] }], has_more: true })
    await expect(client.responses.inputItems.list(second.id, { limit: 0 })).rejects.toMatchObject({ param: 'limit' })
  })

  test('lends its items to other requests', async () => {
    world.simulator.always({ reply: { text: 'Sunny.' } })
    const first = await client.responses.create({ model, input: 'Oslo?' })
    const [asked] = (await client.responses.inputItems.list(first.id)).data
    const references = [asked?.id, first.output[0]?.id].map((id) => ({ type: 'item_reference' as const, id: id ?? '' }))
    await client.responses.create({ model, input: [...references, { role: 'user', content: 'And Rome?' }] })
    expect(heard()).toMatch(inOrder('Oslo\\?', 'Sunny\\.', 'And Rome\\?'))
    await expect(
      client.responses.create({ model, input: [{ type: 'item_reference', id: 'msg_none' }] }),
    ).rejects.toMatchObject({ status: 400, param: 'input', message: expect.stringContaining('msg_none') as string })
  })

  test('can be neither cancelled nor streamed again', async () => {
    const { id } = await client.responses.create({ model, input: 'Oslo?' })
    await expect(client.responses.cancel(id)).rejects.toMatchObject({ status: 400 })
    await expect(client.responses.retrieve(id, { stream: true })).rejects.toMatchObject({
      status: 400,
      param: 'stream',
    })
  })
})

test('what a provider without state cannot do is refused, with the way out', async () => {
  const model = 'via-openai-chat/small'
  for (const member of [{ background: true }, { conversation: 'conv_1' }, { previous_response_id: 'resp_none' }]) {
    const param = Object.keys(member)[0]
    await expect(client.responses.create({ model, input: 'Oslo?', ...member })).rejects.toMatchObject({
      status: 400,
      param,
    })
  }
  expect(world.simulator.requests).toHaveLength(0)
})

test("a thinking model's signature reaches it again with the results of its tools", async () => {
  const model = 'via-anthropic-messages/small'
  const thinking = { type: 'thinking', thinking: 'Let me look.', signature: 'c2lnbmVk' }
  const redacted = { type: 'redacted_thinking', data: 'cmVkYWN0ZWQ' }
  const call = { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Oslo' } }
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'small', stop_sequence: null }
  const usage = { input_tokens: 3, output_tokens: 5 }
  world.simulator.next({
    raw: { body: JSON.stringify({ ...message, content: [thinking, redacted, call], stop_reason: 'tool_use', usage }) },
  })
  const tools = [weather]
  const asked = await client.responses.create({ model, input: 'Oslo?', tools, reasoning: { effort: 'high' } })
  await client.responses.create({
    model,
    tools,
    reasoning: { effort: 'high' },
    previous_response_id: asked.id,
    input: [{ type: 'function_call_output', call_id: 'toolu_1', output: 'sunny' }],
  })
  const { messages } = world.simulator.requests.at(-1)!.json() as { messages: unknown[] }
  expect(messages).toMatchObject([
    { role: 'user' },
    { role: 'assistant', content: [thinking, redacted, call] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1' }] },
  ])
  // A model of another provider is told what was said, and nothing that only the first can read.
  await client.responses.create({
    model: 'via-openai-chat/small',
    tools,
    previous_response_id: asked.id,
    input: [{ type: 'function_call_output', call_id: 'toolu_1', output: 'sunny' }],
  })
  expect(heard()).toMatch(inOrder('Oslo\\?', 'get_weather', 'sunny'))
  expect(heard()).not.toMatch(/c2lnbmVk|cmVkYWN0ZWQ|Let me look/)
})

test("a call's thought signature reaches Google's model again", async () => {
  const model = 'via-gemini-generate/small'
  const call = { functionCall: { name: 'get_weather', args: { city: 'Oslo' } }, thoughtSignature: 'c2lnbmVk' }
  const candidate = { content: { role: 'model', parts: [call] }, finishReason: 'STOP', index: 0 }
  world.simulator.next({ raw: { body: JSON.stringify({ candidates: [candidate], responseId: 'r1' }) } })
  const asked = await client.responses.create({ model, input: 'Oslo?', tools: [weather] })
  const item = asked.output.find((one) => one.type === 'function_call')
  await client.responses.create({
    model,
    tools: [weather],
    previous_response_id: asked.id,
    input: [{ type: 'function_call_output', call_id: item?.call_id ?? '', output: 'sunny' }],
  })
  expect(world.simulator.requests.at(-1)?.json()).toMatchObject({
    contents: [{ role: 'user' }, { role: 'model', parts: [call] }, { role: 'user' }],
  })
})

test('a conversation outlives the gateway', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-restart-'))
  const config = { server: { keys: [ada], data_dir: folder } }
  const model = 'via-anthropic-messages/small'
  const before = await startTestGateway({ providers, config })
  const { id } = await clientOf(before).responses.create({ model, input: 'Oslo?' })
  await before.close()
  // The same caller, whose key stands elsewhere in the configuration by now.
  const moved = { server: { keys: [bob, ada], data_dir: folder } }
  await using after = await startTestGateway({ providers, config: moved })
  await clientOf(after).responses.create({ model, input: 'And Rome?', previous_response_id: id })
  expect(heard(after)).toMatch(inOrder('Oslo\\?', 'And Rome\\?'))
  await expect(clientOf(after, bob).responses.retrieve(id)).rejects.toMatchObject({ status: 404 })
  rmSync(folder, { recursive: true, force: true })
})

test('without a place to write, conversations are kept in memory, and the log says so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-taken-'))
  const taken = join(folder, 'taken')
  writeFileSync(taken, '')
  await using gateway = await startTestGateway({ providers, config: { server: { data_dir: taken } } })
  const model = 'via-openai-chat/small'
  const { id } = await clientOf(gateway).responses.create({ model, input: 'Oslo?' })
  await clientOf(gateway).responses.create({ model, input: 'And Rome?', previous_response_id: id })
  expect(heard(gateway)).toMatch(inOrder('Oslo\\?', 'And Rome\\?'))
  expect(gateway.log.filter(({ msg }) => msg.includes('in memory only'))).toHaveLength(1)
  rmSync(folder, { recursive: true, force: true })
})

test('nothing is kept where that is switched off', async () => {
  await using gateway = await startTestGateway({ providers, config: { responses: { store: false } } })
  const model = 'via-openai-chat/small'
  const answered = await clientOf(gateway).responses.create({ model, input: 'Oslo?' })
  expect(answered).toMatchObject({ store: false })
  const { id } = answered
  await expect(
    clientOf(gateway).responses.create({ model, input: 'Rome?', previous_response_id: id }),
  ).rejects.toMatchObject({ status: 400, param: 'previous_response_id' })
  await expect(clientOf(gateway).responses.retrieve(id)).rejects.toMatchObject({ status: 404 })
})
