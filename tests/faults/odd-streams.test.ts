import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { ask, errorOf, eventsOf, type Heard, streamedAnswer, userMessage } from './ask.ts'

let test: TestGateway
beforeAll(async () => {
  test = await startTestGateway({ config: { providers: { lab: { timeout: 5 } } } })
})
afterAll(() => test.close())
afterEach(() => test.simulator.reset())

const chat = (stream = false, members: object = {}, at = test): Promise<Heard> =>
  ask(at.gateway.url, { body: { model: 'small', stream, messages: userMessage, ...members } })

const asked = { stream_options: { include_usage: true } }
const wholeStream = streamedAnswer.join('')

describe('a stream without its end', () => {
  it('that finished is whole, and nothing is made up', async () => {
    const before = test.usage.length
    test.simulator.next({ raw: { body: streamedAnswer.slice(0, 4) } })
    const heard = await chat(true, asked)
    expect(heard.body).toBe(streamedAnswer.slice(0, 4).join(''))
    expect(test.usage.slice(before)).toMatchObject([{ outcome: 'ok', finishReason: 'stop' }])
  })

  it('that did not finish has failed', async () => {
    const before = test.usage.length
    test.simulator.next({ raw: { body: streamedAnswer.slice(0, 2) } })
    const heard = await chat(true, asked)
    expect(eventsOf(heard.body)).toHaveLength(3)
    expect(eventsOf(heard.body)[2]).toContain('"upstream_disconnected"')
    expect(test.usage.slice(before)).toMatchObject([{ outcome: 'cut' }])
  })

  it('an empty finish_reason is none', async () => {
    const empty = streamedAnswer.slice(0, 2).map((event) => event.replace('"finish_reason":null', '"finish_reason":""'))
    test.simulator.next({ raw: { body: empty } })
    expect((await chat(true, asked)).body).toContain('"upstream_disconnected"')
  })

  it.each([
    [
      'in the usual order',
      (index: number, finish: string) => `{"index":${index},"delta":{},"finish_reason":${finish}}`,
    ],
    [
      'with the index last',
      (index: number, finish: string) => `{"delta":{},"finish_reason":${finish},"index":${index}}`,
    ],
    [
      'with spaces',
      (index: number, finish: string) => `{ "index": ${index}, "delta": {}, "finish_reason": ${finish} }`,
    ],
  ])('one of two choices did not finish, %s: it has failed', async (_name, choice) => {
    const event = (index: number, finish: string): string => `data: {"id":"c","choices":[${choice(index, finish)}]}\n\n`
    test.simulator.next({ raw: { body: [event(0, 'null'), event(1, 'null'), event(0, '"stop"')] } })
    expect((await chat(true, { n: 2 })).body).toContain('"upstream_disconnected"')
  })

  it.each([
    ['comments', [': a\n\n', ': b\n\n']],
    ['blank lines', ['\n\n\n\n']],
    ['fields without data', ['event: ping\n\n', 'id: 7\n\n', 'retry: 10\n\n']],
  ])('nothing but %s is no answer', async (_name, body) => {
    test.simulator.next({ raw: { body } })
    const heard = await chat(true)
    expect(heard.status).toBe(502)
    expect(errorOf(heard).code).toBe('upstream_invalid_response')
  })

  it('an event larger than any is given up', async () => {
    const before = test.usage.length
    test.simulator.next({
      raw: { body: [streamedAnswer[0] ?? '', 'data: ', ...Array.from({ length: 18 }, () => 'x'.repeat(1_000_000))] },
    })
    const heard = await chat(true)
    expect(heard.body.length).toBeLessThan(2_000)
    expect(JSON.parse(eventsOf(heard.body).at(-1) ?? '')).toHaveProperty('error.code')
    expect(test.usage.slice(before)).toMatchObject([{ outcome: 'cut' }])
  })
})

describe('a good stream in an odd form is passed on byte for byte', () => {
  const withLineEnds = (end: string): string => wholeStream.replaceAll('\n', end)
  it.each<readonly [string, string]>([
    ['CRLF', withLineEnds('\r\n')],
    ['CR', withLineEnds('\r')],
    ['no space after the colon', wholeStream.replaceAll('data: ', 'data:')],
    ['ids and names', wholeStream.replaceAll('data: {', 'id: 1\nevent: message\ndata: {')],
    ['comments between', wholeStream.replaceAll('\n\n', '\n\n: keep-alive\n\n')],
    ['several data lines', wholeStream.replaceAll('"created"', '\ndata: "created"')],
  ])('%s', async (_name, text) => {
    for (const size of [1, 7, 100_000]) {
      const before = test.usage.length
      test.simulator.next({ raw: { body: [text] }, fault: { kind: 'split', size } })
      const heard = await chat(true, asked)
      expect(heard).toMatchObject({ status: 200, body: text, whole: true })
      expect(test.usage.slice(before)).toMatchObject([{ outcome: 'ok', finishReason: 'stop', usage: { input: 5 } }])
    }
  })

  it('a huge line', async () => {
    test.simulator.next('long-line')
    const heard = await chat(true)
    expect(heard.body.length).toBeGreaterThan(1_000_000)
    expect(eventsOf(heard.body).at(-1)).toBe('[DONE]')
  })
})
