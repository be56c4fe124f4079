import type { ChatEvent } from '@sluice/protocol'
import { expect, it } from 'vitest'
import type { ChatStreamListener, ChatStreamSource } from './chat-stream-source.ts'
import { teeSource } from './tee-source.ts'

interface Shared {
  readonly branches: readonly [ChatStreamSource, ChatStreamSource]
  /** What the source was told, in turn. */
  readonly told: string[]
  say(text: string): void
}

function share(): Shared {
  const told: string[] = []
  let hear: ChatStreamListener['event'] = () => {}
  const source: ChatStreamSource = {
    requestId: 'req_1',
    signal: undefined,
    start(listener) {
      told.push('start')
      hear = (event) => listener.event(event)
      return { pause: () => told.push('pause'), resume: () => told.push('resume') }
    },
    abort: () => told.push('abort'),
    usage: () => Promise.resolve({ usage: undefined, cost: null }),
  }
  const say = (text: string): void => hear({ type: 'text-delta', choice: 0, part: 0, text })
  return { branches: teeSource(source), told, say }
}

/** Hears texts. */
function listen(heard: string[]): ChatStreamListener {
  const event = (heardEvent: ChatEvent): void => {
    if (heardEvent.type === 'text-delta') heard.push(heardEvent.text)
  }
  return { event, end: () => {}, fail: () => {} }
}

it('is held back while both are slow, and goes on for either', () => {
  const { branches, told } = share()
  const [one, other] = branches.map((branch) => branch.start(listen([])))
  one!.pause()
  expect(told).toEqual(['start'])
  other!.pause()
  expect(told).toEqual(['start', 'pause'])
  one!.resume()
  other!.resume()
  expect(told).toEqual(['start', 'pause', 'resume'])
})

it('is not held back for one alone where the other is not read yet, who gets all of it', () => {
  const { branches, told, say } = share()
  const [one, other] = branches
  const valve = one.start(listen([]))
  say('Hello ')
  valve.pause()
  say('there')
  expect(told).toEqual(['start'])
  const late: string[] = []
  other.start(listen(late)).pause()
  expect(late).toEqual(['Hello ', 'there'])
  expect(told).toEqual(['start', 'pause'])
})

it('is held back by the one who stays, and given up by the last', () => {
  const { branches, told, say } = share()
  const [one, other] = branches
  const heard: string[] = []
  one.start(listen(heard))
  other.start(listen([])).pause()
  one.abort()
  expect(told).toEqual(['start', 'pause'])
  say('Unheard')
  expect(heard).toEqual([])
  other.abort()
  expect(told).toEqual(['start', 'pause', 'abort'])
})
