import { describe, expect, it } from 'vitest'
import type { Warning } from '../../ir/extensions.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import { noUsage } from '../../ir/usage.ts'
import { createStreamEncoder } from './encode-stream.ts'

function encode(
  events: readonly ChatEvent[],
  includeUsage = false,
  warn: (warning: Warning) => void = () => undefined,
): unknown[] {
  let text = ''
  const encoder = createStreamEncoder((piece) => (text += piece), { includeUsage, warn })
  for (const event of events) encoder.write(event)
  return text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => (event === 'data: [DONE]' ? '[DONE]' : JSON.parse(event.slice('data: '.length))))
}

const start: ChatEvent = { type: 'message-start', id: 'msg_1', model: 'claude', created: 5 }
const head = { id: 'msg_1', object: 'chat.completion.chunk', created: 5, model: 'claude' }
const choice = (delta: unknown, finish: string | null = null, more: object = {}): object => ({
  ...head,
  choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  ...more,
})
const role = { role: 'assistant', content: '', refusal: null }
const said: ChatEvent[] = [
  { type: 'part-start', choice: 0, part: 0, content: { type: 'text', text: '' } },
  { type: 'text-delta', choice: 0, part: 0, text: 'a "b"\n' },
  { type: 'part-end', choice: 0, part: 0 },
  { type: 'choice-finish', choice: 0, finishReason: 'length', providerFinishReason: 'max_tokens' },
]
const usage: ChatEvent = { type: 'usage', usage: { ...noUsage, input: 3, cacheRead: 2, output: 4 } }
const end: ChatEvent = { type: 'message-end' }

describe('the stream encoder', () => {
  it('writes the role first, our word for the finish, no usage unless asked, and [DONE]', () => {
    expect(encode([start, ...said, usage, end])).toEqual([
      choice(role),
      choice({ content: 'a "b"\n' }),
      choice({}, 'length'),
      '[DONE]',
    ])
  })

  it('writes the usage as a chunk of its own where it was asked for', () => {
    const none = { usage: null }
    expect(encode([start, ...said, usage, end], true)).toEqual([
      choice(role, null, none),
      choice({ content: 'a "b"\n' }, null, none),
      choice({}, 'length', none),
      {
        ...head,
        choices: [],
        usage: expect.objectContaining({ prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 }),
      },
      '[DONE]',
    ])
  })

  it('numbers calls on their own, whatever parts lie between', () => {
    const call = (part: number, id: string): ChatEvent[] => [
      {
        type: 'part-start',
        choice: 0,
        part,
        content: { type: 'tool-call', kind: 'function', id, name: 'f', input: '' },
      },
      { type: 'tool-input-delta', choice: 0, part, input: '{}' },
      { type: 'part-end', choice: 0, part },
    ]
    const finish: ChatEvent = {
      type: 'choice-finish',
      choice: 0,
      finishReason: 'tool-calls',
      providerFinishReason: 'tool_use',
    }
    expect(encode([start, ...said.slice(0, 3), ...call(1, 'x'), ...call(2, 'y'), finish, end]).slice(2)).toEqual([
      choice({ tool_calls: [{ index: 0, id: 'x', type: 'function', function: { name: 'f', arguments: '' } }] }),
      choice({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] }),
      choice({ tool_calls: [{ index: 1, id: 'y', type: 'function', function: { name: 'f', arguments: '' } }] }),
      choice({ tool_calls: [{ index: 1, function: { arguments: '{}' } }] }),
      choice({}, 'tool_calls'),
      '[DONE]',
    ])
  })

  it('opens every choice with its role and shifts annotations by the text before their part', () => {
    const text = (part: number, said: string): ChatEvent[] => [
      { type: 'part-start', choice: 1, part, content: { type: 'text', text: '' } },
      { type: 'text-delta', choice: 1, part, text: said },
    ]
    const annotation: ChatEvent = {
      type: 'annotation-add',
      choice: 1,
      part: 1,
      annotation: { type: 'url-citation', url: 'u', start: 0, end: 1 },
    }
    const chunks = encode([start, ...text(0, 'abc'), ...text(1, 'd'), annotation])
    expect(chunks[1]).toMatchObject({ choices: [{ index: 1, delta: role }] })
    expect(chunks.at(-1)).toMatchObject({
      choices: [
        {
          index: 1,
          delta: { annotations: [{ type: 'url_citation', url_citation: { url: 'u', start_index: 3, end_index: 4 } }] },
        },
      ],
    })
  })

  it('shows reasoning, with its signature where a client can send it back', () => {
    const events: ChatEvent[] = [
      { type: 'part-start', choice: 0, part: 0, content: { type: 'reasoning', text: '' } },
      { type: 'text-delta', choice: 0, part: 0, text: 'hm' },
      { type: 'reasoning-seal', choice: 0, part: 0, signature: 'sig' },
    ]
    expect(encode([start, ...events]).slice(1)).toEqual([
      choice({ reasoning_content: 'hm' }),
      choice({ reasoning_details: [{ type: 'reasoning.text', index: 0, signature: 'sig' }] }),
    ])
  })

  it('tells a signature that was known from the start after the text that it is of', () => {
    const events: ChatEvent[] = [
      { type: 'part-start', choice: 0, part: 0, content: { type: 'reasoning', text: '', signature: 'sig' } },
      { type: 'text-delta', choice: 0, part: 0, text: 'hm' },
      { type: 'part-end', choice: 0, part: 0 },
    ]
    expect(encode([start, ...events]).slice(1)).toEqual([
      choice({ reasoning_content: 'hm' }),
      choice({ reasoning_details: [{ type: 'reasoning.text', index: 0, signature: 'sig' }] }),
    ])
  })

  it('ends a failed stream with the error and without [DONE]', () => {
    const error = new SluiceError('upstream_disconnected', 'It broke.')
    expect(encode([start, { type: 'error', error }])).toEqual([
      choice(role),
      { error: { message: 'It broke.', type: 'server_error', param: null, code: 'upstream_disconnected' } },
    ])
  })

  it('gives a reason for the end where the provider gave none', () => {
    expect(encode([start, ...said.slice(0, 3), end]).slice(-2)).toEqual([choice({}, 'stop'), '[DONE]'])
  })

  it('names what only another dialect knows instead of writing it', () => {
    const warnings: Warning[] = []
    const extend: ChatEvent = {
      type: 'message-extend',
      extensions: { 'anthropic-messages': { container: 'c' }, 'anthropic-messages/form': { x: 1 } },
    }
    expect(
      JSON.stringify(encode([start, extend, ...said, end], false, (warning) => warnings.push(warning))),
    ).not.toContain('container')
    expect(warnings).toEqual([expect.objectContaining({ code: 'field-dropped', path: 'container' })])
  })
})
