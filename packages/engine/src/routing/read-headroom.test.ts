import { expect, test } from 'vitest'
import { readHeadroom } from './read-headroom.ts'
import { TargetState } from './target-state.ts'

function after(headers: Record<string, string>): TargetState {
  const state = new TargetState('lab/a')
  readHeadroom(headers, state)
  return state
}

const openai = (
  requests: string,
  tokens: string,
  resetRequests = '1s',
  resetTokens = '1s',
): Record<string, string> => ({
  'x-ratelimit-limit-requests': '100',
  'x-ratelimit-remaining-requests': requests,
  'x-ratelimit-reset-requests': resetRequests,
  'x-ratelimit-limit-tokens': '1000',
  'x-ratelimit-remaining-tokens': tokens,
  'x-ratelimit-reset-tokens': resetTokens,
})

test.for<[why: string, headers: Record<string, string>, headroom: number | undefined]>([
  ['the lower of both limits', openai('90', '200'), 0.2],
  ['of the other', openai('10', '999'), 0.1],
  ['never more than all', openai('400', '4000'), 1],
  ['nothing left, without a limit', { 'x-ratelimit-remaining-requests': '0' }, 0],
  ['one limit alone', { 'x-ratelimit-remaining-tokens': '5', 'x-ratelimit-limit-tokens': '10' }, 0.5],
  ['a rest of nothing known', { 'x-ratelimit-remaining-requests': '7' }, undefined],
  ['no number', openai('many', ''), undefined],
  ['no such headers', { 'content-type': 'application/json' }, undefined],
  [
    "Anthropic's, of all its limits",
    {
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': '49',
      'anthropic-ratelimit-output-tokens-limit': '1000',
      'anthropic-ratelimit-output-tokens-remaining': '100',
    },
    0.1,
  ],
])('headroom: %s', ([, headers, headroom]) => {
  const state = after(headers)
  expect(state.headroom).toBe(headroom)
  expect(state.restUntil).toBe(0)
})

test.for<[reset: string, headers: Record<string, string>, milliseconds: number]>([
  ['6m0s, but no longer than a minute', openai('0', '9', '6m0s'), 60_000],
  ['30.5s of the other limit', openai('9', '0', '1s', '30.5s'), 30_500],
  ['20ms', openai('0', '9', '20ms'), 20],
  ['12.5 seconds', openai('0', '9', '12.5'), 12_500],
  [
    'a time, by the clock of the provider',
    {
      'anthropic-ratelimit-requests-limit': '50',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2026-01-31T12:00:20Z',
      date: 'Sat, 31 Jan 2026 12:00:00 GMT',
    },
    20_000,
  ],
])('rests when nothing is left: %s', ([, headers, milliseconds]) => {
  const before = performance.now()
  const { restUntil } = after(headers)
  expect(restUntil).toBeGreaterThanOrEqual(before + milliseconds)
  expect(restUntil).toBeLessThanOrEqual(performance.now() + milliseconds)
})

test('leaves the wait to `retry-after` where the provider says it', () => {
  expect(after({ ...openai('0', '0'), 'retry-after': '2' })).toMatchObject({ headroom: 0, restUntil: 0 })
})

test('is not held up by a time that is none', () => {
  expect(after(openai('0', '9', '1'.repeat(1_000_000)))).toMatchObject({ headroom: 0, restUntil: 0 })
  expect(after(openai('0', '9', `${'1'.repeat(1_000_000)}x`))).toMatchObject({ headroom: 0, restUntil: 0 })
})
