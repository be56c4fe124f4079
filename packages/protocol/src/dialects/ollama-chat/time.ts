import { isString } from './wire.ts'

/** Unix seconds of an RFC 3339 time; `undefined` for what is none. */
export function readTime(time: unknown): number | undefined {
  const milliseconds = isString(time) ? Date.parse(time) : Number.NaN
  return Number.isFinite(milliseconds) ? Math.floor(milliseconds / 1000) : undefined
}

/** @param own as this wire said it: with nanoseconds, and perhaps in another zone. `null`: it said none. */
export function writeTime(created: number | undefined, own: unknown): string | undefined {
  if (own === null && created === undefined) return undefined
  if (isString(own) && readTime(own) === created) return own
  const date = new Date((created ?? 0) * 1000)
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString()
}

/** Ollama's answers have no id; their time, to the nanosecond, tells them apart. */
export function idOf(time: unknown): string {
  return readTime(time) === undefined ? '' : `ollama-${String(time).replace(/[^0-9A-Za-z]/g, '')}`
}
