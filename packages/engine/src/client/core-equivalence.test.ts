import { type Behaviour, startSimulator } from '@sluice/simulator'
import { expect, it } from 'vitest'
import { configure, createCore, type ChatClient, SluiceError } from '../core.ts'
import { openai } from '../providers/openai.ts'
import { createSluice } from './create-sluice.ts'

// The core reads answers on their way, once; the whole library relays their bytes first. Nobody shall see which.
const behaviours: Readonly<Record<string, Behaviour>> = {
  'a good answer': {},
  'an answer byte by byte': { fault: { kind: 'split', size: 1 } },
  'a line of a million characters': { fault: { kind: 'long-line', size: 1_000_000 } },
  'an answer that calls tools': { reply: { toolCalls: [{ id: 'call_1', name: 'add', arguments: { a: 1 } }] } },
  'an overloaded provider': { fault: { kind: 'status', status: 503, retryAfterMs: 5 } },
  'a refused key': { fault: { kind: 'status', status: 401 } },
  'a rate limit': { fault: { kind: 'status', status: 429, retryAfter: 7 } },
  'an error inside a good answer': { fault: { kind: 'error-inside' } },
  'an error in the middle': { fault: { kind: 'error-inside', at: 3 } },
  'an error as JSON where a stream was asked for': { fault: { kind: 'error-inside', json: true } },
  'an error as vLLM writes it': {
    raw: { body: '{"object":"error","message":"boom","type":"BadRequestError","code":400}' },
  },
  'an error as FastAPI writes it': { raw: { body: '{"detail":[{"loc":["body","n"],"msg":"boom","type":"missing"}]}' } },
  'broken JSON in the middle': { fault: { kind: 'invalid-json', at: 3 } },
  'a page of HTML': { fault: { kind: 'html', status: 502 } },
  'nothing at all': { fault: { kind: 'empty' } },
  'comments in between': { fault: { kind: 'keep-alive', count: 3 } },
  'lines that end in CR': { fault: { kind: 'line-ends', value: '\r' } },
  'no [DONE]': { fault: { kind: 'missing-end' } },
  'no usage': { fault: { kind: 'missing-usage' } },
  'a connection closed at once': { fault: { kind: 'cut', at: 'head' } },
  'a connection closed after the head': { fault: { kind: 'cut', at: 0 } },
  'a connection closed in the middle': { fault: { kind: 'cut', at: { event: 3 } } },
  'a connection reset in the middle': { fault: { kind: 'reset', at: { event: 3 } } },
  'an answer that ends too early': { fault: { kind: 'truncate', at: { event: 3 } } },
  'a connection reset after the last byte': { fault: { kind: 'reset', at: 1_000_000 } },
  'no choice': choices(),
  'a choice without a word of its end': choices({ message: { content: 'Hi' } }),
  'a choice that says nothing': choices({ index: 0, message: { role: 'assistant', content: '' }, finish_reason: null }),
  'a choice without a message': choices({ index: 0 }),
  'choices of which one says nothing': choices({ message: { content: 'Hi' } }, { message: { content: null } }),
  'an empty word for the end': choices({ index: 0, message: { content: 'Hi' }, finish_reason: '' }),
  'an empty word for the end of nothing': choices({ index: 0, finish_reason: '' }),
}

function choices(...all: readonly object[]): Behaviour {
  return { raw: { body: JSON.stringify({ object: 'chat.completion', model: 'small', choices: all }) } }
}

const messages = [{ role: 'user', content: 'Count to seven, in words, one after another.' }] as const

it.each(Object.entries(behaviours))('answers as the whole library does: %s', async (_name, behaviour) => {
  const simulator = await startSimulator({ always: behaviour })
  const core = createCore({
    providers: [configure(openai, { apiKey: 'secret-key-1', baseUrl: simulator.url, maxRetries: 0 })],
  })
  const whole = createSluice(
    { providers: { openai: { api_key: 'secret-key-1', base_url: simulator.url, max_retries: 0 } } },
    { environment: {} },
  )
  try {
    for (const model of ['openai/gpt-4o-mini', 'openai/gpt-6-luna']) {
      const request = { model, messages, temperature: 0.5, 'x-own': [1] }
      expect(await outcome(core, request)).toEqual(await outcome(whole, request))
    }
    const sent = simulator.requests.flatMap(({ body }) =>
      body.length === 0 ? [] : [JSON.parse(String(body)) as unknown],
    )
    expect([sent[0], sent[1], sent[4], sent[5]]).toEqual([sent[2], sent[3], sent[6], sent[7]])
    expect(sent).toHaveLength(8)
  } finally {
    await Promise.all([core.close(), whole.close()])
    await simulator.close()
  }
})

async function outcome(client: ChatClient, request: Parameters<ChatClient['chat']>[0]): Promise<unknown> {
  const stream = client.stream(request)
  const events: unknown[] = []
  const streamed = async (): Promise<unknown> => {
    for await (const event of stream) events.push('id' in event ? { ...event, id: '', created: 0 } : event)
    return stream.result()
  }
  return [await settled(client.chat(request)), await settled(streamed()), events, (await stream.usage()).usage]
}

/** Without what differs from call to call, and how the wire was written, which the core does not note. */
async function settled(promise: Promise<unknown>): Promise<unknown> {
  try {
    const answer = { ...((await promise) as object), id: '', created: 0, requestId: '', cost: null }
    const text = JSON.stringify(answer, (key, value: unknown) => (key === 'openai-chat/form' ? undefined : value))
    return JSON.parse(text.replaceAll(',"extensions":{}', '')) as unknown
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    const { code, message, status, retryable, retryAfterMs, upstream } = error
    return { code, message, status, retryable, retryAfterMs, upstream: { ...upstream, requestId: '' } }
  }
}

it('begins again where a stream is broken at its beginning, and sends a provider nothing that was said for routing', async () => {
  const simulator = await startSimulator()
  simulator.next({ fault: { kind: 'invalid-json', at: 0 } })
  const core = createCore({ providers: [configure(openai, { apiKey: 'secret-key-1', baseUrl: simulator.url })] })
  try {
    const answer = await core.stream({ messages, models: ['a'], provider: { order: ['b'] } }).result()
    expect(answer.text).toContain('Count to seven')
    expect(answer.attempts).toBe(2)
    expect(JSON.parse(String(simulator.requests[1]?.body))).toEqual({
      model: 'gpt-6-sol',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    })
  } finally {
    await core.close()
    await simulator.close()
  }
})
