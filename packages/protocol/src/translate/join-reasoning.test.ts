import { expect, it } from 'vitest'
import type { ChatMessage, ContentPart } from '../ir/chat.ts'
import { joinReasoning } from './join-reasoning.ts'

const said = (text: string, signature?: string): ContentPart => ({
  type: 'reasoning',
  text,
  ...(signature !== undefined && { signature }),
})
const call: ContentPart = { type: 'tool-call', kind: 'function', id: '1', name: 'f', input: '{}' }
const turn = (...content: readonly ContentPart[]): ChatMessage => ({ role: 'assistant', content })
const join = (...messages: readonly ChatMessage[]): readonly ChatMessage[] =>
  joinReasoning({ model: 'm', messages }).messages

it('puts a signature to the pieces before it', () => {
  expect(join(turn(said('I have '), said('to look.'), said('', 's'), call))).toEqual([
    turn(said('I have to look.', 's'), call),
  ])
})

it('finds the pieces in messages of their own, and leaves none of those empty', () => {
  expect(join(turn(said('I have ')), turn(said('to look.')), turn(said('', 's')), turn(call))).toEqual([
    turn(said('I have to look.', 's')),
    turn(call),
  ])
})

it('joins nothing across what others said, calls, or signed reasoning', () => {
  for (const between of [said('c', 't'), call]) {
    const messages = [turn(said('a'), between, said('', 's'))]
    expect(join(...messages)).toEqual(messages)
  }
  const asked = [turn(said('a')), { role: 'user', content: 'b' } as const, turn(said('', 's'))]
  expect(join(...asked)).toEqual(asked)
})
