import { expect, it } from 'vitest'
import { describeEmbedDialect } from '../../contracts/embed-dialect-contract.ts'
import type { Warning } from '../../ir/extensions.ts'
import { geminiBatchEmbed, geminiEmbed } from './gemini-embed.ts'

const model = 'gemini-embedding-001'
const text = (said: string) => ({ content: { parts: [{ text: said }] } })
const options = { taskType: 'RETRIEVAL_DOCUMENT', outputDimensionality: 64 }
const usageMetadata = { promptTokenCount: 5, totalTokenCount: 5 }
const named = { model: `models/${model}` }

describeEmbedDialect(geminiEmbed, {
  model,
  requests: {
    text: { ...named, ...text('Oslo') },
    options: { ...named, ...text('Oslo'), ...options, title: 'Capitals' },
    parts: {
      ...named,
      content: {
        parts: [
          { text: 'A map' },
          { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } },
          { fileData: { fileUri: 'https://example.com/a.pdf' } },
        ],
      },
      taskType: 'TASK_OF_TOMORROW',
      autoTruncate: true,
    },
  },
  results: {
    vector: { request: text('a'), answer: { embedding: { values: [0.1, -0.2] }, usageMetadata } },
    'no counts': { request: text('a'), answer: { embedding: { values: [1] } } },
  },
  unreadable: [null, {}, { embedding: [] }, { embedding: { values: ['1'] } }],
})

describeEmbedDialect(geminiBatchEmbed, {
  model,
  requests: {
    texts: {
      requests: [
        { ...named, ...text('a') },
        { ...named, ...text('b') },
      ],
    },
    options: {
      requests: [
        { ...named, ...text('a'), ...options },
        { ...named, ...text('b'), ...options, title: 'B' },
      ],
    },
  },
  results: {
    vectors: {
      request: { requests: [text('a'), text('b')] },
      answer: { embeddings: [{ values: [0.1] }, { values: [0.2] }], usageMetadata },
    },
  },
  unreadable: [null, {}, { embeddings: [1] }, { embeddings: [{ values: null }] }],
})

const quiet = { warn: () => undefined }

it('takes one input per call by the verb for one', () => {
  const inputs = ['a', 'b'].map((said) => ({ type: 'text' as const, text: said }))
  expect(() => geminiEmbed.request.encode({ model, inputs }, quiet)).toThrow(
    expect.objectContaining({ code: 'invalid_request', param: 'input' }),
  )
})

it('reads snake_case', () => {
  const wire = { ...text('a'), task_type: 'CLUSTERING', output_dimensionality: 8 }
  expect(geminiEmbed.request.decode(wire, quiet)).toMatchObject({ purpose: 'clustering', dimensions: 8 })
})

it('says when requests of a batch want different things', () => {
  const warnings: Warning[] = []
  const requests = [{ ...text('a'), taskType: 'CLUSTERING' }, text('b')]
  const request = geminiBatchEmbed.request.decode({ requests }, { warn: (warning) => warnings.push(warning) })
  expect(request).toMatchObject({ purpose: 'clustering' })
  expect(warnings).toMatchObject([{ code: 'value-changed', path: 'requests[].purpose' }])
})

it.each([
  ['/v1beta/models/gemini-embedding-001:batchEmbedContents', 'gemini-embedding-001'],
  ['/models/lab%2Fnomic:v1.5:batchEmbedContents', 'lab/nomic:v1.5'],
  ['/models/lab/nomic:batchEmbedContents', 'lab/nomic'],
])('reads the model in %s', (path, expected) => {
  expect(geminiBatchEmbed.peekPath?.(path)).toEqual({ model: expected, stream: false })
})

it('refuses what has no parts', () => {
  expect(() => geminiEmbed.request.decode({ content: 'a' }, quiet)).toThrow(
    expect.objectContaining({ code: 'invalid_request' }),
  )
  expect(() => geminiBatchEmbed.request.decode({ requests: [] }, quiet)).toThrow(
    expect.objectContaining({ code: 'invalid_request' }),
  )
})
