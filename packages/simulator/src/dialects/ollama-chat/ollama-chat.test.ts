import { type ChatRequest, type ChatResponse, Ollama } from 'ollama'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator.ts'

let simulator: Simulator
let client: Ollama
afterEach(() => simulator.close())

async function start(options: SimulatorOptions = {}): Promise<void> {
  await (simulator as Simulator | undefined)?.close()
  simulator = await startSimulator(options)
  client = new Ollama({ host: new URL(simulator.url).origin, headers: { Authorization: 'Bearer key-1' } })
}
beforeEach(() => start())

const model = 'gemma4'
const messages = [{ role: 'user', content: 'Good morning' }]
const spoken = "This is Sluice's demo provider, not a model. You said: Good morning"
const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
}

function ask(members: Partial<ChatRequest> = {}): Promise<ChatResponse> {
  return client.chat({ model, messages, ...members, stream: false })
}

async function stream(members: Partial<ChatRequest> = {}): Promise<ChatResponse[]> {
  const lines: ChatResponse[] = []
  for await (const line of await client.chat({ model, messages, ...members, stream: true })) lines.push(line)
  return lines
}

const textOf = (lines: readonly ChatResponse[]): string => lines.map(({ message }) => message.content).join('')

describe('an answer', () => {
  test('is whole', async () => {
    expect(await ask()).toMatchObject({
      model,
      message: { role: 'assistant', content: spoken },
      done: true,
      done_reason: 'stop',
      prompt_eval_count: 5,
      eval_count: 12,
    })
    expect(simulator.requests.at(-1)?.path).toBe('/api/chat')
    expect(simulator.requests.at(-1)?.header('authorization')).toBe('Bearer key-1')
  })

  test('streams in lines, the last of which says so', async () => {
    const lines = await stream()
    expect(textOf(lines)).toBe(spoken)
    expect(lines.length).toBeGreaterThan(5)
    expect(lines.slice(0, -1).every((line) => !line.done && line.done_reason === undefined)).toBe(true)
    expect(lines.at(-1)).toMatchObject({ done: true, done_reason: 'stop', prompt_eval_count: 5, eval_count: 12 })
  })

  test('streams unless told not to', async () => {
    const body = JSON.stringify({ model, messages })
    const response = await fetch(new URL('/api/chat', simulator.url), { method: 'POST', body })
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    expect((await response.text()).trim().split('\n').length).toBeGreaterThan(5)
  })

  test('thinks', async () => {
    simulator.always({ reply: { reasoning: 'Hm, well.', text: 'Yes.' } })
    expect((await ask({ think: 'high' })).message).toMatchObject({ thinking: 'Hm, well.', content: 'Yes.' })
    const lines = await stream({ think: true })
    expect(lines.map(({ message }) => message.thinking ?? '').join('')).toBe('Hm, well.')
    expect(textOf(lines)).toBe('Yes.')
  })

  test('calls tools and hears what they say', async () => {
    const said = [{ role: 'user', content: 'What is the weather?' }]
    const call = { function: { name: 'get_weather', arguments: { city: 'example' } } }
    const { message } = await ask({ messages: said, tools: [weather] })
    expect(message).toMatchObject({ content: '', tool_calls: [call] })
    const lines = await stream({ messages: said, tools: [weather] })
    expect(lines.flatMap((line) => line.message.tool_calls ?? [])).toMatchObject([call])
    const answer = await ask({
      messages: [...said, message, { role: 'tool', tool_name: 'get_weather', content: '20 °C' }],
      tools: [weather],
    })
    expect(answer.message.content).toContain('The tool answered: 20 °C')
  })

  test('looks at images', async () => {
    await ask({ messages: [{ role: 'user', content: 'What is this?', images: [Uint8Array.of(1, 2, 3)] }] })
    expect(simulator.requests.at(-1)?.json()).toMatchObject({ messages: [{ images: ['AQID'] }] })
  })

  test('is JSON where that is wanted', async () => {
    expect(JSON.parse((await ask({ format: 'json' })).message.content)).toHaveProperty('answer')
    const format = weather.function.parameters
    expect(JSON.parse((await ask({ format })).message.content)).toEqual({ city: 'example' })
  })

  test('keeps to its options', async () => {
    const { message, done_reason: reason } = await ask({ options: { num_predict: 3, num_ctx: 2048 } })
    expect([message.content, reason]).toEqual(["This is Sluice's", 'length'])
    expect((await ask({ options: { stop: [' not'] } })).message.content).toBe("This is Sluice's demo provider,")
  })

  test('has log probabilities where they are wanted', async () => {
    expect((await ask()).logprobs).toBeUndefined()
    expect((await ask({ logprobs: true })).logprobs?.[0]).toMatchObject({ token: 'This', logprob: -0.1 })
  })

  test('to nothing only loads the model', async () => {
    expect(await ask({ messages: [] })).toMatchObject({ message: { content: '' }, done: true, done_reason: 'load' })
    expect(await ask({ messages: [], keep_alive: 0 })).toMatchObject({ done_reason: 'unload' })
  })
})

describe('the rest of the server', () => {
  test('lists its models and tells its version', async () => {
    await start({ models: ['small', 'large'] })
    expect((await client.list()).models.map(({ name }) => name)).toEqual(['small', 'large'])
    expect((await client.version()).version).toMatch(/^\d+\.\d+\.\d+$/)
  })
})

describe('what goes wrong', () => {
  test.each<[string, Partial<ChatRequest>, string]>([
    ['no model', { model: '' }, 'model is required'],
    ['a strange role', { messages: [{ role: 'bard', content: 'Hi' }] }, 'invalid role: bard'],
    ['an image that is none', { messages: [{ role: 'user', content: '', images: ['data:x'] }] }, 'illegal base64'],
    ['a strange format', { format: 'xml' }, 'invalid format'],
    ['a strange effort', { think: 'extreme' as 'high' }, 'invalid think value'],
    ['an option of a wrong type', { options: { temperature: 'hot' as unknown as number } }, 'option "temperature"'],
  ])('%s is refused', async (_, members, message) => {
    await expect(ask(members)).rejects.toMatchObject({ status_code: 400, message: expect.stringContaining(message) })
  })

  test('a model that is not there', async () => {
    await start({ models: ['small'] })
    await expect(ask()).rejects.toMatchObject({ status_code: 404, message: "model 'gemma4' not found" })
  })

  test('a full queue', async () => {
    simulator.always({ fault: { kind: 'status', status: 503 } })
    await expect(ask()).rejects.toMatchObject({ status_code: 503, message: expect.stringContaining('server busy') })
  })

  test('a wrong key', async () => {
    await start({ apiKey: 'key-2' })
    await expect(ask()).rejects.toMatchObject({ status_code: 401, message: 'unauthorized' })
  })

  test('an error in the stream', async () => {
    simulator.always({ fault: { kind: 'error-inside', at: 2 } })
    await expect(stream()).rejects.toThrow('an error was encountered while running the model')
  })

  test('a stream that just ends', async () => {
    simulator.always({ fault: { kind: 'missing-end' } })
    await expect(stream()).rejects.toThrow('Did not receive done')
  })

  test('a client that leaves', async () => {
    simulator.always({ fault: { kind: 'endless' }, timing: { gap: 1 } })
    const lines = await client.chat({ model, messages, stream: true })
    await expect(async () => {
      for await (const line of lines) if (line.message.content !== '') lines.abort()
    }).rejects.toMatchObject({ name: 'AbortError' })
    expect(await simulator.requests.at(-1)?.closed()).toBe('aborted')
  })
})
