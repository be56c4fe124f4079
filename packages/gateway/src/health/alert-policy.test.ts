import { beforeEach, expect, test } from 'vitest'
import { AlertPolicy } from './alert-policy.ts'
import type { HealthEvent, HealthEventType } from './health-watch.ts'

let policy: AlertPolicy
beforeEach(() => {
  policy = new AlertPolicy({ events: ['provider.unhealthy', 'provider.degraded'], minInterval: 300 })
})

function event(type: HealthEventType, subject = 'lab'): HealthEvent {
  return { type, subject, reason: 'so it is', at: '2026-01-01T00:00:00.000Z' }
}

test('one alert and one recovery', () => {
  expect(policy.hear(event('provider.unhealthy'), 0)).toBe(true)
  expect(policy.hear(event('provider.recovered'), 10)).toBe(true)
  expect(policy.hear(event('provider.recovered'), 20)).toBe(false)
  expect(policy.due(1_000)).toEqual([])
})

test('what was not told has no recovery, and what was not asked for is not told', () => {
  expect(policy.hear(event('provider.recovered'), 0)).toBe(false)
  expect(policy.hear(event('target.circuit_opened', 'lab/a'), 0)).toBe(false)
  expect(policy.hear(event('target.circuit_closed', 'lab/a'), 1)).toBe(false)
})

test('flapping is told once within the interval; what lasts is told at its end', () => {
  expect(policy.hear(event('provider.unhealthy'), 0)).toBe(true)
  expect(policy.hear(event('provider.recovered'), 10)).toBe(true)
  for (let now = 20; now < 200; now += 20) {
    expect(policy.hear(event('provider.unhealthy'), now)).toBe(false)
    expect(policy.hear(event('provider.recovered'), now + 10)).toBe(false)
  }
  expect(policy.waits).toBe(false)
  expect(policy.hear(event('provider.unhealthy'), 250)).toBe(false)
  expect(policy.due(299)).toEqual([])
  expect(policy.due(300)).toEqual([event('provider.unhealthy')])
  expect(policy.due(900)).toEqual([])
  expect(policy.hear(event('provider.recovered'), 900)).toBe(true)
})

test('worse is told at once, and each subject for itself', () => {
  expect(policy.hear(event('provider.degraded'), 0)).toBe(true)
  expect(policy.hear(event('provider.unhealthy'), 1)).toBe(true)
  expect(policy.hear(event('provider.degraded', 'other'), 2)).toBe(true)
  expect(policy.hear(event('provider.recovered'), 3)).toBe(true)
  expect(policy.hear(event('provider.recovered'), 4)).toBe(false)
})
