import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ErrorShape } from '@sluice/simulator'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { ask, errorOf, type Heard, userMessage } from './ask.ts'

/** Never repeats a call. */
let once: TestGateway
/** Repeats it twice. */
let thrice: TestGateway
beforeAll(async () => {
  once = await startTestGateway()
  thrice = await startTestGateway({ config: { providers: { lab: { max_retries: 2 } } } })
})
afterAll(() => Promise.all([once.close(), thrice.close()]))
afterEach(() => {
  for (const { simulator } of [once, thrice]) simulator.reset()
})

const calls = (of: TestGateway): number => of.simulator.requests.filter(({ method }) => method === 'POST').length

const chat = (of: TestGateway, stream = false): Promise<Heard> =>
  ask(of.gateway.url, { body: { model: 'small', stream, messages: userMessage } })

interface Row {
  readonly upstream: number
  readonly status: number
  readonly code: string
  readonly type: string
  /** Whether Sluice asks again where it may. */
  readonly repeated: boolean
  /** What official SDKs are told about asking again; they decide by status when nothing is said. */
  readonly told: 'false' | undefined
}

const refusal = { code: 'upstream_rejected', type: 'invalid_request_error', repeated: false, told: 'false' } as const
const failure = { status: 502, code: 'upstream_error', type: 'server_error', repeated: true, told: undefined } as const
const overload = {
  status: 503,
  code: 'upstream_overloaded',
  type: 'server_error',
  repeated: true,
  told: undefined,
} as const

const rows: readonly Row[] = [
  { ...refusal, upstream: 400, status: 400 },
  { ...refusal, upstream: 401, status: 502, code: 'upstream_authentication_failed', type: 'server_error' },
  { ...refusal, upstream: 402, status: 429, code: 'insufficient_quota', type: 'insufficient_quota' },
  { ...refusal, upstream: 403, status: 403, code: 'upstream_permission_denied', type: 'permission_error' },
  { ...refusal, upstream: 404, status: 404 },
  { ...refusal, upstream: 405, status: 405 },
  // It may still be at work, and billed: not asked again.
  { ...failure, upstream: 408, status: 504, code: 'upstream_timeout', repeated: false },
  { ...failure, upstream: 409, status: 409, code: 'upstream_conflict', type: 'invalid_request_error' },
  { ...refusal, upstream: 413, status: 413, code: 'request_too_large' },
  { ...refusal, upstream: 415, status: 415 },
  { ...refusal, upstream: 422, status: 422 },
  { ...failure, upstream: 429, status: 429, code: 'rate_limit_exceeded', type: 'requests' },
  { ...failure, upstream: 500 },
  { ...refusal, upstream: 501, status: 502, code: 'upstream_error', type: 'server_error' },
  { ...failure, upstream: 502 },
  { ...overload, upstream: 503 },
  { ...failure, upstream: 504, status: 504, code: 'upstream_timeout', repeated: false },
  { ...failure, upstream: 520 },
  { ...overload, upstream: 529 },
]

describe.each([
  ['not streaming', false],
  ['streaming', true],
])('a status of the provider, %s', (_name, stream) => {
  it.each(rows)('$upstream becomes $status $code', async (row) => {
    const before = once.usage.length
    once.simulator.next({ fault: { kind: 'status', status: row.upstream } })
    const heard = await chat(once, stream)
    expect(heard.status).toBe(row.status)
    expect(heard.headers['content-type']).toBe('application/json')
    expect(errorOf(heard)).toMatchObject({ code: row.code, type: row.type })
    expect(heard.headers['x-request-id']).toMatch(/^req_/)
    expect(heard.headers['x-sluice-attempts']).toBe('1')
    expect(heard.headers['x-should-retry']).toBe(row.told)
    expect(calls(once)).toBe(1)
    expect(once.usage.slice(before)).toMatchObject([
      { outcome: 'error', provider: 'lab', model: 'small', attempts: 1, stream, usage: undefined },
    ])
  })

  it.each(rows)('$upstream is asked again: $repeated', async (row) => {
    const before = thrice.usage.length
    const bad = { fault: { kind: 'status', status: row.upstream, retryAfterMs: 1 } } as const
    thrice.simulator.next(bad, bad)
    const heard = await chat(thrice, stream)
    expect(calls(thrice)).toBe(row.repeated ? 3 : 1)
    expect(heard.status).toBe(row.repeated ? 200 : row.status)
    expect(thrice.usage.slice(before)).toMatchObject([
      { outcome: row.repeated ? 'ok' : 'error', attempts: row.repeated ? 3 : 1 },
    ])
  })
})

