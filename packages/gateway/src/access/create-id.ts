import { randomBytes } from 'node:crypto'

/** `key_` and 32 hexadecimal digits: the time, so that ids sort by it, and 80 random bits. */
export function createId(prefix: string, now: number): string {
  return `${prefix}_${now.toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`
}

/** Of the ids that were made with a prefix, for a regular expression. */
export function idPattern(prefix: string): string {
  return `${prefix}_[0-9a-f]{32}`
}
