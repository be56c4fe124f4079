import { describe, expect, test } from 'vitest'
import type { Warning } from '../../ir/extensions.ts'
import { unfoldChatResult } from '../../ir/unfold-chat-result.ts'
import { openaiChat } from '../openai-chat/openai-chat.ts'
import type { ChatResult } from '../../ir/chat.ts'
import { openaiResponses } from './openai-responses.ts'

/** A request in one dialect, said in the other. */
function translate(
  from: typeof openaiChat,
  to: typeof openaiChat,
  wire: object,
): { wire: unknown; warnings: string[] } {
  const warnings: string[] = []
  const context = { warn: (warning: Warning) => void warnings.push(warning.path) }
  const body = { model: 'm', ...wire }
  return { wire: to.request.encode(from.request.decode(body, context), context), warnings }
}

const toChat = (wire: object): ReturnType<typeof translate> => translate(openaiResponses, openaiChat, wire)
const toResponses = (wire: object): ReturnType<typeof translate> => translate(openaiChat, openaiResponses, wire)

describe('a request of Responses, said in Chat Completions', () => {
  test('makes one turn of what a model wrote, and names calls by the ids that results name', () => {
    const { wire, warnings } = toChat({
      instructions: 'Be brief.',
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'Weather?' }] },
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: 'A moment.', annotations: [] }],
        },
        {
          type: 'function_call',
          id: 'fc_1',
          call_id: 'call_1',
          name: 'get_weather',
          arguments: '{}',
          status: 'completed',
        },
        { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_2', name: 'shell', input: 'ls' },
        { type: 'function_call_output', call_id: 'call_1', output: 'Sunny' },
        { type: 'custom_tool_call_output', call_id: 'call_2', output: 'a.txt' },
      ],
    })
    expect(wire).toMatchObject({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
        {
          role: 'assistant',
          content: 'A moment.',
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{}' } },
            { id: 'call_2', type: 'custom', custom: { name: 'shell', input: 'ls' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'Sunny' },
        { role: 'tool', tool_call_id: 'call_2', content: 'a.txt' },
      ],
    })
    expect(warnings).toEqual([])
  })

  test('carries what both have under other names', () => {
    const { wire, warnings } = toChat({
      input: 'x',
      max_output_tokens: 50,
      prompt_cache_key: 'k',
      include: ['message.output_text.logprobs'],
      top_logprobs: 2,
      reasoning: { effort: 'low' },
      text: { format: { type: 'json_schema', name: 'p', schema: { type: 'object' }, strict: true }, verbosity: 'low' },
      tools: [{ type: 'custom', name: 'g', format: { type: 'grammar', syntax: 'lark', definition: 'start: /a/' } }],
      tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'custom', name: 'g' }] },
    })
    expect(wire).toMatchObject({
      messages: [{ role: 'user', content: 'x' }],
      max_completion_tokens: 50,
      prompt_cache_key: 'k',
      logprobs: true,
      top_logprobs: 2,
      reasoning_effort: 'low',
      verbosity: 'low',
      response_format: { type: 'json_schema', json_schema: { name: 'p', schema: { type: 'object' }, strict: true } },
      tools: [
        {
          type: 'custom',
          custom: { name: 'g', format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: /a/' } } },
        },
      ],
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: { mode: 'auto', tools: [{ type: 'custom', custom: { name: 'g' } }] },
      },
    })
    expect(warnings).toEqual([])
  })

  test('says what is lost', () => {
    const { warnings } = toChat({
      input: 'x',
      previous_response_id: 'resp_1',
      background: true,
      tools: [{ type: 'web_search' }],
      reasoning: { summary: 'auto' },
    })
    expect(warnings).toEqual(
      expect.arrayContaining(['previous_response_id', 'background', 'tools[0]', 'reasoning.summary']),
    )
  })
})