describe('a provider that goes on failing', () => {
  it('is asked three times; then the caller hears the last error and need not repeat', async () => {
    const before = thrice.usage.length
    const bad = (status: number) => ({ fault: { kind: 'status', status, retryAfterMs: 1 } }) as const
    thrice.simulator.next(bad(500), bad(503), bad(429))
    const heard = await chat(thrice)
    expect(heard.status).toBe(429)
    expect(errorOf(heard).code).toBe('rate_limit_exceeded')
    expect(heard.headers['x-sluice-attempts']).toBe('3')
    expect(heard.headers['x-should-retry']).toBe('false')
    expect(calls(thrice)).toBe(3)
    expect(thrice.usage.slice(before)).toMatchObject([
      { outcome: 'error', errorCode: 'rate_limit_exceeded', attempts: 3 },
    ])
  })

  it('is sent the same bytes each time', async () => {
    const bad = { fault: { kind: 'status', status: 500, retryAfterMs: 1 } } as const
    thrice.simulator.next(bad, bad)
    await chat(thrice, true)
    const [first, ...others] = thrice.simulator.requests.map(({ body }) => body.toString())
    expect(others).toEqual([first, first])
  })

  it.each(['cut-before-head', 'reset-before-head', 'html', 'empty', 'invalid-json', 'error-inside'] as const)(
    '%s is repeated like a bad status',
    async (preset) => {
      thrice.simulator.next(preset)
      const heard = await chat(thrice)
      expect(heard.status).toBe(200)
      expect(heard.headers['x-sluice-attempts']).toBe('2')
      expect(heard.headers['x-should-retry']).toBeUndefined()
    },
  )
})

describe('how long the provider asks to wait', () => {
  const date = 'Sat, 21 Nov 2026 10:00:00 GMT'
  it.each<readonly [string, Readonly<Record<string, string>>, string | undefined, RegExp | undefined]>([
    ['seconds', { 'retry-after': '61' }, undefined, /^61000$/],
    ['half seconds', { 'retry-after': '61.5' }, undefined, /^61500$/],
    ['milliseconds', { 'retry-after-ms': '61500' }, undefined, /^61500$/],
    ['milliseconds before seconds', { 'retry-after-ms': '61500', 'retry-after': '90' }, undefined, /^61500$/],
    ['a date', { date, 'retry-after': 'Sat, 21 Nov 2026 10:02:00 GMT' }, undefined, /^120000$/],
    ['a date that is over', { date, 'retry-after': 'Sat, 21 Nov 2026 09:00:00 GMT' }, 'Rate limit reached.', undefined],
    ['words', {}, 'Rate limit reached. Please try again in 1m2.5s.', /^62500$/],
    ['nothing', {}, 'Rate limit reached.', undefined],
    ['a negative number', { 'retry-after': '-5' }, 'Rate limit reached.', undefined],
    ['a word', { 'retry-after': 'soon' }, 'Rate limit reached.', undefined],
  ])('by %s', async (_name, headers, message, milliseconds) => {
    once.simulator.next({
      headers,
      fault: { kind: 'status', status: 429, error: { message: message ?? 'Rate limit reached.' } },
    })
    const heard = await chat(once)
    expect(heard.status).toBe(429)
    const { 'retry-after-ms': told, 'retry-after': seconds } = heard.headers
    if (milliseconds === undefined) expect([told, seconds]).toEqual([undefined, undefined])
    else {
      expect(told).toMatch(milliseconds)
      expect(seconds).toBe(String(Math.ceil(Number(told) / 1000)))
    }
  })

  it('more than a minute is not waited for: the caller is told at once', async () => {
    thrice.simulator.next({ fault: { kind: 'status', status: 429, retryAfter: 61 } })
    const heard = await chat(thrice)
    expect(heard.status).toBe(429)
    expect(heard.headers['retry-after']).toBe('61')
    expect(calls(thrice)).toBe(1)
  })

  it.each(['true', 'false'])('x-should-retry: %s of the provider is obeyed', async (told) => {
    thrice.simulator.next({
      headers: { 'x-should-retry': told, 'retry-after-ms': '1' },
      fault: { kind: 'status', status: told === 'true' ? 400 : 500 },
    })
    const heard = await chat(thrice)
    expect(calls(thrice)).toBe(told === 'true' ? 2 : 1)
    expect(heard.status).toBe(told === 'true' ? 200 : 502)
  })
})

