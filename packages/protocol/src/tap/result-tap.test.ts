import { expect, test } from 'vitest'
import type { ChatDialect, Tap } from '../dialect.ts'
import { anthropicMessages } from '../dialects/anthropic-messages/anthropic-messages.ts'
import { bedrockConverse } from '../dialects/bedrock-converse/bedrock-converse.ts'
import { cohereChat } from '../dialects/cohere-chat/cohere-chat.ts'
import { geminiGenerate } from '../dialects/gemini-generate/gemini-generate.ts'
import { ollamaChat } from '../dialects/ollama-chat/ollama-chat.ts'
import { openaiChat } from '../dialects/openai-chat/openai-chat.ts'
import { openaiResponses } from '../dialects/openai-responses/openai-responses.ts'
import { createAnswerTap } from '../translate/answer-tap.ts'

const encoder = new TextEncoder()

function read({ tap }: ChatDialect, body: Uint8Array): Tap {
  const watching = tap.result()
  watching.write(body)
  watching.end()
  return watching
}

const answers: readonly [ChatDialect, answer: object][] = [
  [openaiChat, { choices: [{ finish_reason: 'stop' }], usage: { prompt_tokens: 7 } }],
  [openaiResponses, { output: [{ status: 'completed' }], usage: { input_tokens: 7 } }],
  [anthropicMessages, { content: [{}], stop_reason: 'end_turn', usage: { input_tokens: 7 } }],
  [geminiGenerate, { candidates: [{ finishReason: 'STOP' }], usageMetadata: { promptTokenCount: 7 } }],
  [bedrockConverse, { output: {}, stopReason: 'end_turn', usage: { inputTokens: 7 } }],
  [ollamaChat, { message: {}, done_reason: 'stop', prompt_eval_count: 7 }],
  [cohereChat, { message: {}, finish_reason: 'COMPLETE', usage: { tokens: { input_tokens: 7 } } }],
]
const named = answers.map(([dialect, answer]) => [dialect.id, dialect, JSON.stringify(answer)] as const)

test.each(named)('%s: an answer may be nested deeper than a request', (_, dialect, text) => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const tap = read(dialect, encoder.encode(`{"extra":${deep},${text.slice(1)}`))
  expect([tap.complete, tap.error, tap.usage()?.input, tap.finishReason()]).toEqual([true, undefined, 7, 'stop'])
})

test.each(named)('%s: an answer that is too large to be held is read on its way', (id, dialect, text) => {
  const padding = 'x'.repeat(2 * 1024 * 1024)
  const body = encoder.encode(`{"service_tier":"flex","extra":"${padding}",${text.slice(1)}`)
  const tap = dialect.tap.result()
  const relayed = [0, 1, 2, 3].map((part) => tap.write(body.subarray(part * 700_000, (part + 1) * 700_000)))
  expect(relayed.reduce((size, bytes) => size + (bytes?.length ?? 0), 0)).toBe(body.length)
  expect([tap.end(), tap.started, tap.complete, tap.error]).toEqual([undefined, true, true, undefined])
  expect(tap.usage()?.input).toBe(7)
  // OpenAI's stands within what was not kept.
  expect(tap.finishReason()).toBe(id.startsWith('openai-') ? undefined : 'stop')
  if (id.startsWith('openai-')) expect(tap.processing?.()).toBe('flex')
})

test.each(named)('%s: what is said twice is read as the caller will: the last time counts', (_, dialect, text) => {
  const tap = read(dialect, encoder.encode(text.replace('7', '1').replace(/}$/, `,${text.slice(1)}`)))
  expect([tap.complete, tap.usage()?.input]).toEqual([true, 7])
})

test.each(named)('%s: bytes that are no UTF-8 are no answer', (_, dialect, text) => {
  const body = encoder.encode(`{"extra":"?",${text.slice(1)}`)
  body[body.indexOf(0x3f)] = 0xff
  expect(read(dialect, body)).toMatchObject({ complete: false, error: undefined })
})

test.each([
  ['openai-chat', openaiChat, 'choices'],
  ['openai-responses', openaiResponses, 'output'],
  ['anthropic-messages', anthropicMessages, 'content'],
  ['gemini-generate', geminiGenerate, 'candidates'],
])('%s: an error beside an empty answer is an error', (_, dialect, member) => {
  const body = { [member]: [], error: { message: 'boom' } }
  expect(read(dialect, encoder.encode(JSON.stringify(body)))).toMatchObject({ complete: false, error: body })
})

const elsewhere = [
  { object: 'error', message: 'boom', type: 'BadRequestError', code: 400 },
  { detail: 'boom' },
  { detail: [{ loc: ['body', 'messages'], msg: 'boom', type: 'missing' }] },
  [{ error: { message: 'boom' } }],
]

test.each(answers.flatMap(([dialect]) => elsewhere.map((body) => [dialect.id, body, dialect] as const)))(
  '%s: the message of %j is told, also in translation',
  (_, body, dialect) => {
    const bytes = encoder.encode(JSON.stringify(body))
    const { complete, error } = read(dialect, bytes)
    expect([complete, error]).toEqual([false, body])
    const translating = createAnswerTap((wire) => {
      dialect.result.decode(wire, { warn() {} })
      return { bytes, usage: undefined }
    }, undefined)
    translating.write(bytes)
    translating.end()
    expect([translating.complete, translating.error]).toEqual([false, body])
    expect(dialect.error.decode({ status: 200, header: () => undefined, body: error }).message).toContain('boom')
  },
)
