import type { LimitStanding, SpokenDialect } from '@sluice/protocol'
import type { Decision } from '../counters/counters.ts'
import type { AnswerHeaders } from '../pipeline/admit.ts'
import type { Rations } from './rations.ts'

/** Tells how a caller stands, of each measure by the limit that is nearest to its end. What was told before gives way. */
export function addLimitHeaders(
  head: AnswerHeaders,
  dialect: SpokenDialect,
  rations: Rations,
  decision: Decision,
): void {
  const told = limitHeaders(dialect, rations, decision)
  if (head.headers === undefined) {
    if (told.length > 0) head.headers = told
    return
  }
  const all = head.headers
  for (let index = 0; index < told.length; index += 2) {
    const before = all.indexOf(told[index]!)
    if (before < 0) all.push(told[index]!, told[index + 1]!)
    else all[before + 1] = told[index + 1]!
  }
}

function limitHeaders(dialect: SpokenDialect, { all }: Rations, decision: Decision): string[] {
  const tightest: LimitStanding[] = []
  for (let index = 0; index < all.length; index++) {
    const { measure, limit } = all[index]!
    if (limit.kind !== 'window') continue
    const remaining = decision.remaining[index]!
    const place = tightest.findIndex((standing) => standing.measure === measure)
    const before = tightest[place]
    if (before !== undefined && before.remaining / before.limit <= remaining / limit.most) continue
    const reset = decision.reset[index]!
    const resetAt = (): Date => new Date(Date.now() + reset)
    const standing = { measure: measure as LimitStanding['measure'], limit: limit.most, remaining, reset, resetAt }
    if (place < 0) tightest.push(standing)
    else tightest[place] = standing
  }
  if (tightest.length === 0) return []
  return dialect.limitHeaders?.(tightest) ?? usualHeaders(tightest)
}

/** https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers */
function usualHeaders(standings: readonly LimitStanding[]): string[] {
  const headers: string[] = []
  let ofTokens: LimitStanding | undefined
  for (const standing of standings) {
    if (standing.measure === 'requests') add(headers, 'requests', standing)
    // There is one name for all tokens.
    else if (ofTokens === undefined || standing.remaining < ofTokens.remaining) ofTokens = standing
  }
  if (ofTokens !== undefined) add(headers, 'tokens', ofTokens)
  return headers
}

function add(headers: string[], name: 'requests' | 'tokens', { limit, remaining, reset }: LimitStanding): void {
  headers.push(
    `x-ratelimit-limit-${name}`,
    String(limit),
    `x-ratelimit-remaining-${name}`,
    String(remaining),
    `x-ratelimit-reset-${name}`,
    duration(reset),
  )
}

/** `6m0s`, `1.5s`, `20ms` */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.ceil(milliseconds)}ms`
  const seconds = Math.ceil(milliseconds / 10) / 100
  if (seconds < 60) return `${seconds}s`
  const whole = Math.ceil(seconds)
  const minutes = Math.floor(whole / 60)
  const rest = `${minutes % 60}m${whole % 60}s`
  return minutes < 60 ? rest : `${Math.floor(minutes / 60)}h${rest}`
}