describe('what the provider says is passed on', () => {
  it('its message, its field and its code, where it refused the request', async () => {
    once.simulator.next({
      fault: {
        kind: 'status',
        status: 400,
        error: {
          message: 'temperature must be at most 2',
          param: 'temperature',
          code: 'out_of_range',
          type: 'invalid_request_error',
        },
      },
    })
    const heard = await chat(once)
    expect(errorOf(heard)).toMatchObject({
      message: 'temperature must be at most 2',
      param: 'temperature',
      code: 'out_of_range',
      type: 'invalid_request_error',
    })
  })

  it.each<ErrorShape>(['nested', 'flat', 'text', 'message', 'detail', 'validation', 'plain'])(
    'in its shape %s',
    async (shape) => {
      once.simulator.next({ fault: { kind: 'status', status: 422, shape, error: { message: 'messages: too few' } } })
      const heard = await chat(once)
      expect(heard.status).toBe(422)
      expect(errorOf(heard).message).toContain('messages: too few')
    },
  )

  it.each<readonly [string, unknown]>([
    ['no body', ''],
    ['a page', '<!doctype html><html><body>Bad Gateway: internal-host-7</body></html>'],
    ['a number', 5],
    ['null', null],
    ['an empty object', {}],
    ['an empty list', []],
    ['an error that is null', { error: null }],
    ['an error that is a list', { error: [1, 2] }],
    ['an error of wrong types', { error: { message: 5, type: [], code: {}, param: 7 } }],
    ['broken JSON', '{"error":{"message":'],
    ['deep JSON', '['.repeat(50_000)],
  ])('%s makes a plain message of ours', async (_name, body) => {
    once.simulator.next({ fault: { kind: 'status', status: 500, body } })
    const heard = await chat(once)
    expect(heard.status).toBe(502)
    expect(errorOf(heard).message).not.toContain('<')
    expect(errorOf(heard).message.length).toBeLessThanOrEqual(2_001)
  })

  it.each([
    ['a large', { fault: { kind: 'status', status: 500, body: 'x'.repeat(5_000_000) } }],
    [
      'an endless',
      { raw: { status: 500, contentType: 'text/plain', body: ['x'.repeat(1000)] }, fault: { kind: 'endless' } },
    ],
  ] as const)('%s error body is cut off', async (_name, behaviour) => {
    once.simulator.next(behaviour)
    const heard = await chat(once)
    expect(heard.status).toBe(502)
    expect(heard.body.length).toBeLessThan(3_000)
    expect(await once.simulator.requests.at(-1)?.closed()).toBe('aborted')
  })

  it('special errors keep their names', async () => {
    once.simulator.next('context-overflow', 'quota-exceeded')
    expect(errorOf(await chat(once))).toMatchObject({ code: 'context_length_exceeded' })
    const quota = await chat(once)
    expect(quota.status).toBe(429)
    expect(errorOf(quota)).toMatchObject({ code: 'insufficient_quota', type: 'insufficient_quota' })
    expect(quota.headers['x-should-retry']).toBe('false')
  })

  it.each([301, 302, 307, 308])('a redirect (%i) is not followed', async (status) => {
    once.simulator.next({
      raw: { status, body: '' },
      headers: { location: `${once.simulator.origin}/v1/chat/completions?elsewhere` },
    })
    const heard = await chat(once)
    expect(heard.status).toBe(502)
    expect(errorOf(heard).code).toBe('upstream_invalid_response')
    expect(errorOf(heard).message).toContain('base_url')
    expect(calls(once)).toBe(1)
  })
})
