import { describe, expect, it } from 'vitest'
import type { Warning } from '../../ir/extensions.ts'
import type { ChatRequest } from '../../ir/chat.ts'
import { openaiChat } from '../openai-chat/openai-chat.ts'
import { requests } from './__fixtures__/requests.ts'
import { geminiGenerate } from './gemini-generate.ts'

function fromOpenai(body: object, model = 'gemini-3.8-flash'): { wire: Record<string, unknown>; warnings: string[] } {
  const warnings: Warning[] = []
  const context = { warn: (warning: Warning) => void warnings.push(warning) }
  const request = openaiChat.request.decode({ model, messages: [{ role: 'user', content: 'Hi' }], ...body }, context)
  const wire = geminiGenerate.request.encode(request, context) as Record<string, unknown>
  return { wire, warnings: warnings.map(({ path }) => path) }
}

const decode = (wire: unknown): ChatRequest => geminiGenerate.request.decode(wire, { warn: () => undefined })

const call = (id: string, name: string, extra?: object): object => ({
  id,
  type: 'function',
  function: { name, arguments: '{"city":"Oslo"}' },
  ...extra,
})

describe('from OpenAI', () => {
  it('names the function of each result and groups those of one turn', () => {
    const { wire, warnings } = fromOpenai({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'developer', content: 'Be kind.' },
        { role: 'user', content: 'Weather?' },
        { role: 'assistant', content: null, tool_calls: [call('c1', 'get_weather'), call('c2', 'get_time')] },
        { role: 'tool', tool_call_id: 'c1', content: 'sunny' },
        { role: 'tool', tool_call_id: 'c2', content: '{"hour":12}' },
      ],
    })
    expect(warnings).toEqual([])
    expect(wire).toEqual({
      systemInstruction: { parts: [{ text: 'Be brief.' }, { text: 'Be kind.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'Weather?' }] },
        {
          role: 'model',
          parts: [
            {
              functionCall: { id: 'c1', name: 'get_weather', args: { city: 'Oslo' } },
              thoughtSignature: 'skip_thought_signature_validator',
            },
            { functionCall: { id: 'c2', name: 'get_time', args: { city: 'Oslo' } } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { id: 'c1', name: 'get_weather', response: { output: 'sunny' } } },
            { functionResponse: { id: 'c2', name: 'get_time', response: { hour: 12 } } },
          ],
        },
      ],
    })
  })

  it('takes thought signatures back from where Google’s own compatible API puts them', () => {
    const signed = call('c1', 'get_weather', { extra_content: { google: { thought_signature: 'c2ln' } } })
    const { wire, warnings } = fromOpenai({ messages: [{ role: 'assistant', content: null, tool_calls: [signed] }] })
    expect(wire['contents']).toMatchObject([{ parts: [{ thoughtSignature: 'c2ln' }] }])
    expect(warnings).toEqual([])
  })

  it('needs no signature before Gemini 3', () => {
    const messages = [{ role: 'assistant', content: null, tool_calls: [call('c1', 'get_weather')] }]
    expect(JSON.stringify(fromOpenai({ messages }, 'gemini-2.5-pro').wire)).not.toContain('thoughtSignature')
  })

  it.for([
    ['gemini-3.8-flash', 'low', { thinkingLevel: 'low', includeThoughts: true }, []],
    ['gemini-3.8-flash', 'none', { thinkingLevel: 'minimal' }, ['reasoning']],
    ['gemini-3.8-flash', 'max', { thinkingLevel: 'high', includeThoughts: true }, ['reasoning']],
    ['gemini-4-hydrogen', 'xhigh', { thinkingLevel: 'xhigh', includeThoughts: true }, []],
    ['gemini-2.5-pro', 'none', { thinkingBudget: 128, includeThoughts: true }, ['reasoning']],
    ['gemini-2.5-pro', 'max', { thinkingBudget: 32_768, includeThoughts: true }, []],
    ['gemini-2.5-flash', 'none', { thinkingBudget: 0 }, []],
    ['gemini-2.5-flash', 'high', { thinkingBudget: 24_576, includeThoughts: true }, []],
    ['gemini-2.5-flash-lite', 'minimal', { thinkingBudget: 512, includeThoughts: true }, []],
    ['gemini-2.0-flash', 'high', undefined, ['reasoning']],
  ] as const)('%s thinks %s', ([model, effort, thinkingConfig, warned]) => {
    const { wire, warnings } = fromOpenai({ reasoning_effort: effort }, model)
    expect((wire['generationConfig'] as { thinkingConfig?: unknown } | undefined)?.thinkingConfig).toEqual(
      thinkingConfig,
    )
    expect(warnings).toEqual(warned)
  })

  it('says settings, tools and schemas in its own words', () => {
    const schema = { $schema: 'x', type: 'object', properties: { const: { const: 'a' } }, required: ['const'] }
    const { wire, warnings } = fromOpenai({
      max_completion_tokens: 9,
      stop: 'END',
      n: 2,
      top_logprobs: 3,
      logprobs: true,
      modalities: ['text', 'image'],
      service_tier: 'default',
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
      tools: [
        { type: 'function', function: { name: 'now', parameters: { type: 'object', properties: {} } } },
        { type: 'function', function: { name: 'find', description: 'Finds', parameters: schema } },
      ],
      tool_choice: 'auto',
    })
    const written = { type: 'object', properties: { const: { enum: ['a'] } }, required: ['const'] }
    expect(warnings).toEqual([])
    expect(wire).toMatchObject({
      generationConfig: {
        maxOutputTokens: 9,
        stopSequences: ['END'],
        candidateCount: 2,
        logprobs: 3,
        responseLogprobs: true,
        responseModalities: ['TEXT', 'IMAGE'],
        responseMimeType: 'application/json',
        responseJsonSchema: written,
      },
      tools: [
        {
          functionDeclarations: [
            { name: 'now' },
            { name: 'find', description: 'Finds', parametersJsonSchema: written },
          ],
        },
      ],
      toolConfig: { functionCallingConfig: { mode: 'AUTO' } },
      serviceTier: 'standard',
    })
    expect(JSON.stringify(wire)).not.toContain('$schema')
  })

  it.for([
    [
      { type: 'function', function: { name: 'now' } },
      { mode: 'ANY', allowedFunctionNames: ['now'] },
    ],
    ['required', { mode: 'ANY' }],
  ])('asks for no schema where a tool has to be called: %j', ([choice, functionCallingConfig]) => {
    const { wire, warnings } = fromOpenai({
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } },
      tools: [{ type: 'function', function: { name: 'now' } }],
      tool_choice: choice,
    })
    expect(wire['toolConfig']).toEqual({ functionCallingConfig })
    expect(wire).not.toHaveProperty('generationConfig')
    expect(warnings).toEqual(['response_format'])
  })

  it('sends no more stop sequences than Gemini takes', () => {
    const { wire, warnings } = fromOpenai({ stop: ['1', '2', '3', '4', '5', '6'] })
    expect(wire['generationConfig']).toEqual({ stopSequences: ['1', '2', '3', '4', '5'] })
    expect(warnings).toEqual(['stop'])
  })

  it('leaves out, with a warning, what the model does not take', () => {
    const { wire, warnings } = fromOpenai(
      {
        presence_penalty: 1,
        user: 'u',
        store: true,
        parallel_tool_calls: false,
        response_format: { type: 'json_object' },
        tools: [{ type: 'function', function: { name: 'now' } }],
      },
      'gemini-2.5-flash',
    )
    expect(warnings.toSorted()).toEqual(['parallel_tool_calls', 'presencePenalty', 'response_format', 'store', 'user'])
    expect(wire).not.toHaveProperty('generationConfig')
  })

  it('sends media inline or by its address', () => {
    const { wire } = fromOpenai({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
            { type: 'image_url', image_url: { url: 'https://example.com/a.jpg?x=1' } },
            { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
          ],
        },
      ],
    })
    expect(wire['contents']).toEqual([
      {
        role: 'user',
        parts: [
          { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
          { fileData: { mimeType: 'image/jpeg', fileUri: 'https://example.com/a.jpg?x=1' } },
          { inlineData: { mimeType: 'audio/mp3', data: 'AAAA' } },
        ],
      },
    ])
  })

  it('speaks to Gemma without a system instruction', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ]
    const { wire } = fromOpenai({ messages }, 'gemma-4-31b')
    expect(wire).toEqual({
      contents: [
        { role: 'user', parts: [{ text: 'Be brief.' }] },
        { role: 'user', parts: [{ text: 'Hi' }] },
      ],
    })
  })
})

