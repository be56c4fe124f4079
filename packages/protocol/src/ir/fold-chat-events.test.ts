import { describe, expect, it } from 'vitest'
import { SluiceError } from '../errors/sluice-error.ts'
import type { ChatEvent } from './chat-event.ts'
import { foldChatEvents } from './fold-chat-events.ts'

const start: ChatEvent = { type: 'message-start', id: 'i', model: 'm', extensions: { d: { a: 1, b: 1 } } }
const end: ChatEvent = { type: 'message-end' }

describe('foldChatEvents', () => {
  it('gathers every kind of part, in the order of choices and parts', () => {
    const events: ChatEvent[] = [
      start,
      { type: 'part-start', choice: 1, part: 0, content: { type: 'refusal', text: 'n' } },
      { type: 'text-delta', choice: 1, part: 0, text: 'o' },
      { type: 'part-start', choice: 0, part: 0, content: { type: 'reasoning', text: '' } },
      { type: 'text-delta', choice: 0, part: 0, text: 'r' },
      { type: 'reasoning-seal', choice: 0, part: 0, signature: 's' },
      {
        type: 'part-start',
        choice: 0,
        part: 1,
        content: { type: 'tool-call', kind: 'function', id: 'c', name: 'f', input: '{' },
      },
      { type: 'part-start', choice: 0, part: 2, content: { type: 'audio', id: 'a' } },
      { type: 'tool-input-delta', choice: 0, part: 1, input: '}' },
      { type: 'audio-delta', choice: 0, part: 2, data: 'AA', transcript: 'x' },
      { type: 'audio-delta', choice: 0, part: 2, data: 'BB', expiresAt: 9 },
      { type: 'part-start', choice: 0, part: 3, content: { type: 'text', text: 't' } },
      { type: 'annotation-add', choice: 0, part: 3, annotation: { type: 'url-citation', url: 'u' } },
      { type: 'logprobs-add', choice: 0, content: [{ token: 't', logprob: 0, bytes: null, top: [] }] },
      { type: 'choice-extend', choice: 0, extensions: { d: { x: 1 } } },
      { type: 'choice-extend', choice: 0, extensions: { d: { y: 2 } } },
      { type: 'choice-finish', choice: 0, finishReason: 'stop', providerFinishReason: 'eos' },
      { type: 'message-extend', serviceTier: 'flex', extensions: { d: { b: 2 } } },
      end,
    ]
    expect(foldChatEvents(events)).toEqual({
      id: 'i',
      model: 'm',
      serviceTier: 'flex',
      extensions: { d: { a: 1, b: 2 } },
      choices: [
        {
          index: 0,
          finishReason: 'stop',
          providerFinishReason: 'eos',
          extensions: { d: { x: 1, y: 2 } },
          logprobs: { content: [{ token: 't', logprob: 0, bytes: null, top: [] }] },
          content: [
            { type: 'reasoning', text: 'r', signature: 's' },
            { type: 'tool-call', kind: 'function', id: 'c', name: 'f', input: '{}' },
            { type: 'audio', id: 'a', data: 'AABB', transcript: 'x', expiresAt: 9 },
            { type: 'text', text: 't', annotations: [{ type: 'url-citation', url: 'u' }] },
          ],
        },
        { index: 1, finishReason: null, content: [{ type: 'refusal', text: 'no' }] },
      ],
    })
  })

  it('throws the error of a stream that failed', () => {
    const error = new SluiceError('upstream_overloaded', 'busy')
    expect(() => foldChatEvents([start, { type: 'error', error }])).toThrow(error)
  })

  it('does not take a cut stream for a whole one', () => {
    expect(() => foldChatEvents([start])).toThrow(expect.objectContaining({ code: 'upstream_disconnected' }))
    expect(() => foldChatEvents([])).toThrow(expect.objectContaining({ code: 'upstream_disconnected' }))
  })

  it('refuses events that break the order', () => {
    expect(() => foldChatEvents([end])).toThrow(expect.objectContaining({ code: 'internal_error' }))
    expect(() => foldChatEvents([start, { type: 'text-delta', choice: 0, part: 0, text: 'x' }])).toThrow(SluiceError)
  })

  it('gathers many members in linear time: in quadratic time these take a minute', () => {
    const count = 16_000
    const events = Array.from({ length: count }, (_, at): ChatEvent[] => [
      { type: 'message-extend', extensions: { d: { [`m${at}`]: at } } },
      { type: 'choice-extend', choice: 0, extensions: { d: { [`c${at}`]: at } } },
    ]).flat()
    const { extensions, choices } = foldChatEvents([start, ...events, end])
    expect(Object.keys(extensions?.['d'] ?? {})).toHaveLength(count + 2)
    expect(Object.keys(choices[0]?.extensions?.['d'] ?? {})).toHaveLength(count)
  })

  it('takes a member called `__proto__` for one like any other', () => {
    const members = JSON.parse('{"__proto__": {"polluted": true}, "x": 1}') as Record<string, unknown>
    const { extensions } = foldChatEvents([start, { type: 'message-extend', extensions: { d: members } }, end])
    expect(Object.keys(extensions?.['d'] ?? {})).toEqual(['a', 'b', '__proto__', 'x'])
    expect(extensions?.['d']?.['polluted']).toBeUndefined()
  })
})
