import { expect, test } from 'vitest'
import { periodAt } from './budget-period.ts'

function period(kind: 'daily' | 'weekly' | 'monthly' | 'total', timeZone: string, resetDay: number, now: string) {
  const { start, end } = periodAt({ period: kind, timeZone, resetDay }, Date.parse(now))
  return [new Date(start).toISOString(), end === Infinity ? 'never' : new Date(end).toISOString()]
}

test.each([
  ['a day', 'daily', 'UTC', 1, '2026-11-21T10:00:00Z', '2026-11-21T00:00:00.000Z', '2026-11-22T00:00:00.000Z'],
  [
    'the last millisecond of a day',
    'daily',
    'UTC',
    1,
    '2026-12-31T23:59:59.999Z',
    '2026-12-31T00:00:00.000Z',
    '2027-01-01T00:00:00.000Z',
  ],
  [
    'a day in Berlin',
    'daily',
    'Europe/Berlin',
    1,
    '2026-11-21T23:30:00Z',
    '2026-11-21T23:00:00.000Z',
    '2026-11-22T23:00:00.000Z',
  ],
  [
    'a day of 25 hours',
    'daily',
    'Europe/Berlin',
    1,
    '2026-10-25T12:00:00Z',
    '2026-10-24T22:00:00.000Z',
    '2026-10-25T23:00:00.000Z',
  ],
  [
    'a day of 23 hours',
    'daily',
    'America/New_York',
    1,
    '2026-03-08T12:00:00Z',
    '2026-03-08T05:00:00.000Z',
    '2026-03-09T04:00:00.000Z',
  ],
  [
    'half hours',
    'daily',
    'Asia/Kolkata',
    1,
    '2026-11-21T18:29:00Z',
    '2026-11-20T18:30:00.000Z',
    '2026-11-21T18:30:00.000Z',
  ],
  [
    'a week from Monday',
    'weekly',
    'UTC',
    1,
    '2026-11-21T10:00:00Z',
    '2026-11-16T00:00:00.000Z',
    '2026-11-23T00:00:00.000Z',
  ],
  [
    'a week from Sunday',
    'weekly',
    'UTC',
    7,
    '2026-11-21T10:00:00Z',
    '2026-11-15T00:00:00.000Z',
    '2026-11-22T00:00:00.000Z',
  ],
  [
    'a week from today',
    'weekly',
    'UTC',
    6,
    '2026-11-21T10:00:00Z',
    '2026-11-21T00:00:00.000Z',
    '2026-11-28T00:00:00.000Z',
  ],
  ['a month', 'monthly', 'UTC', 1, '2026-11-21T10:00:00Z', '2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z'],
  [
    'a month from the 25th',
    'monthly',
    'UTC',
    25,
    '2026-11-21T10:00:00Z',
    '2026-10-25T00:00:00.000Z',
    '2026-11-25T00:00:00.000Z',
  ],
  [
    'a month from its last day',
    'monthly',
    'UTC',
    31,
    '2027-02-28T10:00:00Z',
    '2027-02-28T00:00:00.000Z',
    '2027-03-31T00:00:00.000Z',
  ],
  [
    'a year that ends',
    'monthly',
    'Europe/Berlin',
    1,
    '2026-12-31T22:59:00Z',
    '2026-11-30T23:00:00.000Z',
    '2026-12-31T23:00:00.000Z',
  ],
  ['all of the time', 'total', 'UTC', 1, '2026-11-21T10:00:00Z', '1970-01-01T00:00:00.000Z', 'never'],
] as const)('%s', (_, kind, zone, day, now, start, end) => {
  expect(period(kind, zone, day, now)).toEqual([start, end])
})

test.each([
  ['clocks that go forward at midnight', 'America/Santiago', '2026-09-06T03:30Z', '09-05T04:00', '09-06T04:00'],
  ['the day that begins at one', 'America/Santiago', '2026-09-06T04:00Z', '09-06T04:00', '09-07T03:00'],
  ['clocks that go back at midnight', 'America/Santiago', '2026-04-05T03:30Z', '04-04T03:00', '04-05T04:00'],
  ['another such day', 'America/Havana', '2026-03-08T05:00Z', '03-08T05:00', '03-09T04:00'],
])('a day: %s', (_, zone, now, start, end) => {
  expect(period('daily', zone, 1, now)).toEqual([`2026-${start}:00.000Z`, `2026-${end}:00.000Z`])
})

test.each([
  ['UTC', 2026],
  ['Europe/Berlin', 2026],
  ['America/New_York', 2026],
  ['America/Santiago', 2026],
  ['America/Havana', 2026],
  ['Africa/Cairo', 2026],
  ['Africa/Casablanca', 2026],
  ['Asia/Beirut', 2026],
  ['Asia/Kathmandu', 2026],
  ['Australia/Lord_Howe', 2026],
  ['Atlantic/Azores', 2026],
  ['Pacific/Chatham', 2026],
  // A day that was left out, and clocks that went back a minute after midnight, to the day before.
  ['Pacific/Apia', 2011],
  ['America/St_Johns', 2010],
])('in %s each moment of %s is in one period, which begins with the first moment of a day', (timeZone, year) => {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })
  const dayAt = (moment: number): string => format.format(moment)
  const minute = 60_000
  // No zone's midnight lies between two of these.
  const step = 15 * minute
  const days: number[] = []
  let known = dayAt(Date.UTC(year, 0, 1))
  for (let moment = Date.UTC(year, 0, 1); moment < Date.UTC(year + 1, 0, 1); moment += step) {
    const day = dayAt(moment)
    if (day <= known) continue
    days.push(moment)
    known = day
  }
  const daily = days.slice(0, -1).map((start, index) => ({ start, end: days[index + 1]! }))
  for (const { start, end } of daily)
    for (const now of [start, start + 30 * minute, (start + end) / 2, end - 30 * minute, end - 1])
      expect(periodAt({ period: 'daily', timeZone, resetDay: 1 }, now)).toEqual({ start, end })
  for (const kind of ['weekly', 'monthly'] as const) {
    for (const resetDay of [1, 7]) {
      const calendar = { period: kind, timeZone, resetDay }
      let { end } = periodAt(calendar, days[0]!)
      while (end <= days.at(-1)!) {
        expect(days).toContain(end)
        const next = periodAt(calendar, end)
        expect(next.start).toBe(end)
        for (const now of [end + 30 * minute, next.end - 30 * minute, next.end - 1])
          expect(periodAt(calendar, now)).toEqual(next)
        end = next.end
      }
    }
  }
})

test('every moment of two years is in a period that begins where the one before ends', () => {
  for (const kind of ['daily', 'weekly', 'monthly'] as const) {
    // In the last three the clocks are put forward at midnight.
    const zones = ['America/Sao_Paulo', 'Australia/Lord_Howe', 'Africa/Cairo', 'Atlantic/Azores', 'America/Santiago']
    for (const timeZone of zones) {
      const calendar = { period: kind, timeZone, resetDay: 3 }
      let { end } = periodAt(calendar, Date.UTC(2026, 0, 1))
      while (end < Date.UTC(2028, 0, 1)) {
        const next = periodAt(calendar, end)
        expect(next.start).toBe(end)
        expect(periodAt(calendar, next.end - 1)).toEqual(next)
        end = next.end
      }
    }
  }
})
