import type { Behaviour } from '@sluice/simulator'
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

/** Answers each request by what it says itself, so that many can be under way at once. */
const chatWith = async (
  behaviours: readonly Behaviour[],
  stream: boolean,
  members: object = {},
): Promise<readonly Heard[]> => {
  test.simulator.always((request) => behaviours[Number((request.json() as { user: string }).user)])
  const heard: Heard[] = []
  for (let from = 0; from < behaviours.length; from += 50) {
    const some = behaviours.slice(from, from + 50)
    heard.push(...(await Promise.all(some.map((_, index) => chat(stream, { user: String(from + index), ...members })))))
  }
  return heard
}

const asked = { stream_options: { include_usage: true } }
const wholeStream = streamedAnswer.join('')
const finishEnd = wholeStream.indexOf('"finish_reason":"stop"') + 1
/** The longest beginning of the stream before `at` that is made of whole events. */
const wholeEvents = (at: number): string => {
  const end = wholeStream.slice(0, at).lastIndexOf('\n\n')
  return end < 0 ? '' : wholeStream.slice(0, end + 2)
}
const settledFrom = async (count: number): Promise<readonly (typeof test.usage)[number][]> => {
  await test.settled(count - 1)
  return test.usage
}

describe('an answer that breaks off at any byte', () => {
  it.each([
    ['reset', 'upstream_disconnected'],
    ['cut', 'upstream_disconnected'],
    ['truncate', 'upstream_invalid_response'],
  ] as const)('%s: not one of them looks like an answer', async (kind, code) => {
    const before = test.usage.length
    const count = wholeAnswer.length
    const behaviours = Array.from({ length: count }, (_, at): Behaviour => ({
      raw: { body: wholeAnswer },
      fault: { kind, at },
    }))
    const heard = await chatWith(behaviours, false)
    for (const [at, answer] of heard.entries()) {
      expect(answer.status, `at byte ${at}`).toBe(502)
      expect(errorOf(answer).code, `at byte ${at}`).toBe(code)
    }
    expect(heard).toHaveLength(count)
    const records = (await settledFrom(before + count)).slice(before)
    expect(records).toHaveLength(count)
    expect(records.filter(({ outcome, errorCode }) => outcome === 'error' && errorCode === code)).toHaveLength(count)
  })

  it.each([['reset'], ['cut'], ['truncate']] as const)(
    '%s: a stream says so, and never looks finished',
    async (kind) => {
      const before = test.usage.length
      const count = wholeStream.length
      const behaviours = Array.from({ length: count }, (_, at): Behaviour => ({
        raw: { body: streamedAnswer },
        fault: { kind, at },
      }))
      const heard = await chatWith(behaviours, true, asked)
      for (const [at, answer] of heard.entries()) {
        const where = `at byte ${at}`
        const sent = wholeStream.slice(0, at)
        if (answer.status !== 200) {
          // Before the first whole event there is nothing to commit to.
          expect(wholeEvents(at).length, where).toBe(0)
          expect(answer.status, where).toBe(502)
          expect(['upstream_disconnected', 'upstream_invalid_response'], where).toContain(errorOf(answer).code)
          continue
        }
        const last = eventsOf(answer.body).at(-1) ?? ''
        const failed = last.startsWith('{"error"')
        const told = failed ? answer.body.slice(0, answer.body.lastIndexOf('data: ')) : answer.body
        expect(answer.whole, where).toBe(true)
        expect(told.endsWith('\n\n'), where).toBe(true)
        // Nothing is made up: what was told was sent, but for the blank line that ends the last event.
        expect(
          sent.startsWith(told) || sent.startsWith(told.slice(0, -2)) || sent.startsWith(told.slice(0, -1)),
          where,
        ).toBe(true)
        if (kind !== 'reset') expect(told.length, where).toBeGreaterThanOrEqual(wholeEvents(at).length)
        expect(told.includes('[DONE]'), where).toBe(told.includes('[DONE]') && sent.includes('[DONE]'))
        // Only a stream of which nothing is missing may end without an error.
        if (!failed) expect(told, where).toContain('"finish_reason":"stop"')
        else {
          expect(JSON.parse(last), where).toMatchObject({
            error: { code: 'upstream_disconnected', type: 'server_error', request_id: answer.headers['x-request-id'] },
          })
        }
        if (at < finishEnd) expect(failed, where).toBe(true)
      }
      const records = (await settledFrom(before + count)).slice(before)
      expect(records).toHaveLength(count)
      for (const record of records) {
        const { outcome, errorCode } = record
        if (outcome === 'ok') expect(record.finishReason).toBe('stop')
        else expect(`${outcome} ${errorCode}`).toMatch(/^(cut|error) upstream_(disconnected|invalid_response)$/)
      }
      expect(records.filter(({ outcome }) => outcome === 'ok')).toHaveLength(
        heard.filter(({ status, body }) => status === 200 && !body.includes('"error"')).length,
      )
    },
  )

  it('a stream whose head alone came is asked for again where it may be', async () => {
    await using twice = await startTestGateway({ config: { providers: { lab: { max_retries: 1 } } } })
    twice.simulator.next(
      { raw: { body: streamedAnswer }, fault: { kind: 'reset', at: 20 } },
      { raw: { body: streamedAnswer } },
    )
    const heard = await chat(true, asked, twice)
    expect(heard).toMatchObject({ status: 200, body: wholeStream })
    expect(heard.headers['x-sluice-attempts']).toBe('2')
  })

  it('a stream of which something was told is not asked for again', async () => {
    await using twice = await startTestGateway({ config: { providers: { lab: { max_retries: 1 } } } })
    twice.simulator.next({
      raw: { body: streamedAnswer },
      fault: { kind: 'reset', at: { event: 1 } },
      timing: { gap: 5 },
    })
    const heard = await chat(true, asked, twice)
    expect(eventsOf(heard.body)).toHaveLength(2)
    expect(twice.simulator.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
    expect(twice.usage).toMatchObject([{ outcome: 'cut', attempts: 1 }])
  })

  it('a long answer that breaks off after its beginning was passed on is cut, not ended', async () => {
    const long = wholeAnswer.replace('"Hi"', `"${'x'.repeat(3_000_000)}"`)
    test.simulator.next({ raw: { body: long }, fault: { kind: 'reset', at: 2_500_000 } })
    const reset = await chat()
    // A reset takes what was under way with it, here perhaps all of it.
    expect(reset.status === 200 && reset.whole).toBe(false)
    test.simulator.next({ raw: { body: long }, fault: { kind: 'cut', at: 2_500_000 } })
    expect((await chat()).whole).toBe(false)
    test.simulator.next({ raw: { body: long }, fault: { kind: 'truncate', at: 2_500_000 } })
    expect((await chat()).whole).toBe(false)
    test.simulator.next({ raw: { body: long } })
    expect((await chat()).body).toBe(long)
  })
})
