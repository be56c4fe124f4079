import { describe, expect, it } from 'vitest'
import type { ChatEvent } from '../../ir/chat-event.ts'
import { foldChatEvents } from '../../ir/fold-chat-events.ts'
import { createStreamDecoder } from './decode-stream.ts'

function decode(text: string): ChatEvent[] {
  const events: ChatEvent[] = []
  const decoder = createStreamDecoder((event) => events.push(event))
  decoder.write(new TextEncoder().encode(text))
  decoder.end()
  return events
}

const chunk = (choices: unknown, more: object = {}): string =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 7, model: 'm', choices, ...more })}\n\n`
const delta = (delta: unknown, finish: string | null = null): string =>
  chunk([{ index: 0, delta, finish_reason: finish }])
const done = 'data: [DONE]\n\n'

const content = (text: string): unknown => foldChatEvents(decode(text)).choices[0]?.content

describe('the stream decoder', () => {
  it('tells each step in order', () => {
    expect(
      decode(delta({ role: 'assistant', content: '' }) + delta({ content: 'Hi' }) + delta({}, 'stop') + done),
    ).toEqual([
      { type: 'message-start', id: 'c1', model: 'm', created: 7 },
      { type: 'part-start', choice: 0, part: 0, content: { type: 'text', text: '' } },
      { type: 'text-delta', choice: 0, part: 0, text: 'Hi' },
      { type: 'part-end', choice: 0, part: 0 },
      { type: 'choice-finish', choice: 0, finishReason: 'stop' },
      { type: 'message-end' },
    ])
  })

  it('closes a call as soon as another part opens and its arguments are whole', () => {
    const call = (index: number, more: object): string => delta({ tool_calls: [{ index, ...more }] })
    const events = decode(
      call(0, { id: 'a', type: 'function', function: { name: 'f', arguments: '{"s":"}"' } }) +
        call(0, { function: { arguments: '}' } }) +
        call(1, { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } }) +
        delta({}, 'tool_calls') +
        done,
    )
    expect(events.map((event) => ('part' in event ? `${event.type} ${event.part}` : event.type))).toEqual([
      'message-start',
      'part-start 0',
      'tool-input-delta 0',
      'tool-input-delta 0',
      'part-end 0',
      'part-start 1',
      'tool-input-delta 1',
      'part-end 1',
      'choice-finish',
      'message-end',
    ])
  })

  it('tolerates null members, missing roles and calls without an index', () => {
    const text =
      chunk([]) +
      delta({ content: null, tool_calls: null, refusal: null, audio: null }) +
      chunk([
        { delta: { tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{"x"' } }] }, finish_reason: null },
      ]) +
      chunk([{ delta: { tool_calls: [{ function: { arguments: ':1}' } }] } }]) +
      chunk([{ delta: { tool_calls: [{ id: 'b', function: { name: 'g', arguments: '' } }] } }]) +
      delta({}, 'tool_calls')
    expect(content(text)).toMatchObject([
      { type: 'tool-call', id: 'a', name: 'f', input: '{"x":1}' },
      { type: 'tool-call', id: 'b', name: 'g', input: '' },
    ])
  })

  it('tells parallel calls apart that all have the index 0, and ignores arguments sent twice', () => {
    const call = (id: string): object => ({
      index: 0,
      id,
      type: 'function',
      function: { name: 'f', arguments: `{"${id}":1}` },
    })
    const text =
      delta({ tool_calls: [call('a')] }) +
      delta({ tool_calls: [call('a')] }) +
      delta({ tool_calls: [call('b')] }) +
      delta({}, 'stop')
    const result = foldChatEvents(decode(text))
    expect(result.choices[0]?.content).toMatchObject([{ input: '{"a":1}' }, { input: '{"b":1}' }])
    // The answer waits for its calls, whatever the provider's word for it.
    expect(result.choices[0]).toMatchObject({ finishReason: 'tool-calls', providerFinishReason: 'stop' })
  })

  it('tells many parallel calls apart in linear time: in quadratic time these take half a minute', () => {
    const count = 60_000
    const calls = (part: (at: number) => object): string =>
      delta({ tool_calls: Array.from({ length: count }, (_, at) => part(at)) })
    const inPieces = content(
      calls((at) => ({ index: at, id: `c${at}`, function: { name: 'f', arguments: '{' } })) +
        calls((at) => ({ index: at, function: { arguments: '}' } })) +
        done,
    )
    expect(inPieces).toHaveLength(count)
    const byId = calls((at) => ({ id: `c${at}`, function: { name: 'f', arguments: '{}' } })) + done
    expect(content(byId)).toEqual(inPieces)
  })

  it('gives a call without an id one that is its own', () => {
    const text =
      delta({
        tool_calls: [
          { index: 0, id: '', function: { name: 'f', arguments: '{}' } },
          { index: 1, function: { name: 'f', arguments: '{}' } },
        ],
      }) + delta({}, 'tool_calls')
    expect(content(text)).toMatchObject([{ id: 'call_c1_0_0' }, { id: 'call_c1_0_1' }])
  })

  it('keeps the last usage, wherever it stands', () => {
    const usage = (n: number): object => ({ prompt_tokens: n, completion_tokens: 1, total_tokens: n + 1 })
    const text =
      chunk([{ index: 0, delta: { content: 'a' } }], { usage: usage(1) }) +
      delta({}, 'stop') +
      chunk([], { x_groq: { usage: usage(9) } }) +
      done
    expect(foldChatEvents(decode(text)).usage?.input).toBe(9)
  })

  it('does not repeat a message that follows its deltas whole', () => {
    const text =
      delta({ content: 'Hi' }, 'stop') +
      chunk([{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }])
    expect(content(text)).toEqual([{ type: 'text', text: 'Hi' }])
  })

  it('waits with the start for a chunk that has an id', () => {
    const first = `data: ${JSON.stringify({ id: '', model: '', created: 0, choices: [], prompt_filter_results: [1] })}\n\n`
    const start = decode(first + delta({ content: 'a' }, 'stop'))[0]
    expect(start).toMatchObject({
      type: 'message-start',
      id: 'c1',
      extensions: { 'openai-chat': { prompt_filter_results: [1] } },
    })
  })

  it('counts annotations from the start of their part', () => {
    const citation = { type: 'url_citation', url_citation: { start_index: 3, end_index: 5, url: 'u', title: 't' } }
    const call = { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }
    const text =
      delta({ content: 'abc' }) +
      delta({ tool_calls: [call] }) +
      delta({ content: 'de', annotations: [citation] }) +
      delta({}, 'stop')
    expect(content(text)).toMatchObject([
      { text: 'abc' },
      { name: 'f' },
      { text: 'de', annotations: [{ url: 'u', start: 0, end: 2 }] },
    ])
  })

  it('takes [DONE] for the end even where a finish reason is missing, and ignores what follows', () => {
    const events = decode(delta({ content: 'a' }) + done + delta({ content: 'b' }))
    expect(events.at(-1)).toEqual({ type: 'message-end' })
    expect(foldChatEvents(events).choices[0]).toMatchObject({ finishReason: null, content: [{ text: 'a' }] })
  })

  it('reads a last event that lacks its blank line', () => {
    expect(decode(delta({ content: 'a' }) + 'data: [DONE]').at(-1)).toEqual({ type: 'message-end' })
  })

  it('takes a cut within an event for a cut', () => {
    const text = delta({ content: 'a' }) + delta({}, null)
    expect(decode(text.slice(0, -20)).at(-1)).toMatchObject({
      type: 'error',
      error: { code: 'upstream_disconnected', retryable: true },
    })
  })

  it('passes on what the provider says of an error inside the stream', () => {
    const text = delta({ content: 'a' }) + 'data: {"error":{"code":529,"message":"Overloaded, come back"}}\n\n' + done
    expect(decode(text).at(-1)).toMatchObject({
      type: 'error',
      error: { code: 'upstream_overloaded', message: 'Overloaded, come back' },
    })
  })

  it('puts a signature on the reasoning that it belongs to', () => {
    const text =
      delta({ reasoning_content: 'I think' }) +
      delta({ reasoning_details: [{ type: 'reasoning.text', signature: 'sig', index: 0 }] }) +
      delta({ content: 'so' }, 'stop')
    expect(content(text)).toEqual([
      { type: 'reasoning', text: 'I think', signature: 'sig' },
      { type: 'text', text: 'so' },
    ])
  })
})
