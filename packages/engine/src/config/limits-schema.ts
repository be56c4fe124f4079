import * as z from 'zod/mini'
import {
  type LimitRule,
  type LimitsConfig,
  type LimitSubject,
  limitSubjects,
  type RuleMatch,
  type WindowRule,
} from './limits-config.ts'
import { integer, type Shape, text } from './scalars.ts'

/** `limits:`, what callers may ask for in a time. */
export interface LimitsSettings {
  readonly rules?: readonly LimitRuleSettings[] | undefined
  /** Gateways that share the limits: what each one counts for itself while Redis is lost. Default 1. */
  readonly replicas?: number | undefined
  /** While Redis is lost: `fail-open` counts in each gateway, `fail-closed` refuses. Default `fail-open`. */
  readonly when_lost?: 'fail-open' | 'fail-closed' | undefined
}

/** Whom it is for, by patterns of ids: `gpt-*`, `!*-pro`. A member that is absent leaves nobody out. */
export interface RuleMatchSettings {
  readonly keys?: readonly string[] | undefined
  readonly users?: readonly string[] | undefined
  readonly workspaces?: readonly string[] | undefined
  readonly organisations?: readonly string[] | undefined
  readonly tags?: readonly string[] | undefined
  /** As their provider names them, or `provider/model`. */
  readonly models?: readonly string[] | undefined
  readonly providers?: readonly string[] | undefined
}

export interface LimitRuleSettings extends LimitAmounts {
  /** What it is called in lists. Default: nothing. */
  readonly name?: string | undefined
  readonly per: LimitSubject
  readonly match?: RuleMatchSettings | undefined
}

/** What may be asked in each period; absent for no limit. */
export interface LimitAmounts {
  readonly requests_per_minute?: number | undefined
  readonly requests_per_hour?: number | undefined
  readonly requests_per_day?: number | undefined
  readonly tokens_per_minute?: number | undefined
  readonly tokens_per_hour?: number | undefined
  readonly tokens_per_day?: number | undefined
  readonly input_tokens_per_minute?: number | undefined
  readonly output_tokens_per_minute?: number | undefined
  /** Requests that are under way at once. */
  readonly concurrent_requests?: number | undefined
}

export const limitSubject = (): z.ZodMiniType<LimitSubject> => z.enum(limitSubjects)

export function matchSchema(): z.ZodMiniType<RuleMatchSettings> {
  const patterns = z.optional(z.array(text).check(z.minLength(1)))
  return z.strictObject({
    keys: patterns,
    users: patterns,
    workspaces: patterns,
    organisations: patterns,
    tags: patterns,
    models: patterns,
    providers: patterns,
  } satisfies Shape<RuleMatchSettings>)
}

function limitRuleSchema(): z.ZodMiniType<LimitRuleSettings> {
  const amount = z.optional(integer(1, 1_000_000_000_000))
  return z.strictObject({
    name: z.optional(text),
    per: limitSubject(),
    match: z.optional(matchSchema()),
    requests_per_minute: amount,
    requests_per_hour: amount,
    requests_per_day: amount,
    tokens_per_minute: amount,
    tokens_per_hour: amount,
    tokens_per_day: amount,
    input_tokens_per_minute: amount,
    output_tokens_per_minute: amount,
    concurrent_requests: amount,
  } satisfies Shape<LimitRuleSettings>)
}

export const limitsSchema = (): z.ZodMiniType<LimitsSettings> =>
  z.strictObject({
    rules: z.optional(z.array(limitRuleSchema())),
    replicas: z.optional(integer(1, 10_000)),
    when_lost: z.optional(z.enum(['fail-open', 'fail-closed'])),
  } satisfies Shape<LimitsSettings>)

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const windows = {
  requests_per_minute: ['requests', minute],
  requests_per_hour: ['requests', hour],
  requests_per_day: ['requests', day],
  tokens_per_minute: ['tokens', minute],
  tokens_per_hour: ['tokens', hour],
  tokens_per_day: ['tokens', day],
  input_tokens_per_minute: ['input-tokens', minute],
  output_tokens_per_minute: ['output-tokens', minute],
} as const satisfies Partial<Record<keyof LimitRuleSettings, readonly [WindowRule['measure'], number]>>

export function buildLimits(settings: LimitsSettings | null | undefined): LimitsConfig {
  const { rules = [], replicas = 1, when_lost: whenLost = 'fail-open' } = settings ?? {}
  return Object.freeze({ rules: Object.freeze(rules.map(buildLimitRule)), replicas, whenLost })
}

/** A rule as the engine has it, with its windows in milliseconds. */
export function buildLimitRule(rule: LimitRuleSettings): LimitRule {
  const found = Object.entries(windows).flatMap(([name, [measure, period]]): WindowRule[] => {
    const most = rule[name as keyof typeof windows]
    return most === undefined ? [] : [{ measure, period, most }]
  })
  return Object.freeze({
    name: rule.name,
    per: rule.per,
    match: buildMatch(rule.match),
    windows: Object.freeze(found),
    concurrent: rule.concurrent_requests,
  })
}

export function buildMatch(match: RuleMatchSettings | undefined): RuleMatch {
  const { keys, users, workspaces, organisations, tags, models, providers } = match ?? {}
  return Object.freeze({ keys, users, workspaces, organisations, tags, models, providers })
}
