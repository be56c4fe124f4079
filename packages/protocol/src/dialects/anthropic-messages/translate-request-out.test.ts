import { expect, describe, test } from 'vitest'
import { openaiChat } from '../openai-chat/openai-chat.ts'
import { anthropicMessages } from './anthropic-messages.ts'

describe('to other wires', () => {
  test('a turn of Claude Code is one that OpenAI knows', () => {
    const context = { warn: () => undefined }
    const request = anthropicMessages.request.decode(
      {
        model: 'm',
        max_tokens: 500,
        system: [{ type: 'text', text: 'You are Claude Code.', cache_control: { type: 'ephemeral' } }],
        stream: true,
        metadata: { user_id: 'u' },
        tools: [{ name: 'Bash', description: 'Run', input_schema: { type: 'object', properties: {} } }],
        tool_choice: { type: 'any', disable_parallel_tool_use: true },
        thinking: { type: 'adaptive' },
        output_config: { effort: 'high' },
        messages: [
          { role: 'user', content: 'ls' },
          { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'Bash', input: { command: 'ls' } }] },
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: 'toolu_1', content: 'a.txt' },
              { type: 'text', text: 'Thanks. Now?' },
            ],
          },
        ],
      },
      context,
    )
    expect(JSON.parse(JSON.stringify(openaiChat.request.encode(request, context)))).toEqual({
      model: 'm',
      max_completion_tokens: 500,
      stream: true,
      stream_options: { include_usage: true },
      user: 'u',
      tools: [
        {
          type: 'function',
          function: { name: 'Bash', description: 'Run', parameters: { type: 'object', properties: {} } },
        },
      ],
      tool_choice: 'required',
      parallel_tool_calls: false,
      reasoning_effort: 'high',
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'You are Claude Code.' }] },
        { role: 'user', content: 'ls' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'toolu_1', type: 'function', function: { name: 'Bash', arguments: '{"command":"ls"}' } }],
        },
        { role: 'tool', tool_call_id: 'toolu_1', content: 'a.txt' },
        { role: 'user', content: [{ type: 'text', text: 'Thanks. Now?' }] },
      ],
    })
  })
})
