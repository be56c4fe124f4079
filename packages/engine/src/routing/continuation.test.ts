import { type ChatDialect, openaiChat, SluiceError } from '@sluice/protocol'
import { startSimulator } from '@sluice/simulator'
import { expect, it } from 'vitest'
import { createSluice } from '../client/create-sluice.ts'
import type { Answer, AnswerSink } from '../dispatch/answer.ts'
import { Exchange } from '../dispatch/exchange.ts'
import type { Target } from '../dispatch/target.ts'
import { continueElsewhere, type GoOn } from './continuation.ts'

const encoder = new TextEncoder()
const target = { model: 'any' } as Target

interface Stream {
  readonly pieces: number
  readonly text: string
  /** What a piece has besides, by its number. */
  readonly more?: (count: number) => object
}

/** A stream that breaks off after so many such pieces; `goOn` is asked for another. */
function breakOff({ pieces, text, more }: Stream, goOn: GoOn, dialect: ChatDialect = openaiChat): Promise<SluiceError> {
  const body = encoder.encode('{"model":"any","stream":true,"messages":[{"role":"user","content":"Hi"}]}')
  const exchange = new Exchange('req_1', dialect, body, dialect.peek(body), 0)
  let sink: AnswerSink | undefined
  const first = {
    stream: true,
    target,
    tap: { usage: () => undefined },
    relay: (given) => void (sink = given),
  } as Answer
  return new Promise((resolve) => {
    const continued = continueElsewhere(exchange, first, goOn)
    continued.relay({ write: () => undefined, end: () => undefined, fail: resolve })
    const chunk = { id: 'a', object: 'chat.completion.chunk', created: 1, model: 'any' }
    const choices = [{ index: 0, delta: { content: text } }]
    for (let count = 0; count < pieces; count++)
      sink?.write(encoder.encode(`data: ${JSON.stringify({ ...chunk, ...more?.(count), choices })}\n\n`))
    sink?.fail(new SluiceError('upstream_disconnected', 'It broke off.'))
  })
}

async function goesOn(pieces: number, text: string, more?: Stream['more']): Promise<boolean> {
  let asked = false
  await breakOff({ pieces, text, ...(more && { more }) }, () => {
    asked = true
    return undefined
  })
  return asked
}

it('goes on with what a model can say, and keeps no more of a stream', async () => {
  const page = 'a'.repeat(64 * 1024)
  expect(await goesOn(1, 'One ')).toBe(true)
  expect(await goesOn(60, page)).toBe(true)
  expect(await goesOn(65, page)).toBe(false)
  // Also of one that says little, very often.
  expect(await goesOn(300_000, 'a')).toBe(false)
  // And of one that says much besides its text, each time anew.
  expect(await goesOn(60, 'a', (count) => ({ note: `${count}${page}` }))).toBe(true)
  expect(await goesOn(65, 'a', (count) => ({ note: `${count}${page}` }))).toBe(false)
})

it('breaks off after all where the caller could not be told what comes', async () => {
  const broken = (): never => {
    throw new TypeError('A defect of the dialect.')
  }
  const dialect: ChatDialect = { ...openaiChat, stream: { ...openaiChat.stream, encoder: broken } }
  let cancelled = false
  const second = { target, stream: true, cancel: () => (cancelled = true) } as unknown as Answer
  const goOn: GoOn = () => ({ target, startedAt: 0, answer: Promise.resolve(second) })
  expect(await breakOff({ pieces: 1, text: 'One ' }, goOn, dialect)).toMatchObject({ code: 'upstream_disconnected' })
  expect(cancelled).toBe(true)
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
