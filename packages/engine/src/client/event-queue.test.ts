import { describe, expect, it } from 'vitest'
import { EventQueue } from './event-queue.ts'

async function rest(queue: EventQueue<number>): Promise<number[]> {
  const read: number[] = []
  for (;;) {
    const { done, value } = await queue.next()
    if (done === true) return read
    read.push(value)
  }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

describe('a queue of events', () => {
  it('gives what was pushed, in order, before and after it was asked for', async () => {
    const queue = new EventQueue<number>()
    const asked = queue.next()
    for (const number of numbers(500)) queue.push(number)
    expect(await asked).toEqual({ done: false, value: 0 })
    queue.end()
    expect(await rest(queue)).toEqual(numbers(500).slice(1))
    expect(await queue.next()).toEqual({ done: true, value: undefined })
  })

  it('serves those who wait at once in turn, and tells of a failure once', async () => {
    const queue = new EventQueue<number>()
    const asked = [queue.next(), queue.next(), queue.next(), queue.next()]
    queue.push(1)
    queue.push(2)
    queue.fail(new Error('broken'))
    const [first, second, third, fourth] = await Promise.allSettled(asked)
    expect([first, second]).toMatchObject([{ value: { value: 1 } }, { value: { value: 2 } }])
    expect([third, fourth]).toMatchObject([{ status: 'rejected' }, { value: { done: true } }])
  })

  it('tells of a failure after what came before it, once', async () => {
    const queue = new EventQueue<number>()
    queue.push(1)
    queue.fail(new Error('broken'))
    queue.push(2)
    queue.end()
    expect(await queue.next()).toEqual({ done: false, value: 1 })
    await expect(queue.next()).rejects.toThrow('broken')
    expect(await queue.next()).toEqual({ done: true, value: undefined })
  })

  it('tells of a failure to whoever waits', async () => {
    const queue = new EventQueue<number>()
    const asked = queue.next()
    queue.fail(new Error('broken'))
    await expect(asked).rejects.toThrow('broken')
    expect(await queue.next()).toEqual({ done: true, value: undefined })
  })

  it('holds a source back that is faster than its reader, and lets it go again', async () => {
    const queue = new EventQueue<number>()
    const told: string[] = []
    queue.connect({ pause: () => told.push('pause'), resume: () => told.push('resume') })
    let pushed = 0
    while (told.length === 0) queue.push(pushed++)
    expect(told).toEqual(['pause'])
    expect(pushed).toBeLessThan(1_000)
    for (let read = 0; read < pushed; read++) expect((await queue.next()).value).toBe(read)
    expect(told).toEqual(['pause', 'resume'])
  })

  it('holds a source back that comes after the flood', () => {
    const queue = new EventQueue<number>()
    for (const number of numbers(1_000)) queue.push(number)
    const told: string[] = []
    queue.connect({ pause: () => told.push('pause'), resume: () => told.push('resume') })
    expect(told).toEqual(['pause'])
  })
})
