import { type ChatEvent, foldChatEvents } from '@sluice/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ContinuedText } from './continued-text.ts'

const start: ChatEvent = { type: 'message-start', id: 'a', model: 'm' }
const textPart = (part: number): ChatEvent => ({
  type: 'part-start',
  choice: 0,
  part,
  content: { type: 'text', text: '' },
})
const delta = (text: string, part = 0): ChatEvent => ({ type: 'text-delta', choice: 0, part, text })
const ending: readonly ChatEvent[] = [
  { type: 'part-end', choice: 0, part: 0 },
  { type: 'choice-finish', choice: 0, finishReason: 'stop' },
  { type: 'message-end' },
]

/** What a caller reads of an answer that broke off after `said` and was continued with `pieces`. */
function read(said: string, pieces: readonly string[]): string {
  const events: ChatEvent[] = said === '' ? [start] : [start, textPart(0), delta(said)]
  const continued = new ContinuedText([...events], (event) => events.push(event))
  for (const event of [{ ...start, id: 'b' }, textPart(0), ...pieces.map((piece) => delta(piece)), ...ending])
    continued.write(event)
  const { id, choices } = foldChatEvents(events)
  expect(id).toBe('a')
  expect(choices[0]?.content).toHaveLength(1)
  const [part] = choices[0]?.content ?? []
  return part?.type === 'text' ? part.text : ''
}

const poem = 'It was a bright cold day in April, and the clocks were striking thirteen.'

test('goes on where it broke off', () => {
  expect(read('It was a bright ', ['cold ', 'day in April.'])).toBe('It was a bright cold day in April.')
  expect(read('', ['It was ', 'a day.'])).toBe('It was a day.')
})

test('leaves out what is said again: all of it, or its end', () => {
  expect(read('Still ', ['Still here, ', 'and well.'])).toBe('Still here, and well.')
  expect(read('It was a bright cold ', [poem.slice(0, 10), poem.slice(10)])).toBe(poem)
  expect(read('It was a bright cold day', ['a bright cold day in', ' April.'])).toBe(
    'It was a bright cold day in April.',
  )
})

test('says the space between two words once', () => {
  expect(read('One ', [' two.'])).toBe('One two.')
  expect(read('One', [' two.'])).toBe('One two.')
})

test('keeps what is said twice on purpose', () => {
  expect(read('She laughed: ha ha ', ['ha ha ha'])).toBe('She laughed: ha ha ha ha ha')
})

test('wherever it breaks, and in whatever pieces the rest comes, the text is whole', () => {
  const at = fc.nat({ max: poem.length - 1 })
  fc.assert(
    fc.property(at, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), fc.boolean(), (cut, sizes, again) => {
      const rest = again ? poem : poem.slice(cut)
      const pieces: string[] = []
      for (let index = 0, from = 0; from < rest.length; index++) {
        const size = sizes[index % sizes.length]!
        pieces.push(rest.slice(from, from + size))
        from += size
      }
      expect(read(poem.slice(0, cut), pieces)).toBe(poem)
    }),
  )
})

test('leaves out what the second model thought', () => {
  const events: ChatEvent[] = [start, textPart(0), delta('One ')]
  const continued = new ContinuedText([...events], (event) => events.push(event))
  const thought: ChatEvent = { type: 'part-start', choice: 0, part: 0, content: { type: 'reasoning', text: '' } }
  const end: ChatEvent = { type: 'part-end', choice: 0, part: 1 }
  for (const event of [start, thought, delta('Hm.'), textPart(1), delta('two.', 1), end, ...ending.slice(1)])
    continued.write(event)
  expect(foldChatEvents(events).choices[0]?.content).toMatchObject([{ type: 'text', text: 'One two.' }])
})

test('is not held up by long texts', () => {
  const length = 1_000_000
  const letters = 'a'.repeat(length)
  // Begun anew, in many pieces; and in one piece that is nearly an end of what was said, everywhere.
  const pieces = Array.from({ length: length / 4 }, () => 'aaaa')
  expect(read(letters, [...pieces, 'b'])).toBe(`${letters}b`)
  expect(read(`b${letters}b`, [letters])).toBe(`b${letters}b${letters}`)
})