describe('from Gemini', () => {
  it('reads snake_case as camelCase, but not inside schemas and arguments', () => {
    const wire = {
      system_instruction: { parts: [{ text: 'Be brief.' }] },
      contents: [
        { role: 'user', parts: [{ inline_data: { mime_type: 'image/png', data: 'AAAA' } }] },
        { role: 'model', parts: [{ function_call: { name: 'f', args: { my_key: 1 } }, thought_signature: 'c2ln' }] },
        { role: 'user', parts: [{ function_response: { name: 'f', response: { other_key: 2 } } }] },
      ],
      generation_config: {
        max_output_tokens: 5,
        response_mime_type: 'application/json',
        response_json_schema: { my_key: {} },
      },
    }
    expect(decode(wire)).toEqual(
      decode({
        systemInstruction: wire.system_instruction,
        contents: [
          { role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }] },
          { role: 'model', parts: [{ functionCall: { name: 'f', args: { my_key: 1 } }, thoughtSignature: 'c2ln' }] },
          { role: 'user', parts: [{ functionResponse: { name: 'f', response: { other_key: 2 } } }] },
        ],
        generationConfig: {
          maxOutputTokens: 5,
          responseMimeType: 'application/json',
          responseJsonSchema: { my_key: {} },
        },
      }),
    )
  })

  it('joins calls and results that have no ids by their names', () => {
    const { messages } = decode(requests['a tool loop'])
    const calls = messages.flatMap(({ content }) =>
      Array.isArray(content) ? content.filter((part) => part.type === 'tool-call') : [],
    )
    const answers = messages.filter(({ role }) => role === 'tool').slice(0, 3)
    expect(answers.map(({ toolCallId }) => toolCallId)).toEqual(calls.map((part) => part.id))
    expect(answers.map(({ content, isError }) => [content, isError ?? false])).toEqual([
      ['sunny', false],
      ['{"temperature":20,"unit":"C"}', false],
      ['no clock', true],
    ])
  })

  it('says legacy schemas to others as JSON Schema', () => {
    const { tools, responseFormat } = decode(requests['legacy schemas'])
    expect(tools).toMatchObject([
      { parameters: { type: 'object', properties: { city: { type: ['string', 'null'] } }, required: ['city'] } },
    ])
    expect(responseFormat).toMatchObject({
      schema: { type: 'array', minItems: 1, items: { type: 'string', enum: ['a', 'b'] } },
    })
  })
})
