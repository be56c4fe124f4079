import type { UsageEntry } from './usage-entry.ts'

/**
 * Zeros and halves of pairs, which callers may write into names, are no text to PostgreSQL: one would hold up all others.
 * They are replaced before anything is counted, since two names may become one by it.
 */
export function wellFormedEntry(entry: UsageEntry): UsageEntry {
  const { tags, usage, attempts } = entry
  const isOdd =
    Object.values(entry).some(isOddText) ||
    tags.some(isOddText) ||
    isOddText(usage?.processing) ||
    attempts.some(({ provider, model }) => isOddText(provider) || isOddText(model))
  return isOdd ? (JSON.parse(JSON.stringify(entry), mend) as UsageEntry) : entry
}

/** A text with a zero byte or half of a surrogate pair. */
export function isOddText(value: unknown): boolean {
  return typeof value === 'string' && (value.includes('\0') || !value.isWellFormed())
}

function mend(_: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\ufffd') : value
}