describe('a request of Chat Completions, said in Responses', () => {
  test('becomes items without ids, and asks for nothing to be stored', () => {
    const { wire, warnings } = toResponses({
      messages: [
        { role: 'developer', content: 'Be brief.' },
        {
          role: 'user',
          content: [{ type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } }],
        },
        {
          role: 'assistant',
          content: 'A moment.',
          tool_calls: [{ id: 'call_1', type: 'custom', custom: { name: 'shell', input: 'ls' } }],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'a.txt' },
      ],
      stream: true,
      stream_options: { include_usage: true },
    })
    expect(wire).toEqual({
      model: 'm',
      stream: true,
      store: false,
      input: [
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: [{ type: 'input_image', image_url: 'https://example.com/a.png', detail: 'low' }] },
        { role: 'assistant', content: 'A moment.' },
        { type: 'custom_tool_call', call_id: 'call_1', name: 'shell', input: 'ls' },
        { type: 'custom_tool_call_output', call_id: 'call_1', output: 'a.txt' },
      ],
    })
    expect(warnings).toEqual([])
  })

  test('does not make schemas strict that were not', () => {
    const { wire } = toResponses({ messages: [], tools: [{ type: 'function', function: { name: 'now' } }] })
    expect(wire).toMatchObject({ tools: [{ type: 'function', name: 'now', parameters: null, strict: false }] })
  })

  test('makes no choice among tools of which none is left', () => {
    const { wire, warnings } = toResponses({ messages: [], tools: [{ type: 'web' }], tool_choice: 'required' })
    expect(wire).toEqual({ model: 'm', input: [], store: false })
    expect(warnings).toEqual(['tools[0].type', 'tools[0]', 'tool_choice'])
  })

  test('says what is lost and what is changed', () => {
    const { wire, warnings } = toResponses({ messages: [], max_tokens: 5, stop: ['x'], seed: 1, n: 2 })
    expect(wire).toMatchObject({ max_output_tokens: 16 })
    expect(warnings.sort()).toEqual(['max_output_tokens', 'n', 'seed', 'stop'])
  })
})

describe('an answer of another dialect', () => {
  const result: ChatResult = {
    id: 'chatcmpl-1',
    model: 'm',
    created: 5,
    choices: [
      {
        index: 0,
        finishReason: 'tool-calls',
        content: [
          { type: 'reasoning', text: 'Hmm.', signature: 'sig' },
          { type: 'text', text: 'Yes.' },
          { type: 'tool-call', kind: 'function', id: 'call_1', name: 'now', input: '{}' },
        ],
      },
    ],
  }
  const output = [
    { type: 'reasoning', id: 'rs_10', summary: [{ type: 'summary_text', text: 'Hmm.' }] },
    {
      type: 'message',
      id: 'msg_11',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'Yes.', annotations: [] }],
    },
    { type: 'function_call', id: 'fc_12', call_id: 'call_1', name: 'now', arguments: '{}', status: 'completed' },
  ]
  const quiet = { warn: () => undefined }

  test('gets the ids and members that clients look at', () => {
    const wire = openaiResponses.result.encode(result, quiet)
    expect(wire).toMatchObject({
      id: 'resp_chatcmpl-1',
      object: 'response',
      created_at: 5,
      status: 'completed',
      error: null,
      tools: [],
      output,
    })
  })

  test('streams the same, its events counted without a gap', () => {
    let text = ''
    const encoder = openaiResponses.stream.encoder((piece) => (text += String(piece)), { ...quiet, includeUsage: true })
    for (const event of unfoldChatResult(result)) encoder.write(event)
    const events = [...text.matchAll(/^event: (.*)\ndata: (.*)$/gm)].map(([, name, data = '']) => {
      return { name, data: JSON.parse(data) as Record<string, unknown> }
    })
    expect(events.map(({ data }) => data['sequence_number'])).toEqual(events.map((_, index) => index))
    expect(events.map(({ name }) => name)).toEqual(events.map(({ data }) => data['type']))
    expect(events.at(-1)?.data).toMatchObject({ type: 'response.completed', response: { output } })
  })

  test("hands another provider's signature back to it", () => {
    const wire = openaiResponses.result.encode(result, quiet) as { output: unknown[] }
    const request = openaiResponses.request.decode({ model: 'm', input: wire.output }, quiet)
    expect(request.messages[0]?.content?.[0]).toMatchObject({ type: 'reasoning', text: 'Hmm.', signature: 'sig' })
  })
})
