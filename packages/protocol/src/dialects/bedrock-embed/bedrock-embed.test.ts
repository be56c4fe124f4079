import { expect, it } from 'vitest'
import { describeEmbedDialect } from '../../contracts/embed-dialect-contract.ts'
import { bedrockCohereEmbed } from './bedrock-cohere-embed.ts'
import { bedrockTitanEmbed } from './bedrock-titan-embed.ts'

describeEmbedDialect(bedrockTitanEmbed, {
  model: 'amazon.titan-embed-text-v2:0',
  requests: {
    text: { inputText: 'Oslo' },
    options: { inputText: 'Oslo', dimensions: 256, normalize: true },
    bits: { inputText: 'Oslo', embeddingTypes: ['float', 'binary'] },
  },
  results: {
    vector: { request: { inputText: 'a' }, answer: { embedding: [0.1, 0.2], inputTextTokenCount: 2 } },
    'both forms': {
      request: { inputText: 'a', embeddingTypes: ['float', 'binary'] },
      answer: { embedding: [0.1], embeddingsByType: { float: [0.1], binary: [1] }, inputTextTokenCount: 2 },
    },
  },
  unreadable: [null, {}, { embedding: ['1'] }, { embeddingsByType: {} }],
})

describeEmbedDialect(bedrockCohereEmbed, {
  model: 'cohere.embed-english-v3',
  requests: {
    texts: { texts: ['a', 'b'], input_type: 'search_document', truncate: 'END' },
    forms: { texts: ['a'], input_type: 'search_query', embedding_types: ['int8', 'float'] },
  },
  results: {
    'by type': {
      request: { texts: ['a'], input_type: 'search_query', embedding_types: ['float', 'int8'] },
      answer: {
        id: 'e',
        embeddings: { float: [[0.1]], int8: [[12]] },
        texts: ['a'],
        response_type: 'embeddings_by_type',
      },
    },
  },
  unreadable: [null, {}, { embeddings: 1 }],
})

const quiet = { warn: () => undefined }
const inputs = ['a', 'b'].map((text) => ({ type: 'text' as const, text }))

it('tells that Titan takes one text per call', () => {
  expect(() => bedrockTitanEmbed.request.encode({ model: 'm', inputs }, quiet)).toThrow(
    /Titan embeds one text per call, and 2/,
  )
})

it('names the model in the path alone', () => {
  expect(bedrockCohereEmbed.path('us.cohere.embed-v4:0', false)).toBe('/model/us.cohere.embed-v4%3A0/invoke')
  expect(bedrockCohereEmbed.request.encode({ model: 'm', inputs }, quiet)).toEqual({
    texts: ['a', 'b'],
    input_type: 'search_document',
  })
})

it('asks Bedrock for floats where base64 is wanted, and reads the one list that it gives', () => {
  const request = { model: 'm', inputs, formats: ['base64'] } as const
  expect(bedrockCohereEmbed.request.encode(request, quiet)).toMatchObject({ embedding_types: ['float'] })
  expect(bedrockCohereEmbed.result.decode({ embeddings: [[1], [2]] }, quiet).embeddings).toEqual([
    { float: [1] },
    { float: [2] },
  ])
})
