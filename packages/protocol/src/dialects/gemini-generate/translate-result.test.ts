import { expect, it } from 'vitest'
import { openaiChat } from '../openai-chat/openai-chat.ts'
import { results } from './__fixtures__/results.ts'
import { geminiGenerate } from './gemini-generate.ts'

const quiet = { warn: (): undefined => undefined }
const toOpenai = (name: string): unknown =>
  openaiChat.result.encode(geminiGenerate.result.decode(results[name], quiet), quiet)

it('shows an OpenAI caller each call with an id, and its signature where Google puts it', () => {
  const warnings: string[] = []
  const context = { warn: ({ path }: { path: string }) => void warnings.push(path) }
  const answer = openaiChat.result.encode(geminiGenerate.result.decode(results['parallel calls'], context), context)
  expect(answer).toMatchObject({
    choices: [
      {
        finish_reason: 'tool_calls',
        message: {
          content: 'Let me look.',
          reasoning_content: 'Let me think.',
          tool_calls: [
            {
              id: 'call_r-1_x_0_0',
              function: { name: 'get_weather', arguments: '{"city":"Oslo"}' },
              extra_content: { google: { thought_signature: 'c2ln' } },
            },
            { id: 'fc_2', function: { name: 'now', arguments: '{}' } },
          ],
        },
      },
    ],
    usage: {
      prompt_tokens: 10,
      completion_tokens: 8,
      total_tokens: 18,
      completion_tokens_details: { reasoning_tokens: 3 },
    },
  })
  expect(warnings).toEqual([])
})

it('shows sources as annotations, their places counted in characters', () => {
  const place = { start_index: 5, end_index: 9 }
  expect(toOpenai('grounded')).toMatchObject({
    choices: [
      {
        message: {
          annotations: [
            { type: 'url_citation', url_citation: { url: 'https://a.example', title: 'a', ...place } },
            { type: 'url_citation', url_citation: { url: 'https://b.example', title: 'b', ...place } },
          ],
        },
      },
    ],
  })
})

it('finds the places of many sources in linear time: in quadratic time these take a minute', () => {
  const count = 40_000
  const grounded = {
    candidates: [
      {
        content: { role: 'model', parts: [{ text: 'é'.repeat(200_000) }] },
        finishReason: 'STOP',
        groundingMetadata: {
          groundingChunks: Array.from({ length: count }, (_, at) => ({ web: { uri: `https://e.test/${at}` } })),
          groundingSupports: Array.from({ length: count }, (_, at) => ({
            segment: { startIndex: 300_000 + 2 * at, endIndex: 300_002 + 2 * at },
            groundingChunkIndices: [at],
          })),
        },
      },
    ],
  }
  const answer = openaiChat.result.encode(geminiGenerate.result.decode(grounded, quiet), quiet)
  const { candidates } = geminiGenerate.result.encode(openaiChat.result.decode(answer, quiet), quiet) as typeof grounded
  expect(candidates[0]?.groundingMetadata.groundingChunks).toEqual(
    grounded.candidates[0]?.groundingMetadata.groundingChunks,
  )
  expect(candidates[0]?.groundingMetadata.groundingSupports.at(-1)?.segment).toMatchObject({
    startIndex: 379_998,
    endIndex: 380_000,
  })
})

it('takes annotations of others for grounding, counted in bytes', () => {
  const wire = {
    id: 'x',
    model: 'm',
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: 'Über Oslo',
          annotations: [
            {
              type: 'url_citation',
              url_citation: { url: 'https://a.example', title: 'a', start_index: 5, end_index: 9 },
            },
          ],
        },
        finish_reason: 'stop',
      },
    ],
  }
  expect(geminiGenerate.result.encode(openaiChat.result.decode(wire, quiet), quiet)).toMatchObject({
    candidates: [
      {
        finishReason: 'STOP',
        groundingMetadata: {
          groundingChunks: [{ web: { uri: 'https://a.example', title: 'a' } }],
          groundingSupports: [{ segment: { startIndex: 6, endIndex: 10, text: 'Oslo' }, groundingChunkIndices: [0] }],
        },
      },
    ],
  })
})

it('tells a blocked prompt as a content filter, with nothing said', () => {
  expect(toOpenai('blocked')).toMatchObject({
    choices: [{ finish_reason: 'content_filter', message: { content: null } }],
  })
})

it('counts each token once', () => {
  const { usage } = geminiGenerate.result.decode(results['with all around it'], quiet)
  expect(usage).toMatchObject({
    input: 220,
    cacheRead: 600,
    audioInput: 100,
    imageInput: 100,
    output: 50,
    reasoning: 30,
  })
})
