import { openaiChat } from '@sluice/protocol'
import { expect, it } from 'vitest'
import { Exchange } from './exchange.ts'
import { refuseLosses } from './strict.ts'
import type { Target } from './target.ts'

function exchange(): Exchange {
  const body = new TextEncoder().encode('{"model":"any","messages":[]}')
  return new Exchange('req_1', openaiChat, body, openaiChat.peek(body), 0)
}

function warnOfMessages(of: Exchange, count: number): void {
  for (let index = 0; index < count; index++)
    of.warn({ code: 'field-dropped', path: `messages[${index}].name`, message: 'It was left out.' })
}

it('keeps the first hundred of the things that are lost, each once', () => {
  const one = exchange()
  warnOfMessages(one, 2)
  warnOfMessages(one, 1_000_000)
  expect(one.warnings).toHaveLength(100)
  expect(one.warnings.at(-1)?.path).toBe('messages[99].name')
})

it('refuses what a target would lose though as much as is kept was lost on the way to another', () => {
  const one = exchange()
  warnOfMessages(one, 100)
  const target = { plan: { kind: 'passthrough' }, provider: { name: 'Lab' } } as Target
  const lossy = (): void => one.warn({ code: 'field-dropped', path: 'seed', message: 'It was left out.' })
  expect(() => refuseLosses(one, target, lossy)).toThrowError(/Lab .* seed: It was left out\.$/)
  expect(one.warnings).toHaveLength(100)
  expect(refuseLosses(one, target, () => 'prepared')).toBe('prepared')
})
