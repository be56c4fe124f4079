import type { Behaviour, Fault } from '@sluice/simulator'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { ask, errorOf, eventsOf, type Heard, streamedAnswer, userMessage, wholeAnswer } from './ask.ts'

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

describe('an answer that is none', () => {
  it.each<readonly [string, Behaviour]>([
    ['a page', { fault: { kind: 'html' } }],
    ['nothing', { fault: { kind: 'empty' } }],
    ['status 204', { raw: { status: 204, body: '' } }],
    ['broken JSON', { raw: { body: wholeAnswer.slice(0, -2) } }],
    ['null', { raw: { body: 'null' } }],
    ['an empty object', { raw: { body: '{}' } }],
    ['a list', { raw: { body: `[${wholeAnswer}]` } }],
    ['choices that are none', { raw: { body: '{"choices":null}' } }],
    ['two answers', { raw: { body: wholeAnswer + wholeAnswer } }],
    ['bad UTF-8', { raw: { body: Buffer.from(wholeAnswer.replace('Hi', '\xff'), 'latin1') } }],
    ['deep JSON', { raw: { body: `{"choices":${'['.repeat(100_000)}` } }],
  ])('%s, with 200', async (_name, behaviour) => {
    for (const stream of [false, true]) {
      const before = test.usage.length
      test.simulator.next(behaviour)
      const heard = await chat(stream)
      expect(heard.status, String(stream)).toBe(502)
      expect(errorOf(heard)).toMatchObject({ code: 'upstream_invalid_response', type: 'server_error' })
      expect(errorOf(heard).message).not.toContain('<')
      expect(test.usage.slice(before)).toMatchObject([{ outcome: 'error', errorCode: 'upstream_invalid_response' }])
    }
  })

  it('a stream where none was asked for', async () => {
    test.simulator.next({ raw: { body: streamedAnswer } })
    expect(errorOf(await chat(false)).code).toBe('upstream_invalid_response')
  })

  it('a whole answer where a stream was asked for', async () => {
    test.simulator.next({ raw: { body: wholeAnswer } })
    const heard = await chat(true)
    expect(heard.status).toBe(502)
    expect(errorOf(heard).code).toBe('upstream_invalid_response')
    expect(errorOf(heard).message).toContain('without streaming')
  })

  it.each(['text/plain', 'application/octet-stream', 'text/html'])(
    'but a good one called %s is taken',
    async (value) => {
      test.simulator.next({ raw: { body: wholeAnswer }, fault: { kind: 'content-type', value } })
      const heard = await chat()
      expect(heard).toMatchObject({ status: 200, body: wholeAnswer })
      expect(heard.headers['content-type']).toBe('application/json')
      test.simulator.next({ raw: { body: streamedAnswer }, fault: { kind: 'content-type', value } })
      const streamed = await chat(true, asked)
      expect(streamed).toMatchObject({ status: 200, body: wholeStream })
      expect(streamed.headers['content-type']).toContain('text/event-stream')
    },
  )

  it.each<readonly [string, Fault, boolean]>([
    ['a whole one', { kind: 'error-inside' }, false],
    ['one where a stream was asked for', { kind: 'error-inside', json: true }, true],
    ['the first event of a stream', { kind: 'error-inside' }, true],
    ['a named event', { kind: 'error-inside', event: 'error' }, true],
  ])('an error inside a 200 is an error: %s', async (_name, fault, stream) => {
    const before = test.usage.length
    test.simulator.next({
      fault: { ...fault, error: { message: 'The engine is on fire', code: 'server_error' } } as Fault,
    })
    const heard = await chat(stream)
    expect(heard.status).toBe(502)
    expect(errorOf(heard)).toMatchObject({ code: 'upstream_error', message: 'The engine is on fire' })
    expect(test.usage.slice(before)).toMatchObject([{ outcome: 'error', errorCode: 'upstream_error' }])
  })

  it.each([2, 3])('an error as event %i of a stream ends it', async (at) => {
    const before = test.usage.length
    test.simulator.next({
      fault: { kind: 'error-inside', at, error: { message: 'Overloaded', type: 'overloaded_error' } },
      timing: { gap: 5 },
    })
    const heard = await chat(true)
    const events = eventsOf(heard.body)
    expect(events).toHaveLength(at + 1)
    expect(JSON.parse(events[at] ?? '')).toMatchObject({
      error: { code: 'upstream_overloaded', message: 'Overloaded' },
    })
    expect(heard.body).not.toContain('[DONE]')
    expect(heard.body).not.toMatch(/"finish_reason":"/)
    expect(test.usage.slice(before)).toMatchObject([{ outcome: 'cut', errorCode: 'upstream_overloaded' }])
  })

  it('an error after nothing but the role is an answer like any other', async () => {
    test.simulator.next({
      fault: { kind: 'error-inside', at: 1, error: { message: 'Down', type: 'overloaded_error' } },
    })
    const heard = await chat(true)
    expect(heard.status).toBe(503)
    expect(errorOf(heard)).toMatchObject({ code: 'upstream_overloaded', message: 'Down' })
  })

  it('an event of a stream that is no JSON is the caller’s to judge', async () => {
    const body = streamedAnswer.with(1, 'data: {"broken":"off\n\n')
    test.simulator.next({ raw: { body } })
    expect((await chat(true, asked)).body).toBe(body.join(''))
  })

  it('events after an error are not passed on', async () => {
    const error = 'data: {"error":{"message":"Broken"}}\n\n'
    test.simulator.next({ raw: { body: [streamedAnswer[0] ?? '', error, ...streamedAnswer.slice(1)] } })
    const heard = await chat(true)
    expect(heard.body).not.toContain('[DONE]')
    expect(heard.body).not.toContain('there')
  })
})
