import { expect, it } from 'vitest'
import { describeEmbedDialect } from '../../contracts/embed-dialect-contract.ts'
import type { Warning } from '../../ir/extensions.ts'
import { openaiEmbeddings } from './openai-embeddings.ts'

const model = 'text-embedding-3-small'
const usage = { prompt_tokens: 4, total_tokens: 4 }

describeEmbedDialect(openaiEmbeddings, {
  model,
  requests: {
    text: { model, input: 'Oslo' },
    texts: { model, input: ['Oslo', 'Bergen'], encoding_format: 'float', dimensions: 256, user: 'u-1' },
    tokens: { model, input: [9906, 1917] },
    'lists of tokens': { model, input: [[9906], [1917, 0]], encoding_format: 'base64' },
    'a purpose, for those behind this wire who ask': { model, input: 'Oslo', input_type: 'query' },
    'members of others': { model, input: ['Oslo'], truncate_prompt_tokens: 10, input_type: 'odd', user: null },
  },
  results: {
    numbers: {
      request: { model, input: ['a', 'b'] },
      answer: {
        object: 'list',
        data: [
          { object: 'embedding', index: 0, embedding: [0.1, -0.2] },
          { object: 'embedding', index: 1, embedding: [1, 0] },
        ],
        model,
        usage,
      },
    },
    base64: {
      request: { model, input: 'a', encoding_format: 'base64' },
      answer: { object: 'list', data: [{ object: 'embedding', index: 0, embedding: 'AAAAPwAAgL4=' }], model, usage },
    },
    'with an id': {
      request: { model, input: 'a' },
      answer: {
        id: 'embd-1',
        object: 'list',
        data: [{ object: 'embedding', index: 0, embedding: [1] }],
        model,
        usage,
        created: 1,
      },
    },
  },
  unreadable: [null, {}, { data: 'no' }, { data: [{ embedding: null }] }, { data: [{ embedding: ['1'] }] }],
})

it('puts vectors in the order of their index', () => {
  const data = [
    { index: 1, embedding: [1] },
    { index: 0, embedding: [0] },
  ]
  expect(openaiEmbeddings.result.decode({ data }, { warn: () => undefined }).embeddings).toEqual([
    { float: [0] },
    { float: [1] },
  ])
})

it.each([[{}], [{ input: {} }], [{ input: [{}] }], [[]]])('refuses %j', (wire) => {
  expect(() => openaiEmbeddings.request.decode(wire, { warn: () => undefined })).toThrow(
    expect.objectContaining({ code: 'invalid_request' }),
  )
})

it('says what it leaves out', () => {
  const warnings: Warning[] = []
  const wire = openaiEmbeddings.request.encode(
    {
      model,
      inputs: [{ type: 'text', text: 'a', title: 'A' }],
      purpose: 'search-query',
      truncate: 'end',
      formats: ['int8'],
      extensions: { 'cohere-embed': { priority: 1 } },
    },
    { warn: (warning) => warnings.push(warning) },
  )
  expect(wire).toEqual({ model, input: ['a'], encoding_format: 'float' })
  expect(warnings.map(({ path, code }) => `${code} ${path}`).toSorted()).toEqual([
    'field-dropped inputs[].title',
    'field-dropped priority',
    'field-dropped purpose',
    'field-dropped truncate',
    'value-changed formats',
  ])
})
