import { expect, it } from 'vitest'
import { PartQueue } from './part-queue.ts'

function createQueue(): { queue: PartQueue; sent: string[] } {
  const sent: string[] = []
  return { queue: new PartQueue((kind, text) => sent.push(`${kind} ${text}`)), sent }
}

it('sends the first part as it grows, and the others when it is their turn', () => {
  const { queue, sent } = createQueue()
  const [first, second, third] = [queue.open(), queue.open(), queue.open()]
  second.start('2')
  third.start('3')
  first.start('1')
  first.delta('a')
  expect(sent.splice(0)).toEqual(['start 1', 'delta a'])
  third.stop()
  queue.close(third)
  expect(sent).toEqual([])
  first.stop()
  queue.close(first)
  expect(sent.splice(0)).toEqual(['stop ', 'start 2'])
  second.delta('b')
  expect(sent.splice(0)).toEqual(['delta b'])
  queue.close(second)
  expect(sent.splice(0)).toEqual(['start 3', 'stop '])
  queue.open().start('4')
  expect(sent).toEqual(['start 4'])
})

it('lets many parts wait in linear time: in quadratic time these take a minute', () => {
  const { queue, sent } = createQueue()
  const parts = Array.from({ length: 400_000 }, () => queue.open())
  for (const part of parts) {
    part.stop()
    queue.close(part)
  }
  expect(sent).toHaveLength(parts.length)
})
