import {
  type BudgetRule,
  type Config,
  type LimitRule,
  type LimitSubject,
  limitSubjects,
  type RuleMatch,
  type RuleMatchSettings,
} from 'sluice'
import * as z from 'zod/mini'
import type { KeptBudgetRule, KeptLimitRule } from '../../access/shared-rules.ts'
import type { RuleRow } from '../../stores/access-tables.ts'
import { id, name, timeOf } from '../shapes.ts'
import { budgetMembers, limitMembers, resetDayChecks } from './key-limits-shape.ts'

/** A rule of limits or a budget, as it is shown; what it allows stands beside these members. */
export interface Rule {
  /** `config-2` for the second of the config. */
  readonly id: string
  readonly object: 'limit' | 'budget'
  /** Who says so: the file, whoever runs the gateway, the organisation itself, or, of its own budget, a key. */
  readonly owner: 'config' | 'gateway' | 'organisation' | 'key'
  readonly name: string | null
  /** Whose keys it is for; `null` for everybody's. */
  readonly organisation_id: string | null
  readonly workspace_id: string | null
  readonly per: LimitSubject
  readonly match: RuleMatchSettings
  readonly created_at: string | null
  readonly updated_at: string | null
  readonly [setting: string]: unknown
}

export interface NewRule {
  name: string
  organisation_id?: string | undefined
  workspace_id?: string | undefined
  per: LimitSubject
  match?: RuleMatchSettings | undefined
  [setting: string]: unknown
}

export interface RuleChanges {
  name?: string | undefined
  [setting: string]: unknown
}

const pattern = z.string().check(z.minLength(1), z.maxLength(200))
const patterns = z.optional(z.array(pattern).check(z.minLength(1), z.maxLength(200)))

export const subjects: z.ZodMiniType<LimitSubject> = z.enum(limitSubjects)

const match: z.ZodMiniType<RuleMatchSettings> = z.strictObject({
  keys: patterns,
  users: patterns,
  workspaces: patterns,
  organisations: patterns,
  tags: patterns,
  models: patterns,
  providers: patterns,
})

/** What two kinds of rules have in common, and what tells them apart. */
export interface RuleKind {
  readonly object: 'limit' | 'budget'
  readonly path: '/limits' | '/budgets'
  readonly table: 'limitRules' | 'budgetRules'
  readonly idPrefix: 'lim' | 'bud'
  /** Where the config has them. */
  readonly section: 'limits.rules' | 'budgets.rules'
  readonly shape: z.ZodMiniType<Rule>
  readonly creation: z.ZodMiniType<NewRule>
  readonly changes: z.ZodMiniType<RuleChanges>
  /** Of what it allows; says what does not fit together. */
  readonly settings: z.ZodMiniType
  configured(config: Config): readonly Rule[]
}

const shown = {
  id: z.string(),
  name: z.nullable(z.string()),
  owner: z.enum(['config', 'gateway', 'organisation', 'key']),
  organisation_id: z.nullable(z.string()),
  workspace_id: z.nullable(z.string()),
  per: subjects,
  match,
  created_at: z.nullable(z.string()),
  updated_at: z.nullable(z.string()),
}
const made = {
  name,
  organisation_id: z.optional(id),
  workspace_id: z.optional(id),
  per: subjects,
  match: z.optional(match),
}

const { amount, ...rest } = budgetMembers
const limitChanges = Object.fromEntries(
  Object.entries(limitMembers).map(([member, schema]) => [member, z.optional(z.nullable(schema))]),
)

