import { describe, expect, it } from 'vitest'
import { SluiceError } from '../../errors/sluice-error.ts'
import type { ChatRequest } from '../../ir/chat.ts'
import type { Warning } from '../../ir/extensions.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'

const warnings: Warning[] = []
const context = { warn: (warning: Warning) => warnings.push(warning) }

describe('reading a request', () => {
  it('gives neutral names and values', () => {
    const request = decodeRequest({
      model: 'm',
      max_tokens: 5,
      n: 2,
      reasoning_effort: 'low',
      response_format: { type: 'json_object' },
      tool_choice: { type: 'function', function: { name: 'f' } },
      tools: [{ type: 'function', function: { name: 'f' } }, { type: 'web_search' }],
      messages: [
        {
          role: 'user',
          content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==', detail: 'low' } }],
        },
        {
          role: 'assistant',
          content: 'x',
          reasoning_content: 'r',
          tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: '1', content: 'ok' },
      ],
    })
    expect(request).toMatchObject({
      maxOutputTokens: 5,
      choiceCount: 2,
      reasoning: { effort: 'low' },
      responseFormat: { type: 'json' },
      toolChoice: { type: 'tool', kind: 'function', name: 'f' },
      tools: [{ type: 'function', name: 'f' }, { type: 'provider' }],
      messages: [
        {
          role: 'user',
          content: [{ type: 'image', detail: 'low', media: { from: 'base64', mediaType: 'image/png', data: 'AA==' } }],
        },
        {
          role: 'assistant',
          content: [
            { type: 'reasoning', text: 'r' },
            { type: 'text', text: 'x' },
            { type: 'tool-call', id: '1', name: 'f', input: '{}' },
          ],
        },
        { role: 'tool', toolCallId: '1', content: 'ok' },
      ],
    })
  })

  it('links the deprecated function messages to their calls', () => {
    const { messages } = decodeRequest({
      model: 'm',
      messages: [
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
        { role: 'function', name: 'f', content: 'ok' },
      ],
    })
    const call = messages[0]?.content?.[0]
    expect(call).toMatchObject({ type: 'tool-call', name: 'f' })
    expect(messages[1]).toMatchObject({
      role: 'tool',
      toolCallId: typeof call === 'object' && call.type === 'tool-call' ? call.id : '?',
    })
  })

  it.each([
    [null, undefined],
    [{ messages: [] }, 'model'],
    [{ model: 'm' }, 'messages'],
    [{ model: 'm', messages: ['hi'] }, 'messages[0]'],
    [{ model: 'm', messages: [{ role: 'toString', content: '' }] }, 'messages[0].role'],
    [{ model: 'm', messages: [{ role: 'user', content: 5 }] }, 'messages[0].content'],
    [{ model: 'm', messages: [{ role: 'user', content: [5] }] }, 'messages[0].content[0]'],
    [{ model: 'm', messages: [{ role: 'assistant', content: {}, refusal: null }] }, 'messages[0].content'],
    [{ model: 'm', messages: [], tools: {} }, 'tools'],
    [{ model: 'm', messages: [], tools: [1] }, 'tools[0]'],
    [{ model: 'm', messages: [], tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name'],
  ])('refuses %j and names the member', (wire, param) => {
    const error = (() => {
      try {
        return decodeRequest(wire)
      } catch (thrown) {
        return thrown
      }
    })()
    expect(error).toBeInstanceOf(SluiceError)
    expect(error).toMatchObject({ code: 'invalid_request', status: 400, param })
  })
})

describe('writing a request of another dialect', () => {
  const foreign: ChatRequest = {
    model: 'm',
    stream: true,
    maxOutputTokens: 9,
    reasoning: { maxTokens: 2048 },
    responseFormat: { type: 'json-schema', schema: { type: 'object' } },
    tools: [{ type: 'provider', extensions: { 'anthropic-messages': { type: 'bash_20250124' } } }],
    messages: [
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'secret', signature: 's' },
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
          { type: 'tool-call', kind: 'function', id: '1', name: 'f', input: '{}' },
        ],
      },
      { role: 'assistant', content: [{ type: 'tool-call', kind: 'function', id: '2', name: 'f', input: '{}' }] },
    ],
    extensions: { 'anthropic-messages': { inference_geo: 'eu' } },
  }

  it('writes only what OpenAI knows, asks for usage and names what it changed', () => {
    warnings.length = 0
    const call = (id: string): object => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })
    expect(encodeRequest(foreign, context)).toEqual({
      model: 'm',
      stream: true,
      stream_options: { include_usage: true },
      max_completion_tokens: 9,
      reasoning_effort: 'medium',
      response_format: { type: 'json_schema', json_schema: { name: 'response', schema: { type: 'object' } } },
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
          tool_calls: [call('1')],
        },
        { role: 'assistant', content: null, tool_calls: [call('2')] },
      ],
    })
    expect(warnings.map((warning) => `${warning.code} ${warning.path}`)).toEqual([
      'field-dropped messages[0].reasoning',
      'field-dropped inference_geo',
      'field-dropped tools[0].type',
      'unsupported tools[0]',
      'value-changed reasoning',
    ])
  })

  it.each([
    [{ type: 'auto' } as const, []],
    [{ type: 'required' } as const, ['field-dropped tool_choice']],
    [{ type: 'tool', kind: 'function', name: 'bash' } as const, ['field-dropped tool_choice']],
  ])('makes no choice (%j) among tools of which none is left', (toolChoice, warned) => {
    warnings.length = 0
    const tools = [{ type: 'provider', extensions: {} }] as const
    const wire = encodeRequest({ model: 'm', messages: [], tools, toolChoice, parallelToolCalls: false }, context)
    expect(wire).toEqual({ model: 'm', messages: [] })
    expect(warnings.map((warning) => `${warning.code} ${warning.path}`)).toEqual(['unsupported tools[0]', ...warned])
  })

  it('tells what tools returned besides text where OpenAI reads it: after the results, in a message of the user', () => {
    warnings.length = 0
    const picture = { type: 'image', media: { from: 'base64', mediaType: 'image/png', data: 'AA==' } } as const
    const wirePicture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }
    const { messages } = encodeRequest(
      {
        model: 'm',
        messages: [
          { role: 'tool', toolCallId: '1', content: [{ type: 'text', text: 'a page' }, picture] },
          { role: 'tool', toolCallId: '2', content: [picture] },
          { role: 'tool', toolCallId: '3', content: [{ type: 'text', text: 'only text' }] },
          { role: 'user', content: 'which?' },
          { role: 'tool', toolCallId: '4', content: [picture] },
          { role: 'assistant', content: 'this' },
          { role: 'tool', toolCallId: '5', content: [picture] },
        ],
      },
      context,
    )
    const elsewhere = 'What it returned follows in a message of the user.'
    const label = (id: string): object => ({ type: 'text', text: `Returned by the call ${id}:` })
    expect(messages).toEqual([
      { role: 'tool', tool_call_id: '1', content: [{ type: 'text', text: 'a page' }] },
      { role: 'tool', tool_call_id: '2', content: elsewhere },
      { role: 'tool', tool_call_id: '3', content: [{ type: 'text', text: 'only text' }] },
      { role: 'user', content: [label('1'), wirePicture, label('2'), wirePicture, { type: 'text', text: 'which?' }] },
      { role: 'tool', tool_call_id: '4', content: elsewhere },
      { role: 'user', content: [label('4'), wirePicture] },
      { role: 'assistant', content: 'this' },
      { role: 'tool', tool_call_id: '5', content: elsewhere },
      { role: 'user', content: [label('5'), wirePicture] },
    ])
    expect(warnings.map((warning) => `${warning.code} ${warning.path}`)).toEqual(
      [0, 1, 4, 6].map((index) => `value-changed messages[${index}].content`),
    )
  })

  it('leaves what a tool returned where a caller of its own dialect put it', () => {
    const wire = {
      model: 'm',
      messages: [
        {
          role: 'tool',
          tool_call_id: '1',
          content: [{ type: 'image_url', image_url: { url: 'https://e.test/a.png' } }],
        },
      ],
    }
    expect(encodeRequest(decodeRequest(wire), context)).toEqual(wire)
  })

  it('follows a change of a value that was written under its deprecated name', () => {
    const request = decodeRequest({ model: 'm', max_tokens: 5, messages: [] })
    expect(encodeRequest({ ...request, maxOutputTokens: 3 }, context)).toEqual({
      model: 'm',
      max_tokens: 3,
      messages: [],
    })
  })
})
