import { describe, expect, it } from 'vitest'
import type { ChatMessage, ChatRequest } from '../../ir/chat.ts'
import { bedrockConverse } from './bedrock-converse.ts'

const claude = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const question: ChatMessage = { role: 'user', content: 'Weather?' }

interface Written {
  readonly wire: Readonly<Record<string, unknown>>
  readonly warnings: readonly string[]
}

function encode(request: Partial<ChatRequest>): Written {
  const warnings: string[] = []
  const context = { warn: ({ code, path }: { code: string; path: string }) => void warnings.push(`${code} ${path}`) }
  const wire = bedrockConverse.request.encode({ model: claude, messages: [question], ...request }, context)
  return { wire: wire as Record<string, unknown>, warnings }
}

const messagesOf = (messages: readonly ChatMessage[], model = claude): unknown =>
  encode({ model, messages }).wire['messages']

describe('a conversation of another wire', () => {
  const call = { type: 'tool-call', kind: 'function', id: 'call.1', name: 'look', input: '{"city":"Oslo"}' } as const

  it('gives calls an object for their input, whatever it was', () => {
    const inputs = ['', '{"a":1}', '[1]', '{"a":', '"text"']
    const { wire, warnings } = encode({
      messages: [question, { role: 'assistant', content: inputs.map((input) => ({ ...call, input })) }],
    })
    const [, turn] = wire['messages'] as readonly { content: readonly { toolUse: { input: unknown } }[] }[]
    expect(turn?.content.map(({ toolUse }) => toolUse.input)).toEqual([
      {},
      { a: 1 },
      { arguments: '[1]' },
      { arguments: '{"a":' },
      { arguments: '"text"' },
    ])
    expect(warnings).toEqual(Array.from({ length: 3 }, () => 'value-changed messages[1].input'))
  })

  it('alternates, its results first, its system apart', () => {
    const { wire, warnings } = encode({
      messages: [
        { role: 'developer', content: 'Be brief.' },
        question,
        { role: 'user', content: [{ type: 'text', text: 'Now.' }] },
        { role: 'assistant', content: [{ type: 'text', text: '' }, call, { ...call, id: 'call 2', input: '' }] },
        { role: 'tool', toolCallId: 'call.1', content: 'sunny' },
        { role: 'user', content: 'Hm.' },
        { role: 'tool', toolCallId: 'call 2', content: '', isError: true },
      ],
    })
    expect(wire).toMatchObject({
      system: [{ text: 'Be brief.' }],
      messages: [
        { role: 'user', content: [{ text: 'Weather?' }, { text: 'Now.' }] },
        {
          role: 'assistant',
          content: [
            { toolUse: { toolUseId: 'call_1', name: 'look', input: { city: 'Oslo' } } },
            { toolUse: { toolUseId: 'call_2', name: 'look', input: {} } },
          ],
        },
        {
          role: 'user',
          content: [
            { toolResult: { toolUseId: 'call_1', content: [{ text: 'sunny' }] } },
            { toolResult: { toolUseId: 'call_2', status: 'error' } },
            { text: 'Hm.' },
          ],
        },
      ],
      // The tools that were used have to be declared.
      toolConfig: { tools: [{ toolSpec: { name: 'look', inputSchema: { json: { type: 'object' } } } }] },
    })
    expect(warnings).toEqual([])
  })

  it('begins with a user', () => {
    const { wire, warnings } = encode({ messages: [{ role: 'assistant', content: 'Hello. ' }] })
    expect(wire['messages']).toEqual([
      { role: 'user', content: [{ text: 'Begin.' }] },
      { role: 'assistant', content: [{ text: 'Hello.' }] },
    ])
    expect(warnings).toEqual(['value-changed messages'])
    expect(encode({ messages: [{ role: 'system', content: 'Say hello.' }] }).wire).toEqual({
      messages: [{ role: 'user', content: [{ text: 'Say hello.' }] }],
    })
  })

  it('has ids that the model takes', () => {
    const asked = messagesOf(
      [
        question,
        { role: 'assistant', content: [{ ...call, id: 'call_with_a_long_id' }] },
        { role: 'tool', toolCallId: 'call_with_a_long_id', content: 'x' },
      ],
      'mistral.mistral-large-3-675b-instruct',
    )
    const ids = [...JSON.stringify(asked).matchAll(/"toolUseId":"([^"]*)"/g)].map(([, id]) => id)
    expect(ids[0]).toMatch(/^[a-zA-Z0-9]{9}$/)
    expect(ids[1]).toBe(ids[0])
    const long = JSON.stringify(
      messagesOf([question, { role: 'assistant', content: [{ ...call, id: 'x'.repeat(90) }] }]),
    )
    expect(long).toMatch(/"toolUseId":"x{55}_[a-z0-9]{8}"/)
  })

  it('takes back only reasoning that was signed', () => {
    const { wire, warnings } = encode({
      messages: [
        question,
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Sunny.' },
            { type: 'reasoning', text: 'Hm.', signature: 'sig' },
            { type: 'reasoning', text: 'Unsigned.' },
            { type: 'reasoning', text: 'Shown.', encrypted: 'gAAAA-not_base64' },
          ],
        },
        question,
      ],
    })
    expect(wire['messages']).toMatchObject([
      {},
      {
        content: [
          { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'sig' } } },
          { reasoningContent: { redactedContent: btoa('sluice:gAAAA-not_base64') } },
          { text: 'Sunny.' },
        ],
      },
      {},
    ])
    expect(warnings).toEqual(['field-dropped messages[1].reasoning'])
    const again = bedrockConverse.request.decode(wire, { warn: () => undefined })
    expect(JSON.stringify(again.messages)).toContain('"encrypted":"gAAAA-not_base64"')
  })

  it('sends files as the blocks that there are', () => {
    const file = (mediaType: string, filename: string) =>
      ({ type: 'file', media: { from: 'base64', mediaType, data: 'aGk=' }, filename }) as const
    const { wire, warnings } = encode({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', media: { from: 'base64', mediaType: 'image/jpg', data: '/9j/' } },
            { type: 'image', media: { from: 'url', url: 'https://example.com/a.png' } },
            { type: 'image', media: { from: 'url', url: 's3://bucket/a.png' } },
            { type: 'image', media: { from: 'base64', mediaType: 'image/bmp', data: 'Qk0=' } },
            file('application/pdf', 'my_report.v2.pdf'),
            file('text/x-python', 'my_report.v2.py'),
            file('', 'table.csv'),
            file('video/mp4', 'film.mp4'),
            file('application/zip', 'a.zip'),
          ],
        },
      ],
    })
    expect(wire['messages']).toEqual([
      {
        role: 'user',
        content: [
          { image: { format: 'jpeg', source: { bytes: '/9j/' } } },
          { image: { format: 'png', source: { s3Location: { uri: 's3://bucket/a.png' } } } },
          { document: { format: 'pdf', name: 'my report v2', source: { bytes: 'aGk=' } } },
          { document: { format: 'txt', name: 'my report v2 2', source: { bytes: 'aGk=' } } },
          { document: { format: 'csv', name: 'table', source: { bytes: 'aGk=' } } },
          { video: { format: 'mp4', source: { bytes: 'aGk=' } } },
          { text: 'See the document.' },
        ],
      },
    ])
    expect(warnings).toEqual([
      'field-dropped messages[0].content[1]',
      'field-dropped messages[0].content[3]',
      'field-dropped messages[0].content[8]',
      'value-changed messages',
    ])
  })

  it('marks caches by points, where the model has them', () => {
    const extensions = { 'anthropic-messages': { cache_control: { type: 'ephemeral', ttl: '1h' } } }
    const messages: ChatMessage[] = [{ role: 'user', content: [{ type: 'text', text: 'Long.', extensions }] }]
    const tools = [{ type: 'function', name: 'look', extensions }] as const
    const { wire, warnings } = encode({ messages, tools })
    const point = { cachePoint: { type: 'default', ttl: '1h' } }
    expect(wire['messages']).toEqual([{ role: 'user', content: [{ text: 'Long.' }, point] }])
    expect(wire['toolConfig']).toMatchObject({ tools: [{}, point] })
    expect(warnings).toEqual([])
    const other = encode({ model: 'meta.llama4-maverick-17b-instruct-v1:0', messages, tools })
    expect(JSON.stringify(other.wire)).not.toContain('cachePoint')
    expect(other.warnings).toEqual(['field-dropped cache_control'])
  })
})

