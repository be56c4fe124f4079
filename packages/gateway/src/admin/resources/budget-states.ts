import { type BudgetAmount, type BudgetRule, buildKeyLimits, type LimitSubject } from 'sluice'
import * as z from 'zod/mini'
import type { Reach } from '../../access/actor.ts'
import { budgetRuleOf } from '../../access/shared-rules.ts'
import { periodAt } from '../../budgets/budget-period.ts'
import { sumSpend } from '../../budgets/known-spend.ts'
import { createLedgerStore } from '../../ledger/database-ledger-store.ts'
import type { LedgerStore } from '../../ledger/ledger-store.ts'
import { type Budgeted, budgetOf, ownBudgetName } from '../../limits/rations.ts'
import type { KeyRow, RuleRow } from '../../stores/access-tables.ts'
import type { AdminParts } from '../admin-parts.ts'
import { optionalTimeOf, timeOf } from '../shapes.ts'
import { afterConfigured, configuredId, isOfConfig, type Rule, subjects } from './rule-shape.ts'

/** A budget of one of those whom it is for, in its present period; money in USD. */
interface BudgetState {
  readonly object: 'budget_state'
  /** Of a key's own budget the key's id. */
  readonly budget_id: string
  readonly owner: Rule['owner']
  readonly name: string
  readonly per: LimitSubject
  /** Whose it is: an id, empty for all together. */
  readonly subject: string
  readonly period: BudgetRule['period']
  readonly starts_at: string | null
  readonly resets_at: string | null
  /** With what it is raised by now. */
  readonly amount: number
  readonly spent: number
  /** Reserved by requests that are under way; `null` where nobody here counts. */
  readonly held: number | null
  readonly left: number
  readonly stop: boolean
}

export const budgetState: z.ZodMiniType<BudgetState> = z.object({
  object: z.literal('budget_state'),
  budget_id: z.string(),
  owner: z.enum(['config', 'gateway', 'organisation', 'key']),
  name: z.string(),
  per: subjects,
  subject: z.string(),
  period: z.enum(['daily', 'weekly', 'monthly', 'total']),
  starts_at: z.nullable(z.string()),
  resets_at: z.nullable(z.string()),
  amount: z.number(),
  spent: z.number(),
  held: z.nullable(z.number()),
  left: z.number(),
  stop: z.boolean(),
})

/** A budget, and what is counted by it. */
interface Source {
  readonly id: string
  readonly owner: Rule['owner']
  readonly rule: BudgetRule
  /** As the counters know it. */
  readonly counted: string
  readonly organisation?: string | null
  readonly workspace?: string | null
}

interface StatesRequest {
  readonly after: string | undefined
  /** Of budgets. */
  readonly limit: number
  /** Id of the only budget that is asked for. */
  readonly only: string | undefined
  readonly subject: string | undefined
}

/** Of one budget those who spent most. */
const mostSubjects = 1_000

/** Budgets of the config come first, then those of the database, then those of single keys. */
export async function listStates(reach: Reach, request: StatesRequest, parts: AdminParts): Promise<object> {
  const { only, subject } = request
  const { sources, next } =
    only === undefined
      ? await listSources(reach, request, parts)
      : { sources: await findSource(reach, only, parts), next: undefined }
  const ledger = createLedgerStore(parts.database)
  const found: Found[] = []
  for (const source of sources) found.push(...(await spendersOf(source, subject, reach, ledger, parts)))
  const counted = await parts.look?.(found.map(({ budget }) => budget.limit))
  const data = found.map((one, index) => stateOf(one, counted?.[index], counted !== undefined))
  return { object: 'list', data, has_more: next !== undefined, next: next ?? null }
}

async function listSources(
  reach: Reach,
  { after, limit }: StatesRequest,
  parts: AdminParts,
): Promise<{ readonly sources: readonly Source[]; readonly next: string | undefined }> {
  const { store, config } = parts
  const sources: Source[] = []
  const isOver = (): boolean => sources.length > limit
  const start = isOfConfig(after)
  if (start) sources.push(...afterConfigured(config.budgets.rules.map(ofConfig), after))
  if (!isOver() && after?.startsWith('key_') !== true) {
    const from = start ? undefined : after
    sources.push(...(await listRules(reach, from, limit + 1, parts)).map(ofRule))
  }
  if (!isOver()) {
    const from = after?.startsWith('key_') === true ? after : undefined
    const page = await store.keys.list(reach, { after: from, limit: limit + 1, where: {}, having: 'budget' })
    sources.push(...page.rows.flatMap(ofKey))
  }
  const page = sources.slice(0, limit)
  return { sources: page, next: sources.length > limit ? page.at(-1)?.id : undefined }
}

/** The one that has this id, where it is within the reach. */
async function findSource(reach: Reach, id: string, { store, config }: AdminParts): Promise<readonly Source[]> {
  if (id.startsWith('config-')) return config.budgets.rules.map(ofConfig).filter((source) => source.id === id)
  if (id.startsWith('key_')) {
    const key = await store.keys.find(id, reach)
    return key === undefined ? [] : ofKey(key)
  }
  const { organisation } = reach
  const rule =
    organisation === undefined
      ? await store.budgetRules.find(id, {})
      : (await store.rulesOf(organisation)).budgets.find((row) => row.id === id)
  return rule === undefined ? [] : [ofRule(rule)]
}

