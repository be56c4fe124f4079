import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { describeChatDialect } from '../../contracts/chat-dialect-contract.ts'
import type { FailedStream } from '../../contracts/chat-fixtures.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import { foldChatEvents } from '../../ir/fold-chat-events.ts'
import { errorAnswers } from './__fixtures__/error-answers.ts'
import { frameEvent, frameEvents, framed, unframeEvents } from './__fixtures__/frame-events.ts'
import { bedrockConverse } from './bedrock-converse.ts'

function read<T>(folder: string, parse: (text: string) => T): Record<string, T> {
  const url = new URL(`__fixtures__/${folder}/`, import.meta.url)
  return Object.fromEntries(
    readdirSync(url).map((name) => [name.replace(/\..*$/, ''), parse(readFileSync(new URL(name, url), 'utf8'))]),
  )
}

const json = (text: string): unknown => JSON.parse(text)
const lines = (text: string): readonly unknown[] => text.trim().split('\n').map(json)
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

const start = { messageStart: { role: 'assistant' } }
const delta = { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'It' } } }
const string = (value: string) => ({ type: 'string', value }) as const

const failures: Readonly<Record<string, FailedStream>> = {
  throttled: {
    bytes: frameEvents([start, delta, { throttlingException: { message: 'Slow down.' } }]),
    code: 'rate_limit_exceeded',
  },
  'overloaded at once': {
    bytes: frameEvents([{ serviceUnavailableException: { message: 'Busy.' } }]),
    code: 'upstream_overloaded',
  },
  'the model failed': {
    bytes: frameEvents([start, { modelStreamErrorException: { message: 'No.', originalStatusCode: 500 } }]),
    code: 'upstream_error',
  },
  'too long': {
    bytes: frameEvents([start, { validationException: { message: 'Input is too long for requested model.' } }]),
    code: 'context_length_exceeded',
  },
  'an error that is no exception': {
    bytes: framed(
      {
        ':message-type': string('error'),
        ':error-code': string('InternalServerException'),
        ':error-message': string('It broke.'),
      },
      '',
    ),
    code: 'upstream_error',
  },
  'no start': { bytes: frameEvents([delta]), code: 'upstream_invalid_response' },
  'no JSON': {
    bytes: framed({ ':message-type': string('event'), ':event-type': string('messageStart') }, '{"role'),
    code: 'upstream_invalid_response',
  },
  'a wrong checksum': { bytes: frameEvent(start).with(-1, 0), code: 'upstream_invalid_response' },
  'a page': { bytes: utf8('<html>Bad gateway</html>'), code: 'upstream_invalid_response' },
  'an error body': { bytes: utf8('{"__type":"ThrottlingException","message":"Slow."}'), code: 'rate_limit_exceeded' },
  empty: { bytes: new Uint8Array(), code: 'upstream_disconnected' },
  cut: { bytes: frameEvents([start, delta]).subarray(0, -3), code: 'upstream_disconnected' },
}

describeChatDialect(bedrockConverse, {
  requests: read('requests', json),
  results: read('results', json),
  streams: Object.fromEntries(Object.entries(read('streams', lines)).map(([name, all]) => [name, frameEvents(all)])),
  failures,
  errors: errorAnswers,
  framing: { read: unframeEvents, write: frameEvents },
})

it.each([
  ['us.anthropic.claude-sonnet-5-5', '/model/us.anthropic.claude-sonnet-5-5/converse'],
  ['amazon.nova-lite-v1:0', '/model/amazon.nova-lite-v1%3A0/converse'],
  [
    'arn:aws:bedrock:eu-central-1:1:inference-profile/eu.amazon.nova',
    '/model/arn%3Aaws%3Abedrock%3Aeu-central-1%3A1%3Ainference-profile%2Feu.amazon.nova/converse',
  ],
])('finds the model %s where it put it, and unencoded', (model, path) => {
  expect(bedrockConverse.path(model, false)).toBe(path)
  expect(bedrockConverse.path(model, true)).toBe(`${path}-stream`)
  for (const prefix of ['', '/bedrock', '/v1']) {
    expect(bedrockConverse.peekPath?.(prefix + path)).toEqual({ model, stream: false })
    expect(bedrockConverse.peekPath?.(`${prefix + path}-stream?x=1`)).toEqual({ model, stream: true })
    expect(bedrockConverse.peekPath?.(`${prefix}/model/${model}/converse`)).toEqual({ model, stream: false })
  }
})

it.each([
  '/model/a/invoke',
  '/model/a/count-tokens',
  '/model//converse',
  '/model/converse',
  '/model/%E0%A4%A/converse',
])('refuses %s', (path) => {
  expect(() => bedrockConverse.peekPath?.(path)).toThrow(SluiceError)
})

it('reads a block of very many pieces', () => {
  const events: ChatEvent[] = []
  const decoder = bedrockConverse.stream.decoder((event) => events.push(event), { warn: () => undefined })
  const write = (times: number, ...wires: readonly unknown[]): void => {
    const frames = frameEvents(wires)
    for (let at = 0; at < times; at++) decoder.write(frames)
  }
  const deltaOf = (contentBlockIndex: number, delta: unknown): unknown => ({
    contentBlockDelta: { contentBlockIndex, delta },
  })
  // More than arguments fit on a stack.
  const many = 150_000
  write(1, { messageStart: {} }, { contentBlockStart: { contentBlockIndex: 0, start: { image: { format: 'png' } } } })
  write(many, deltaOf(0, { image: { source: 's' } }))
  write(1, { contentBlockStart: { contentBlockIndex: 1, start: { toolResult: { toolUseId: 't' } } } })
  const said = { text: 'a' }
  write(many / 3, deltaOf(1, { toolResult: [{ json: {} }] }), deltaOf(1, { toolResult: [said, said] }))
  write(1, { messageStop: { stopReason: 'end_turn' } })
  decoder.end()
  const [image, result] = foldChatEvents(events).choices[0]!.content
  expect(image?.extensions?.['bedrock-converse']).toEqual({ image: { format: 'png', source: 's' } })
  const { toolResult } = (result?.extensions?.['bedrock-converse'] ?? {}) as { toolResult?: { content: unknown[] } }
  expect(toolResult?.content).toHaveLength((2 * many) / 3)
  expect(toolResult?.content.slice(0, 3)).toEqual([{ json: {} }, { text: 'aa' }, { json: {} }])
})
