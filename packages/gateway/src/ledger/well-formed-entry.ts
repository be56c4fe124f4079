import type { UsageEntry } from './usage-entry.ts'

/** More than any request counts or costs, and so little that sums of days have room for a million times as much. */
export const mostOfRecord = 1e13

/**
 * Zeros and halves of pairs, which callers may write into names, are no text to PostgreSQL, and what providers count may be
 * no number of a database: one would hold up all others. They are replaced before anything is counted, since two names may
 * become one by it.
 */
export function wellFormedEntry(entry: UsageEntry): UsageEntry {
  const { tags, usage, cost, attempts } = entry
  const isOddEntry =
    Object.values(entry).some(isOdd) ||
    tags.some(isOdd) ||
    (usage !== null && Object.values(usage).some(isOdd)) ||
    isOdd(cost?.nanoDollars) ||
    attempts.some(({ provider, model }) => isOdd(provider) || isOdd(model))
  return isOddEntry ? (JSON.parse(JSON.stringify(entry), mend) as UsageEntry) : entry
}

/** With a zero byte, or half of a surrogate pair. */
export function isOddText(text: string): boolean {
  return text.includes('\0') || !text.isWellFormed()
}

function isOdd(value: unknown): boolean {
  if (typeof value === 'string') return isOddText(value)
  return typeof value === 'number' && !(Number.isInteger(value) && value <= mostOfRecord)
}

function mend(_: string, value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\ufffd')
  return typeof value === 'number' ? Math.min(Math.round(value), mostOfRecord) : value
}