/** Newest first; of an organisation those of everybody too. */
async function listRules(
  { organisation }: Reach,
  after: string | undefined,
  limit: number,
  { store }: AdminParts,
): Promise<readonly RuleRow[]> {
  if (organisation === undefined) return (await store.budgetRules.list({}, { after, limit, where: {} })).rows
  const { budgets } = await store.rulesOf(organisation)
  return budgets
    .toReversed()
    .filter(({ id }) => after === undefined || id < after)
    .slice(0, limit)
}

function ofConfig(rule: BudgetRule, index: number): Source {
  return { id: configuredId(index), owner: 'config', rule, counted: rule.name }
}

function ofRule(row: RuleRow): Source {
  const { id, level, organisation_id: organisation, workspace_id: workspace } = row
  return { id, owner: level as Rule['owner'], rule: budgetRuleOf(row), counted: id, organisation, workspace }
}

function ofKey({ id, name, budget }: KeyRow): readonly Source[] {
  const amount = budget === null ? null : (JSON.parse(budget) as BudgetAmount)
  const [rule] = buildKeyLimits(name, null, amount)?.budgets ?? []
  return rule === undefined ? [] : [{ id, owner: 'key', rule, counted: ownBudgetName }]
}

interface Found {
  readonly source: Source
  readonly subject: string
  /** Nano-dollars, by the ledger. */
  readonly spent: number
  readonly budget: Budgeted
}

/** Those who spent something, the most first, and those whom it is for by name. @param only of whom alone is asked. */
async function spendersOf(
  source: Source,
  only: string | undefined,
  reach: Reach,
  ledger: LedgerStore,
  parts: AdminParts,
): Promise<readonly Found[]> {
  const { rule, owner, id } = source
  const { per } = rule
  const time = parts.now()
  const own = owner === 'key' || isWithin(source, reach)
  // What others spend too says something of them.
  if (!own && (per === 'all' || per === 'tag' || per === 'model' || per === 'provider')) return []
  // Part of what all of an organisation or a workspace spent is not what it spent.
  if (!own && per === 'organisation' && (reach.workspace !== undefined || reach.user !== undefined)) return []
  if (!own && isOfWorkspaces(per) && reach.user !== undefined) return []
  const where = owner === 'key' ? { principal: id } : own ? {} : reach
  const spent = new Map(await sumSpend(ledger, rule, periodAt(rule, time), where))
  for (const name of namedBy(source))
    if (!spent.has(name) && (own || (await isThere(per, name, reach, parts)))) spent.set(name, 0)
  const asked = [...spent].filter(([subject]) => only === undefined || subject === only)
  const most = asked.toSorted(([, one], [, other]) => other - one).slice(0, mostSubjects)
  const states: Found[] = []
  for (const [subject, amount] of most) {
    if (isOfWorkspaces(per)) {
      const workspace = await parts.store.workspaces.find(subject, reach)
      if (workspace?.kind !== per) continue
    }
    states.push({ source, subject, spent: amount, budget: budgetOf(rule, source.counted, subject, time).budget })
  }
  return states
}

function isOfWorkspaces(per: LimitSubject): boolean {
  return per === 'team' || per === 'site' || per === 'project'
}

/** Whom a rule names may be another's: only the reach says whether they are there. */
async function isThere(per: LimitSubject, id: string, reach: Reach, { store }: AdminParts): Promise<boolean> {
  if (per === 'key') return (await store.keys.find(id, reach)) !== undefined
  return per !== 'user' || (await store.users.find(id, reach)) !== undefined
}

/** All whom it is for are within the reach. */
function isWithin({ organisation, workspace }: Source, reach: Reach): boolean {
  if (reach.user !== undefined) return false
  if (reach.workspace !== undefined) return workspace === reach.workspace
  return reach.organisation === undefined || organisation === reach.organisation
}

function namedBy({ id, owner, rule: { per, match }, organisation, workspace }: Source): readonly string[] {
  if (owner === 'key') return [id]
  if (per === 'all' && owner !== 'config') return ['']
  if (per === 'organisation') return organisation ? [organisation] : []
  if (isOfWorkspaces(per)) return workspace ? [workspace] : []
  if (per === 'user') return literals(match.users)
  return per === 'key' ? literals(match.keys) : []
}

function literals(patterns: readonly string[] | undefined): readonly string[] {
  return (patterns ?? []).filter((pattern) => /^[\w-]+$/.test(pattern))
}

/** The counters know better than the ledger, which hears of requests at their end. */
function stateOf(
  { source, subject, spent: written, budget }: Found,
  counted: { readonly spent: number; readonly held: number } | undefined,
  known: boolean,
): BudgetState {
  const { rule, period, amount } = budget
  const spent = counted?.spent ?? written
  const held = counted?.held ?? (known ? 0 : null)
  return {
    object: 'budget_state',
    budget_id: source.id,
    owner: source.owner,
    name: rule.name,
    per: rule.per,
    subject,
    period: rule.period,
    starts_at: period.start === 0 ? null : timeOf(period.start),
    resets_at: optionalTimeOf(period.end === Infinity ? null : period.end),
    amount: amount / 1e9,
    spent: spent / 1e9,
    held: held === null ? null : held / 1e9,
    left: Math.max(0, amount - spent - (held ?? 0)) / 1e9,
    stop: rule.stops,
  }
}
