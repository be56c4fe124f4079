import type { Dialect, LimitStanding } from '@sluice/protocol'
import type { Decision } from '../counters/counters.ts'
import type { AnswerHeaders } from '../pipeline/admit.ts'
import type { Measure, Rations } from './rations.ts'

/** Tells how a caller stands, of each measure by the limit that is nearest to its end. What was told before gives way. */
export function addLimitHeaders(head: AnswerHeaders, dialect: Dialect, rations: Rations, decision: Decision): void {
  const told = limitHeaders(dialect, rations, decision)
  if (told.length === 0) return
  const all = (head.headers ??= [])
  for (let index = 0; index < told.length; index += 2) {
    const before = all.indexOf(told[index]!)
    if (before < 0) all.push(told[index]!, told[index + 1]!)
    else all[before + 1] = told[index + 1]!
  }
}

function limitHeaders(dialect: Dialect, rations: Rations, decision: Decision): readonly string[] {
  const tightest = new Map<LimitStanding['measure'], LimitStanding>()
  for (const [index, { measure, limit }] of rations.all.entries()) {
    if (limit.kind !== 'window') continue
    const remaining = decision.remaining[index]!
    const name = measure as LimitStanding['measure']
    const before = tightest.get(name)
    if (before !== undefined && before.remaining / before.limit <= remaining / limit.most) continue
    const reset = decision.reset[index]!
    const resetAt = (): Date => new Date(Date.now() + reset)
    tightest.set(name, { measure: name, limit: limit.most, remaining, reset, resetAt })
  }
  if (tightest.size === 0) return []
  return dialect.limitHeaders?.([...tightest.values()]) ?? usualHeaders(tightest)
}

/** https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers */
function usualHeaders(standings: ReadonlyMap<Measure, LimitStanding>): readonly string[] {
  const headers: string[] = []
  const add = (name: string, standing: LimitStanding | undefined): void => {
    if (standing === undefined) return
    headers.push(`x-ratelimit-limit-${name}`, String(standing.limit))
    headers.push(`x-ratelimit-remaining-${name}`, String(standing.remaining))
    headers.push(`x-ratelimit-reset-${name}`, duration(standing.reset))
  }
  add('requests', standings.get('requests'))
  // There is one name for all tokens.
  const ofTokens = ['tokens', 'input-tokens', 'output-tokens'] as const
  const [first, ...others] = ofTokens.flatMap((measure) => standings.get(measure) ?? [])
  if (first !== undefined)
    add(
      'tokens',
      others.reduce((one, other) => (other.remaining < one.remaining ? other : one), first),
    )
  return headers
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
