import { readDuration } from './read-duration.ts'

/** In ISO 8601, of a date (its beginning in UTC), a time, or how long ago: `2026-11-01`, `30d`. */
export function readMoment(text: string, option: string): string {
  return dateOf(text) ?? new Date(Date.now() - readDuration(text, option, orDate)).toISOString()
}

/** As `readMoment`, of how long from now. */
export function readEnd(text: string, option: string): string {
  return dateOf(text) ?? new Date(Date.now() + readDuration(text, option, orDate)).toISOString()
}

const orDate = ', or a date such as 2026-11-01'

function dateOf(text: string): string | undefined {
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? undefined : new Date(time).toISOString()
}
