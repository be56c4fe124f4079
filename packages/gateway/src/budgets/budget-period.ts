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

/** The period that a moment falls in. Days begin at midnight of the time zone, however long they are. */
export function periodAt(calendar: Calendar, now: number): BudgetPeriod {
  const { period, timeZone, resetDay } = calendar
  if (period === 'total') return { start: 0, end: Infinity }
  const today = dayAt(now, timeZone)
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
  return { start: midnight(from, timeZone), end: midnight(to, timeZone) }
}

function dayAt(moment: number, timeZone: string): CalendarDay {
  const local = new Date(moment + offsetAt(moment, timeZone))
  return { year: local.getUTCFullYear(), month: local.getUTCMonth() + 1, day: local.getUTCDate() }
}

function midnight({ year, month, day }: CalendarDay, timeZone: string): number {
  const local = Date.UTC(year, month - 1, day)
  const guess = local - offsetAt(local, timeZone)
  // The clocks may have been changed between the two.
  const moment = local - offsetAt(guess, timeZone)
  // Where they are put forward at midnight, that time is left out, and the day begins then: at the later one.
  return Math.max(moment, local - offsetAt(moment, timeZone))
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
