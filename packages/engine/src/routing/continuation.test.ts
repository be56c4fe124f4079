import { openaiChat, SluiceError } from '@sluice/protocol'
import { startSimulator } from '@sluice/simulator'
import { expect, it } from 'vitest'
import { createSluice } from '../client/create-sluice.ts'
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

it('is given up where it goes on, when its caller leaves', async () => {
  const [first, second] = await Promise.all([startSimulator(), startSimulator()])
  first.always({ reply: { text: ['One ', 'two ', 'three '] }, fault: { kind: 'cut', at: { event: 3 } } })
  second.always({ fault: { kind: 'endless' } })
  const at = (base_url: string) => ({ type: 'openai_compatible', base_url, api_key: 'k', models_path: null })
  const sluice = createSluice(
    {
      providers: { first: at(first.url), second: at(second.url) },
      routes: { steady: { targets: ['first/small', 'second/small'], retries: 0, continuation: true } },
    },
    { environment: {} },
  )
  let said = ''
  for await (const text of sluice.stream({ model: 'steady', messages: [{ role: 'user', content: 'Count' }] })
    .textStream) {
    said += text
    if (said.length > 100) break
  }
  expect(said).toMatch(/^One /)
  await second.requests[0]?.closed()
  await sluice.close()
  await Promise.all([first.close(), second.close()])
})
