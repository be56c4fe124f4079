import { expect, test } from 'vitest'
import type { Dialect, Tap } from '../dialect.ts'
import { anthropicMessages } from '../dialects/anthropic-messages/anthropic-messages.ts'
import { bedrockConverse } from '../dialects/bedrock-converse/bedrock-converse.ts'
import { cohereChat } from '../dialects/cohere-chat/cohere-chat.ts'
import { geminiGenerate } from '../dialects/gemini-generate/gemini-generate.ts'
import { openaiChat } from '../dialects/openai-chat/openai-chat.ts'
import { openaiResponses } from '../dialects/openai-responses/openai-responses.ts'

const encoder = new TextEncoder()

function read({ tap }: Dialect, body: Uint8Array): Tap {
  const watching = tap.result()
  watching.write(body)
  watching.end()
  return watching
}

const answers: readonly [Dialect, answer: object][] = [
  [openaiChat, { choices: [{ finish_reason: 'stop' }], usage: { prompt_tokens: 7 } }],
  [openaiResponses, { output: [{ status: 'completed' }], usage: { input_tokens: 7 } }],
  [anthropicMessages, { content: [{}], stop_reason: 'end_turn', usage: { input_tokens: 7 } }],
  [geminiGenerate, { candidates: [{ finishReason: 'STOP' }], usageMetadata: { promptTokenCount: 7 } }],
  [bedrockConverse, { output: {}, stopReason: 'end_turn', usage: { inputTokens: 7 } }],
  [cohereChat, { message: {}, finish_reason: 'COMPLETE', usage: { tokens: { input_tokens: 7 } } }],
]
const named = answers.map(([dialect, answer]) => [dialect.id, dialect, JSON.stringify(answer)] as const)

test.each(named)('%s: an answer may be nested deeper than a request', (_, dialect, text) => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const tap = read(dialect, encoder.encode(`{"extra":${deep},${text.slice(1)}`))
  expect([tap.complete, tap.error, tap.usage()?.input, tap.finishReason()]).toEqual([true, undefined, 7, 'stop'])
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
