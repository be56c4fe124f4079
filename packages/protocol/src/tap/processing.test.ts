import { describe, expect, test } from 'vitest'
import type { Dialect, Tap } from '../dialect.ts'
import { anthropicMessages } from '../dialects/anthropic-messages/anthropic-messages.ts'
import { bedrockConverse } from '../dialects/bedrock-converse/bedrock-converse.ts'
import { openaiChat } from '../dialects/openai-chat/openai-chat.ts'
import { openaiResponses } from '../dialects/openai-responses/openai-responses.ts'
import { translateResult, translateStream } from '../translate/translation.ts'

const encoder = new TextEncoder()

function read(tap: Tap, text: string): Tap {
  tap.write(encoder.encode(text))
  tap.end()
  return tap
}

const chat = { id: '1', model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' } }] }
const counted = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
const message = { id: '1', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: 'end_turn' }
const anthropicUsage = { input_tokens: 1, output_tokens: 1, service_tier: 'priority' }

const wholes: readonly [Dialect, object, string][] = [
  [openaiChat, { ...chat, usage: counted, service_tier: 'flex' }, 'flex'],
  [openaiResponses, { id: 'resp_1', output: [], usage: {}, service_tier: 'priority' }, 'priority'],
  [anthropicMessages, { ...message, usage: anthropicUsage }, 'priority'],
  [bedrockConverse, { output: {}, stopReason: 'end_turn', serviceTier: { type: 'flex' } }, 'flex'],
]

const event = (data: object, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`

const streams: readonly [Dialect, string, string][] = [
  [
    openaiChat,
    event({ ...chat, choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: 'stop' }], service_tier: 'flex' }) +
      event({ ...chat, choices: [], usage: counted, service_tier: 'flex' }),
    'flex',
  ],
  [
    openaiResponses,
    event(
      { type: 'response.completed', response: { status: 'completed', output: [], service_tier: 'flex' } },
      'response.completed',
    ),
    'flex',
  ],
  [
    anthropicMessages,
    event({ type: 'message_start', message: { ...message, usage: anthropicUsage } }, 'message_start'),
    'priority',
  ],
]

describe('how an answer was processed', () => {
  test.each(wholes)('is read of a whole one: %o', (dialect, body, word) => {
    expect(read(dialect.tap.result(), JSON.stringify(body)).processing?.()).toBe(word)
  })

  test.each(streams)('is read of a stream: %o', (dialect, text, word) => {
    expect(read(dialect.tap.stream({ hideUsage: false }), text).processing?.()).toBe(word)
  })

  test('is not said where the provider does not say it', () => {
    expect(read(openaiChat.tap.result(), JSON.stringify({ ...chat, usage: counted })).processing?.()).toBeUndefined()
    const silent = { ...message, usage: { input_tokens: 1, output_tokens: 1 } }
    expect(read(anthropicMessages.tap.result(), JSON.stringify(silent)).processing?.()).toBeUndefined()
  })

  test('is read through translation', () => {
    const options = {
      caller: anthropicMessages,
      provider: openaiChat,
      usageRequested: true,
      context: { warn: () => undefined },
    }
    const [, whole] = wholes[0]!
    const [, stream] = streams[0]!
    expect(read(translateResult({ ...options, stream: false }), JSON.stringify(whole)).processing?.()).toBe('flex')
    expect(read(translateStream({ ...options, stream: true }), stream).processing?.()).toBe('flex')
  })
})
