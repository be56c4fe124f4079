import { expect, it } from 'vitest'
import { Turns } from './turns.ts'

const block = (name: string): { readonly name: string } => ({ name })

it('puts the results of a turn before all else, and gives no turn to who says nothing', () => {
  const turns = new Turns()
  expect(turns.empty).toBe(true)
  turns.add('assistant', [])
  expect(turns.empty).toBe(true)
  turns.add('user', [block('a')])
  turns.add('assistant', [])
  turns.addResult([block('1'), block('behind 1')])
  turns.add('user', [block('b')])
  turns.addResult([block('2')])
  turns.add('assistant', [block('c')])
  turns.addResult([block('3')])
  expect(turns.list()).toEqual([
    { role: 'user', content: ['1', 'behind 1', '2', 'a', 'b'].map(block) },
    { role: 'assistant', content: [block('c')] },
    { role: 'user', content: [block('3')] },
  ])
})

it('gathers many results between other things in linear time: in quadratic time these take a minute', () => {
  const turns = new Turns()
  const count = 200_000
  for (let at = 0; at < count; at++) {
    turns.addResult([block('result')])
    turns.add('user', [block('text')])
  }
  expect(turns.list()[0]?.content).toHaveLength(2 * count)
})
