import { openaiChat, SluiceError } from '@sluice/protocol'
import { expect, it } from 'vitest'
import type { Answer, AnswerSink } from '../dispatch/answer.ts'
import { Exchange } from '../dispatch/exchange.ts'
import { continueElsewhere } from './continuation.ts'

const encoder = new TextEncoder()

/** Whether another target is asked after an answer of so many such pieces broke off. */
function goesOn(pieces: number, text: string): boolean {
  const body = encoder.encode('{"model":"any","stream":true,"messages":[{"role":"user","content":"Hi"}]}')
  const exchange = new Exchange('req_1', openaiChat, body, openaiChat.peek(body), 0)
  let sink: AnswerSink | undefined
  const first = { stream: true, target: { model: 'any' }, relay: (given) => void (sink = given) } as Answer
  let asked = false
  let failed = false
  const continued = continueElsewhere(exchange, first, () => {
    asked = true
    return undefined
  })
  continued.relay({ write: () => undefined, end: () => undefined, fail: () => (failed = true) })
  const chunk = { id: 'a', object: 'chat.completion.chunk', created: 1, model: 'any' }
  const piece = encoder.encode(
    `data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, delta: { content: text } }] })}\n\n`,
  )
  for (let count = 0; count < pieces; count++) sink?.write(piece)
  sink?.fail(new SluiceError('upstream_disconnected', 'It broke off.'))
  expect(failed).toBe(true)
  return asked
}

it('goes on with what a model can say, and keeps no more of a stream', () => {
  const page = 'a'.repeat(64 * 1024)
  expect(goesOn(1, 'One ')).toBe(true)
  expect(goesOn(60, page)).toBe(true)
  expect(goesOn(65, page)).toBe(false)
  // Also of one that says little, very often.
  expect(goesOn(300_000, 'a')).toBe(false)
})
