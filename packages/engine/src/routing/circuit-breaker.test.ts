import { type ErrorCode, SluiceError } from '@sluice/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BreakerOptions, CircuitBreaker } from './circuit-breaker.ts'

const options: BreakerOptions = {
  window: 10_000,
  minimumCalls: 4,
  failureRate: 0.5,
  consecutiveFailures: 100,
  slowCall: 0,
  slowRate: 0.5,
  openFor: 1_000,
  longestOpen: 4_000,
}

function setUp(changes: Partial<BreakerOptions> = {}) {
  const breaker = new CircuitBreaker({ ...options, ...changes })
  const end = (startedAt: number, now: number, error?: ErrorCode | 'neutral', firstByte = 1, retryAfterMs?: number) => {
    const outcome = error === undefined ? 'ok' : error === 'neutral' ? error : 'failed'
    const failure =
      error === undefined || error === 'neutral'
        ? undefined
        : new SluiceError(error, '', retryAfterMs === undefined ? {} : { retryAfterMs })
    breaker.end({ outcome, error: failure, firstByte, streamed: 0, bytes: 0, startedAt, now })
  }
  const call = (now: number, error?: ErrorCode, firstByte = 1, retryAfterMs?: number): void => {
    breaker.begin(now)
    end(now, now, error, firstByte, retryAfterMs)
  }
  return { breaker, call, end }
}

test('opens when enough calls failed, and not before there are enough', () => {
  const { breaker, call } = setUp()
  call(0, 'upstream_error')
  call(1, 'upstream_error')
  call(2)
  expect(breaker.allows(3)).toBe(true)
  call(3, 'upstream_error')
  expect(breaker.allows(4)).toBe(false)
  expect(breaker.refusal(4)).toBe('its circuit is open for another 999 ms: 3 of 4 calls failed')
})

test('forgets what is older than the window', () => {
  const { breaker, call } = setUp()
  call(0, 'upstream_error')
  call(1, 'upstream_error')
  call(10_500)
  call(10_501)
  call(10_502)
  call(10_503, 'upstream_error')
  expect(breaker.state(10_504)).toBe('closed')
})

test('lets one call try it; success closes it', () => {
  const { breaker, call, end } = setUp({ consecutiveFailures: 2 })
  call(0, 'upstream_error')
  call(0, 'upstream_error')
  expect(breaker.state(999)).toBe('open')
  expect(breaker.allows(1_000)).toBe(true)
  breaker.begin(1_000)
  expect(breaker.allows(1_000)).toBe(false)
  expect(breaker.refusal(1_000)).toContain('a call is trying it')
  end(1_000, 1_001)
  expect(breaker.state(1_001)).toBe('closed')
  call(1_002, 'upstream_error')
  expect(breaker.state(1_002)).toBe('closed')
})

test('stays open twice as long each time that it fails again, up to a limit', () => {
  const { breaker, call } = setUp({ consecutiveFailures: 1 })
  let now = 0
  const lengths = [0, 1, 2, 3].map(() => {
    call(now, 'upstream_error')
    const from = now
    while (!breaker.allows(now)) now += 100
    return now - from
  })
  expect(lengths).toEqual([1_000, 2_000, 4_000, 4_000])
})

test('a call that tries it and says nothing lets the next one try', () => {
  const { breaker, call, end } = setUp({ consecutiveFailures: 1 })
  call(0, 'upstream_error')
  breaker.begin(1_000)
  end(1_000, 1_001, 'neutral')
  expect(breaker.allows(1_002)).toBe(true)
  breaker.begin(1_002)
  end(1_002, 1_003, 'rate_limit_exceeded', 1, 5_000)
  expect(breaker.allows(1_004)).toBe(true)
})

test.each(['upstream_error', 'neutral', 'rate_limit_exceeded'] as const)(
  'a call that began before it opened decides nothing about the one that tries it: %s',
  (outcome) => {
    const { breaker, call, end } = setUp({ consecutiveFailures: 2 })
    breaker.begin(0)
    call(1, 'upstream_error')
    call(2, 'upstream_error')
    breaker.begin(1_010)
    end(0, 1_020, outcome, 1, outcome === 'rate_limit_exceeded' ? 5_000 : undefined)
    expect(breaker.refusal(1_021)).toContain('a call is trying it')
    end(1_010, 1_030)
    expect(breaker.state(1_031)).toBe('closed')
  },
)

test.for<ErrorCode>(['upstream_authentication_failed', 'insufficient_quota', 'upstream_model_not_found'])(
  '%s opens it at once and for long',
  (code) => {
    const { breaker, call } = setUp()
    call(0, code)
    expect(breaker.state(3_999)).toBe('open')
    expect(breaker.state(4_000)).toBe('half-open')
  },
)

test('a target that asks for a rest is not broken', () => {
  const { breaker, call } = setUp({ consecutiveFailures: 1 })
  call(0, 'rate_limit_exceeded', 1, 5_000)
  expect(breaker.state(1)).toBe('closed')
})

test('opens when too many answers begin late', () => {
  const { breaker, call } = setUp({ slowCall: 100 })
  for (const firstByte of [50, 200, 50, 300]) call(0, undefined, firstByte)
  expect(breaker.refusal(1)).toContain('2 of 4 calls were slow')
})

test('never lets more than one call try it at a time, and never stays shut', () => {
  const step = fc.record({ wait: fc.nat(3_000), fails: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { breaker, call } = setUp({ consecutiveFailures: 2 })
      let now = 0
      for (const { wait, fails } of steps) {
        now += wait
        if (!breaker.allows(now)) continue
        if (breaker.state(now) === 'half-open') {
          breaker.begin(now)
          expect(breaker.allows(now)).toBe(false)
        }
        call(now, fails ? 'upstream_error' : undefined)
      }
      expect(breaker.allows(now + options.longestOpen)).toBe(true)
    }),
  )
})
