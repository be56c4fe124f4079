import { expect, it } from 'vitest'
import { describeEmbedDialect } from '../../contracts/embed-dialect-contract.ts'
import type { Warning } from '../../ir/extensions.ts'
import { cohereEmbed } from './cohere-embed.ts'

const model = 'embed-v4.0'
const picture = 'data:image/png;base64,iVBORw0KGgo='
const meta = { api_version: { version: '2' }, billed_units: { input_tokens: 3 } }

describeEmbedDialect(cohereEmbed, {
  model,
  requests: {
    texts: { model, texts: ['Oslo', 'Bergen'], input_type: 'search_document' },
    options: {
      model,
      texts: ['Oslo'],
      input_type: 'search_query',
      embedding_types: ['float', 'int8', 'ubinary'],
      output_dimension: 512,
      truncate: 'START',
      max_tokens: 100,
      priority: 2,
    },
    images: { model, images: [picture], input_type: 'image' },
    'texts with images': {
      model,
      inputs: [
        {
          content: [
            { type: 'text', text: 'A map' },
            { type: 'image_url', image_url: { url: picture } },
          ],
        },
        {
          content: [
            { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
            { type: 'text', text: 'b' },
          ],
        },
      ],
      input_type: 'search_document',
    },
    'a purpose of tomorrow': { model, texts: ['a'], input_type: 'dreams' },
  },
  results: {
    numbers: {
      request: { model, texts: ['a', 'b'], input_type: 'clustering' },
      answer: {
        id: 'e-1',
        embeddings: {
          float: [
            [0.1, 0.2],
            [0.3, 0.4],
          ],
        },
        texts: ['a', 'b'],
        meta,
        response_type: 'embeddings_by_type',
      },
    },
    'every form': {
      request: {
        model,
        texts: ['a'],
        input_type: 'clustering',
        embedding_types: ['float', 'int8', 'uint8', 'binary', 'ubinary', 'base64'],
      },
      answer: {
        id: 'e-2',
        embeddings: {
          float: [[0.5]],
          int8: [[64]],
          uint8: [[192]],
          binary: [[-1]],
          ubinary: [[127]],
          base64: ['AAAAPw=='],
        },
        texts: ['a'],
        meta,
        response_type: 'embeddings_by_type',
      },
    },
    'an image': {
      request: { model, images: [picture], input_type: 'image' },
      answer: {
        id: 'e-3',
        embeddings: { float: [[1]] },
        images: [{ width: 1 }],
        meta,
        response_type: 'embeddings_by_type',
      },
    },
  },
  unreadable: [null, {}, { embeddings: null }, { embeddings: { float: [1] } }, { embeddings: { float: [['1']] } }],
})

function encode(request: Parameters<typeof cohereEmbed.request.encode>[0]) {
  const warnings: Warning[] = []
  const wire = cohereEmbed.request.encode(request, { warn: (warning) => warnings.push(warning) })
  return { wire, warnings: warnings.map(({ code, path }) => `${code} ${path}`) }
}

it('says what the vectors are for where nobody did', () => {
  expect(encode({ model, inputs: [{ type: 'text', text: 'a' }] })).toEqual({
    wire: { model, texts: ['a'], input_type: 'search_document' },
    warnings: [],
  })
  const media = { from: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' } as const
  expect(encode({ model, inputs: [{ type: 'parts', parts: [{ type: 'media', media }] }] }).wire).toEqual({
    model,
    images: [picture],
    input_type: 'image',
  })
})

it('takes the nearest word for what Cohere has none for', () => {
  expect(encode({ model, inputs: [{ type: 'text', text: 'a' }], purpose: 'similarity' })).toMatchObject({
    wire: { input_type: 'clustering' },
    warnings: ['value-changed purpose'],
  })
})

it('cannot read tokens', () => {
  expect(() => encode({ model, inputs: [{ type: 'tokens', tokens: [1] }] })).toThrow(
    expect.objectContaining({ code: 'invalid_request', param: 'input[0]' }),
  )
})

it('gives floats in place of a form that the provider did not give, and says so', () => {
  const warnings: Warning[] = []
  const request = { model, inputs: [{ type: 'text', text: 'a' }], formats: ['int8', 'base64'] } as const
  const wire = cohereEmbed.result.encode(
    { embeddings: [{ float: [0.5] }] },
    { warn: (warning) => warnings.push(warning) },
    request,
  )
  expect(wire).toMatchObject({ embeddings: { base64: ['AAAAPw=='] } })
  expect(warnings).toMatchObject([{ code: 'value-changed', path: 'formats' }])
})