describe('what a model is asked for', () => {
  it('is set in its places', () => {
    const { wire, warnings } = encode({
      maxOutputTokens: 500,
      temperature: 1.5,
      topK: 40,
      stop: ['END', ' '],
      metadata: { team: 'blue' },
      serviceTier: 'flex',
      user: 'u-1',
      seed: 7,
    })
    expect(wire).toEqual({
      messages: [{ role: 'user', content: [{ text: 'Weather?' }] }],
      inferenceConfig: { maxTokens: 500, temperature: 1, stopSequences: ['END'] },
      additionalModelRequestFields: { top_k: 40 },
      requestMetadata: { team: 'blue' },
      serviceTier: { type: 'flex' },
    })
    expect(warnings).toEqual([
      'field-dropped seed',
      'field-dropped user',
      'value-changed temperature',
      'field-dropped stop',
    ])
  })

  it.each([
    [claude, 'high', { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 4096 } } }],
    [
      'global.anthropic.claude-opus-5-5',
      'high',
      { additionalModelRequestFields: { thinking: { type: 'adaptive' } }, outputConfig: { effort: 'high' } },
    ],
    [
      'us.amazon.nova-2-lite-v1:0',
      'max',
      { additionalModelRequestFields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } } },
    ],
    ['openai.gpt-oss-120b-1:0', 'low', { additionalModelRequestFields: { reasoning_effort: 'low' } }],
    ['meta.llama4-maverick-17b-instruct-v1:0', 'low', {}],
  ])('to %s is asked to reason', (model, effort, expected) => {
    const { messages: _, ...wire } = encode({ model, reasoning: { effort } }).wire
    expect(wire).toEqual(expected)
  })

  it('as JSON by a schema stands in the output, or in words', () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } } }
    const responseFormat = { type: 'json-schema', name: 'weather', schema } as const
    const { wire } = encode({ model: 'openai.gpt-oss-120b-1:0', responseFormat })
    expect(wire['outputConfig']).toEqual({
      textFormat: {
        type: 'json_schema',
        structure: { jsonSchema: { name: 'weather', schema: JSON.stringify(schema) } },
      },
    })
    const told = encode({ model: 'amazon.nova-lite-v1:0', responseFormat })
    expect(JSON.stringify(told.wire['system'])).toContain('JSON Schema')
    expect(told.wire['outputConfig']).toBeUndefined()
    expect(told.warnings).toEqual(['value-changed response_format'])
  })

  it.each([
    [{ type: 'auto' }, { auto: {} }],
    [{ type: 'required' }, { any: {} }],
    [{ type: 'tool', kind: 'function', name: 'look' }, { tool: { name: 'look' } }],
  ] as const)('of tools: %o', (toolChoice, expected) => {
    const { wire } = encode({ tools: [{ type: 'function', name: 'look', strict: true }], toolChoice })
    expect(wire['toolConfig']).toEqual({
      tools: [{ toolSpec: { name: 'look', inputSchema: { json: { type: 'object', properties: {} } }, strict: true } }],
      toolChoice: expected,
    })
  })

  it('is no tool where none may be called', () => {
    const tools = [{ type: 'function', name: 'look' }] as const
    expect(encode({ tools, toolChoice: { type: 'none' } }).wire['toolConfig']).toBeUndefined()
  })
})
