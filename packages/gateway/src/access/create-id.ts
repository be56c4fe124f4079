import { randomBytes } from 'node:crypto'

/** `key_` and 32 hexadecimal digits: the time, so that ids sort by it, and 80 random bits. */
export function createId(prefix: string, now: number): string {
  return `${prefix}_${now.toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`
}