export const limitKind: RuleKind = {
  object: 'limit',
  path: '/limits',
  table: 'limitRules',
  idPrefix: 'lim',
  section: 'limits.rules',
  shape: z.object({ ...shown, object: z.literal('limit'), ...limitMembers }),
  creation: z.strictObject({ ...made, ...limitMembers }),
  changes: z.strictObject({ name: z.optional(name), ...limitChanges }),
  settings: z
    .object(limitMembers)
    .check(z.refine((limits) => Object.keys(limits).length > 0, 'expected at least one limit')),
  configured: ({ limits }) =>
    limits.rules.map((rule, index) => ({
      ...configuredRule('limit', rule, rule.name ?? null, index),
      ...limitsOf(rule),
    })),
}

export const budgetKind: RuleKind = {
  object: 'budget',
  path: '/budgets',
  table: 'budgetRules',
  idPrefix: 'bud',
  section: 'budgets.rules',
  shape: z.object({ ...shown, object: z.literal('budget'), ...budgetMembers }),
  creation: z.strictObject({ ...made, ...budgetMembers }),
  changes: z.strictObject({
    name: z.optional(name),
    amount: z.optional(amount),
    ...Object.fromEntries(Object.entries(rest).map(([member, schema]) => [member, z.optional(z.nullable(schema))])),
  }),
  settings: z.object(budgetMembers).check(...resetDayChecks),
  configured: ({ budgets }) =>
    budgets.rules.map((rule, index) => ({ ...configuredRule('budget', rule, rule.name, index), ...budgetOf(rule) })),
}

export function describeRule(row: RuleRow): Rule {
  const { match: matched = {}, per, ...settings } = JSON.parse(row.settings) as KeptLimitRule | KeptBudgetRule
  return {
    ...settings,
    id: row.id,
    object: row.id.startsWith('bud_') ? 'budget' : 'limit',
    owner: row.level as Rule['owner'],
    name: row.name,
    organisation_id: row.organisation_id,
    workspace_id: row.workspace_id,
    per,
    match: matched,
    created_at: timeOf(row.created_at),
    updated_at: timeOf(row.updated_at),
  }
}

/** By its place in the file. */
export function configuredId(index: number): string {
  return `config-${index + 1}`
}

/** Whether a list begins, or goes on, among the rules of the file. */
export function isOfConfig(after: string | undefined): boolean {
  return after === undefined || after.startsWith('config-')
}

/** Those that follow one, which may be gone from the file by now. */
export function afterConfigured<One extends { readonly id: string }>(
  rules: readonly One[],
  after: string | undefined,
): readonly One[] {
  return after === undefined ? rules : rules.filter(({ id }) => placeInFile(id) > placeInFile(after))
}

function placeInFile(id: string): number {
  return Number(id.slice('config-'.length))
}

function configuredRule(
  object: Rule['object'],
  { per, match: matched }: { readonly per: LimitSubject; readonly match: RuleMatch },
  called: string | null,
  index: number,
): Rule {
  const given = Object.entries(matched).filter(([, value]) => value !== undefined)
  return {
    id: configuredId(index),
    object,
    owner: 'config',
    name: called,
    organisation_id: null,
    workspace_id: null,
    per,
    match: Object.fromEntries(given),
    created_at: null,
    updated_at: null,
  }
}

const periods: Readonly<Record<number, string>> = { 60_000: 'minute', 3_600_000: 'hour', 86_400_000: 'day' }

function limitsOf({ windows, concurrent }: LimitRule): Readonly<Record<string, number>> {
  return {
    ...Object.fromEntries(
      windows.map(({ measure, period, most }) => [`${measure.replace('-', '_')}_per_${periods[period]}`, most]),
    ),
    ...(concurrent !== undefined && { concurrent_requests: concurrent }),
  }
}

function budgetOf(rule: BudgetRule): Readonly<Record<string, unknown>> {
  const { raise } = rule
  return {
    amount: rule.amount / 1e9,
    period: rule.period,
    time_zone: rule.timeZone,
    reset_day: rule.resetDay,
    alert_at: rule.alertAt,
    stop: rule.stops,
    ...(raise !== undefined && { raise: { by: raise.by / 1e9, until: timeOf(raise.until) } }),
  }
}
