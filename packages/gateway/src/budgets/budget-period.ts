import type { BudgetRule } from 'sluice'

/** A stretch of time that a budget is for; Unix milliseconds, from the start to before the end. */
export interface BudgetPeriod {
  readonly start: number
  /** `Infinity` where it never ends. */
  readonly end: number
}

type Calendar = Pick<BudgetRule, 'period' | 'timeZone' | 'resetDay'>

/** A day as a calendar has it; months count from 1, and days may go beyond their month. */
interface CalendarDay {
  readonly year: number
  readonly month: number
  readonly day: number
}

const dayLength = 24 * 60 * 60 * 1000

/** The period that a moment falls in. Days begin with their first moment in the time zone, however long they are. */
export function periodAt(calendar: Calendar, now: number): BudgetPeriod {
  if (calendar.period === 'total') return { start: 0, end: Infinity }
  const { year, month, day } = dayAt(now, calendar.timeZone)
  const period = periodOf(calendar, { year, month, day })
  // Where clocks went back from the first minutes of a day to the one before, it goes on.
  return now < period.end ? period : periodOf(calendar, dayAt(Date.UTC(year, month - 1, day + 1), 'UTC'))
}

function periodOf({ period, timeZone, resetDay }: Calendar, today: CalendarDay): BudgetPeriod {
  const { year, month, day } = today
  if (period === 'daily') return between(today, { year, month, day: day + 1 }, timeZone)
  if (period === 'weekly') {
    const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7
    const first = day - ((weekday - resetDay + 7) % 7)
    return between({ year, month, day: first }, { year, month, day: first + 7 }, timeZone)
  }
  const begins = resetDayOf(year, month, resetDay)
  return day >= begins.day
    ? between(begins, resetDayOf(year, month + 1, resetDay), timeZone)
    : between(resetDayOf(year, month - 1, resetDay), begins, timeZone)
}

/** Shorter months begin anew on their last day. */
function resetDayOf(year: number, month: number, resetDay: number): CalendarDay {
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate()
  return { year, month, day: Math.min(resetDay, lastDay) }
}

function between(from: CalendarDay, to: CalendarDay, timeZone: string): BudgetPeriod {
  return { start: startOf(from, timeZone), end: startOf(to, timeZone) }
}

function dayAt(moment: number, timeZone: string): CalendarDay {
  const local = new Date(moment + offsetAt(moment, timeZone))
  return { year: local.getUTCFullYear(), month: local.getUTCMonth() + 1, day: local.getUTCDate() }
}

/** The first moment of a day: midnight, or, where clocks go forward then, when they do. */
function startOf({ year, month, day }: CalendarDay, timeZone: string): number {
  const local = Date.UTC(year, month - 1, day)
  const before = offsetAt(local - dayLength, timeZone)
  const guess = local - before
  const offset = offsetAt(guess, timeZone)
  if (offset === before) return guess
  // The clocks were changed since the day before.
  const start = local - offset
  return offsetAt(start, timeZone) === offset ? start : whenChanged(start, guess, timeZone)
}

/** When the clocks are changed, between two moments that have other offsets. */
function whenChanged(from: number, to: number, timeZone: string): number {
  const before = offsetAt(from, timeZone)
  let [last, first] = [from, to]
  while (first - last > 1) {
    const middle = Math.floor((first + last) / 2)
    if (offsetAt(middle, timeZone) === before) last = middle
    else first = middle
  }
  return first
}

/** Milliseconds that the clocks there are ahead of UTC. */
function offsetAt(moment: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(moment)
  const at = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find((part) => part.type === type)?.value)
  const local = Date.UTC(at('year'), at('month') - 1, at('day'), at('hour'), at('minute'), at('second'))
  return local - Math.floor(moment / 1000) * 1000
}
