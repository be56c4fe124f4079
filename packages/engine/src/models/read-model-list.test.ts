import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readModelList } from './read-model-list.ts'

function idsOf(body: unknown): string[] | undefined {
  return readModelList(body)?.models.map(({ id }) => id)
}

describe('shapes', () => {
  it.each<[string, unknown]>([
    ['OpenAI', { object: 'list', data: [{ id: 'a', object: 'model' }, { id: 'b' }] }],
    ['Anthropic', { data: [{ id: 'a', display_name: 'A' }, { id: 'b' }], has_more: false }],
    ['Together', [{ id: 'a', object: 'model' }, { id: 'b' }]],
    ['plain texts', ['a', 'b']],
    ['texts in data', { data: ['a', 'b'] }],
    ['Cohere', { models: [{ name: 'a' }, { name: 'b' }] }],
    ['Ollama', { models: [{ name: 'A', model: 'a' }, { model: 'b' }] }],
    ['LM Studio', { models: [{ key: 'a' }, { key: 'b' }] }],
    ['Bedrock', { modelSummaries: [{ modelId: 'a', modelName: 'A' }, { modelId: 'b' }] }],
    [
      'Cloudflare',
      {
        success: true,
        result: [
          { id: '7912a642-2d0a-4b0f-8a2c-7b1f4d5e6f70', name: 'a' },
          { id: '429b9e8b-d99e-44de-91ad-706cf8183658', name: 'b' },
        ],
      },
    ],
    ['llama.cpp, both lists', { models: [], data: [{ id: 'a' }, { id: 'b' }] }],
  ])('%s', (_, body) => {
    expect(idsOf(body)).toEqual(['a', 'b'])
  })

  it.each([[null], ['<html>'], [42], [{}], [{ error: { message: 'no' } }], [{ data: 'x' }], [{ data: { models: 1 } }]])(
    '%j is no list',
    (body) => {
      expect(readModelList(body)).toBeUndefined()
    },
  )

  it('passes over what it cannot read', () => {
    const odd = [
      null,
      1,
      '',
      {},
      { id: 7 },
      { id: '' },
      { id: 'a\nb' },
      { id: '../x' },
      { id: 'x'.repeat(300) },
      [],
      'b',
    ]
    expect(idsOf({ data: [{ id: 'a' }, ...odd, { id: 'a' }] })).toEqual(['a', 'b'])
  })

  it('leaves out models that the provider has switched off', () => {
    expect(
      idsOf({
        data: [
          { id: 'a', active: true },
          { id: 'b', active: false },
        ],
      }),
    ).toEqual(['a'])
  })

  it('never throws and stays bounded', () => {
    fc.assert(fc.property(fc.jsonValue(), (body) => void readModelList(body)))
    fc.assert(fc.property(fc.array(fc.jsonValue()), (data) => void readModelList({ data })))
    const many = readModelList(Array.from({ length: 6000 }, (_, index) => `m${index}`))
    expect(many?.models).toHaveLength(5000)
    expect(many?.complete).toBe(false)
  })

  it.each<[unknown, boolean]>([
    [{ data: ['a'] }, true],
    [{ data: ['a'], has_more: true }, false],
    [{ models: ['a'], nextPageToken: 'x' }, false],
    [{ models: ['a'], next_page_token: '' }, true],
    [{ result: ['a'], result_info: { total_pages: 3 } }, false],
  ])('%j is whole: %s', (body, complete) => {
    expect(readModelList(body)?.complete).toBe(complete)
  })
})

describe('names', () => {
  it('loses a prefix that is never sent', () => {
    const [model] = readModelList({ models: [{ name: 'models/gemini-x' }] }, { modelPrefix: 'models/' })?.models ?? []
    expect(model).toMatchObject({ id: 'gemini-x', upstreamId: 'gemini-x' })
  })

  it('loses a namespace for the eye, and sends it', () => {
    const naming = { modelNamespace: 'accounts/fireworks/models/' }
    const listed = ['accounts/fireworks/models/kimi-k3', 'glm', 'accounts/me/models/own']
    expect(readModelList(listed, naming)?.models).toMatchObject([
      { id: 'kimi-k3', upstreamId: 'accounts/fireworks/models/kimi-k3' },
      { id: 'glm', upstreamId: 'accounts/fireworks/models/glm' },
      { id: 'accounts/me/models/own', upstreamId: 'accounts/me/models/own' },
    ])
  })

  it('can be asked for where a server names a model after its file', () => {
    expect(readModelList({ data: [{ id: '/models/qwen.gguf' }] })?.models).toMatchObject([
      { id: 'models/qwen.gguf', upstreamId: '/models/qwen.gguf' },
    ])
  })
})

describe('details', () => {
  it.each<[string, object, object]>([
    ['Groq', { context_window: 131072, max_completion_tokens: 32768 }, { contextWindow: 131072, maxOutput: 32768 }],
    [
      'Mistral',
      { max_context_length: 128000, aliases: ['m-latest', 7] },
      { contextWindow: 128000, aliases: ['m-latest'] },
    ],
    [
      'OpenRouter',
      { context_length: 200000, top_provider: { max_completion_tokens: 64000 } },
      { contextWindow: 200000, maxOutput: 64000 },
    ],
    ['vLLM', { max_model_len: 32768 }, { contextWindow: 32768 }],
    ['Novita', { context_size: 8192 }, { contextWindow: 8192 }],
    ['llama.cpp', { meta: { n_ctx_train: 4096 } }, { contextWindow: 4096 }],
    ['Gemini', { inputTokenLimit: 1048576, outputTokenLimit: 65536 }, { contextWindow: 1048576, maxOutput: 65536 }],
    ['Hugging Face', { providers: [{ context_length: 1000 }, { context_length: 4000 }, {}] }, { contextWindow: 4000 }],
    ['Cloudflare', { properties: [{ property_id: 'context_window', value: '24000' }] }, { contextWindow: 24000 }],
    ['names', { name: 'A model', owned_by: 'acme' }, { name: 'A model', ownedBy: 'acme' }],
  ])('of %s', (_, fields, expected) => {
    expect(readModelList([{ id: 'a', ...fields }])?.models[0]).toMatchObject(expected)
  })

  it.each([
    { context_window: -1 },
    { context_window: 'many' },
    { context_window: Infinity },
    { top_provider: null },
    { meta: [] },
  ])('are absent for %j', (fields) => {
    expect(readModelList([{ id: 'a', ...fields }])?.models[0]).not.toHaveProperty('contextWindow')
  })

  it.each<[string, object, string[]]>([
    [
      'OpenRouter',
      { supported_parameters: ['tools', 'reasoning'], architecture: { input_modalities: ['text', 'image'] } },
      ['tools', 'vision', 'reasoning'],
    ],
    ['Mistral', { capabilities: { completion_chat: true, function_calling: true, vision: false } }, ['chat', 'tools']],
    ['Moonshot', { supports_image_in: true, supports_reasoning: true }, ['vision', 'reasoning']],
    ['Together', { type: 'embedding' }, ['embeddings']],
    ['nothing', {}, []],
  ])('tell capabilities as %s says them', (_, fields, capabilities) => {
    expect(readModelList([{ id: 'a', ...fields }])?.models[0]?.capabilities).toEqual(capabilities)
  })
})
