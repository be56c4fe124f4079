import { expect, test } from 'vitest'
import { describeOnPostgres, describeOnRedis } from '../servers/describe-on.ts'
import { stopPostgres } from './stop-postgres.ts'
import { stopRedis } from './stop-redis.ts'

// The same for a minute: npm run prove:outage

describeOnPostgres('PostgreSQL that is away under load', () => {
  test('fails nobody, and nothing is lost or there twice', async () => {
    const report = await stopPostgres({ seconds: 3, around: 0.5, requestsPerSecond: 40 })
    const { failed, lost, duplicates, records, summed, requests, states, whileAway } = report
    expect({ failed, lost, duplicates }).toEqual({ failed: [], lost: [], duplicates: [] })
    expect([records, summed]).toEqual([requests, requests])
    expect(whileAway).toBeGreaterThan(0)
    expect(states).toEqual(['ok', 'behind', 'ok'])
    expect(report.waiting).toBeGreaterThan(0)
    expect(report.journalBytes).toBeLessThan(report.maxJournalBytes)
  }, 180_000)
})

describeOnRedis('Redis that is away under load', () => {
  test('fail-open: each gateway lets in its share, and all of them their limit when it is back', async () => {
    const report = await stopRedis({ whenLost: 'fail-open', seconds: 1, around: 0.5, requestsPerSecond: 30 })
    const { before, away, after, load, limit, states } = report
    expect([before, away, after].map(({ answered }) => answered)).toEqual([limit, limit, limit])
    for (const { refusals } of [before, away, after]) expect(refusals).toEqual({ '429 limit_exceeded': 2 * limit })
    expect(load.refusals).toEqual({})
    expect(states).toEqual(['ok', 'lost', 'ok'])
  }, 180_000)

  test('fail-closed: nobody with limits is let in, and all are told why, until it is back', async () => {
    const report = await stopRedis({ whenLost: 'fail-closed', seconds: 1, around: 0.5, requestsPerSecond: 30 })
    const { before, away, after, load, limit, states } = report
    expect([before, away, after].map(({ answered }) => answered)).toEqual([limit, 0, limit])
    expect(away.refusals).toEqual({ '503 limits_unavailable': 3 * limit })
    expect(Object.keys(load.refusals)).toEqual(['503 limits_unavailable'])
    expect(states).toEqual(['ok', 'lost', 'ok'])
  }, 180_000)
})
