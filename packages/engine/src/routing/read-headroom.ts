import type { UpstreamHeaders } from '../transport/transport.ts'
import type { TargetState } from './target-state.ts'

/** Headers that tell of one limit. */
interface LimitHeaders {
  readonly remaining: string
  readonly limit: string
  readonly reset: string
}

const openai = (unit: string): LimitHeaders => ({
  remaining: `x-ratelimit-remaining-${unit}`,
  limit: `x-ratelimit-limit-${unit}`,
  reset: `x-ratelimit-reset-${unit}`,
})

const anthropic = (unit: string): LimitHeaders => ({
  remaining: `anthropic-ratelimit-${unit}-remaining`,
  limit: `anthropic-ratelimit-${unit}-limit`,
  reset: `anthropic-ratelimit-${unit}-reset`,
})

/**
 * By family: the headers of one are looked for only where its first or second is there.
 * https://platform.openai.com/docs/guides/rate-limits https://docs.anthropic.com/en/api/rate-limits
 */
const families: readonly (readonly LimitHeaders[])[] = [
  [openai('requests'), openai('tokens')],
  [anthropic('requests'), anthropic('tokens'), anthropic('input-tokens'), anthropic('output-tokens')],
]

/** Milliseconds. Most limits are those of a minute, and fill up meanwhile. */
const longestRest = 60_000

/** Takes what an answer's headers say of the target's own limits into its state; costs nothing where they say nothing. */
export function readHeadroom(headers: UpstreamHeaders, state: TargetState): void {
  for (const family of families) {
    if (headers[family[0]!.remaining] !== undefined || headers[family[1]!.remaining] !== undefined)
      return read(headers, family, state)
  }
}

function read(headers: UpstreamHeaders, family: readonly LimitHeaders[], state: TargetState): void {
  let least: number | undefined
  let rest = 0
  for (const { remaining, limit, reset } of family) {
    const left = Number(textOf(headers, remaining) ?? Number.NaN)
    if (!(left >= 0)) continue
    const most = Number(textOf(headers, limit) ?? Number.NaN)
    const share = left === 0 ? 0 : most > 0 ? Math.min(1, left / most) : undefined
    if (share !== undefined && (least === undefined || share < least)) least = share
    if (left === 0) rest = Math.max(rest, waitOf(textOf(headers, reset), textOf(headers, 'date')))
  }
  if (least !== undefined) state.headroom = least
  // A provider that says itself how long to wait is heeded where errors are.
  if (rest === 0 || headers['retry-after'] !== undefined || headers['retry-after-ms'] !== undefined) return
  state.restUntil = Math.max(state.restUntil, performance.now() + Math.min(rest, longestRest))
}

function textOf(headers: UpstreamHeaders, name: string): string | undefined {
  const value = headers[name]
  const text = typeof value === 'string' ? value : value?.[0]
  return text === '' ? undefined : text
}

const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Characters of a time to wait; of a longer text each digit would be looked at again for each before it. */
const longestTime = 64

/** Of `6m0s`, `20ms`, `12.5` (seconds) or `2026-01-31T12:00:00Z`; 0 for what cannot be read. */
function waitOf(reset: string | undefined, date: string | undefined): number {
  if (reset === undefined || reset.length > longestTime) return 0
  if (/^\d{4}-/.test(reset)) {
    // By the provider's own clock, where it shows it.
    const wait = Date.parse(reset) - (date === undefined ? Date.now() : Date.parse(date))
    return wait > 0 ? wait : 0
  }
  const seconds = Number(reset)
  if (seconds >= 0) return seconds * 1000
  let total = 0
  for (const [, amount, unit] of reset.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g))
    total += Number(amount) * milliseconds[unit!]!
  return total
}
