import { type BudgetAmount, type BudgetRule, buildKeyLimits, type LimitSubject } from 'sluice'
import * as z from 'zod/mini'
import type { Reach } from '../../access/actor.ts'
import { periodAt } from '../../budgets/budget-period.ts'
import { sumSpend } from '../../budgets/known-spend.ts'
import { createLedgerStore } from '../../ledger/database-ledger-store.ts'
import type { LedgerStore, UsageFilter } from '../../ledger/ledger-store.ts'
import type { AdminParts } from '../admin-parts.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { optionalTimeOf, pageOf, timeOf } from '../shapes.ts'

/** A budget of somebody who spent of it, in its present period; money in USD. */
interface BudgetState {
  readonly object: 'budget'
  readonly name: string
  readonly per: LimitSubject
  /** Whose it is: an id, empty for all together. */
  readonly subject: string
  readonly period: BudgetRule['period']
  readonly starts_at: string | null
  readonly ends_at: string | null
  readonly amount: number
  readonly spent: number
  readonly remaining: number
  readonly stop: boolean
}

const budgetState: z.ZodMiniType<BudgetState> = z.object({
  object: z.literal('budget'),
  name: z.string(),
  per: z.enum(['key', 'user', 'team', 'site', 'project', 'organisation', 'tag', 'model', 'provider', 'all']),
  subject: z.string(),
  period: z.enum(['daily', 'weekly', 'monthly', 'total']),
  starts_at: z.nullable(z.string()),
  ends_at: z.nullable(z.string()),
  amount: z.number(),
  spent: z.number(),
  remaining: z.number(),
  stop: z.boolean(),
})

/** What is spent of budgets, by the ledger: those of the config, and those of single keys. */
export const budgetEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/budgets',
    permission: 'budgets:read',
    summary: 'List what is spent of budgets in their present periods, by everybody who spent something.',
    query: z.strictObject({}),
    answer: pageOf(budgetState),
    async handle({ actor: { reach } }, parts) {
      const ledger = createLedgerStore(parts.database)
      const states: BudgetState[] = []
      for (const rule of parts.config.budgets.rules) {
        // What others spend too says something of them.
        const shared = rule.per === 'all' || rule.per === 'tag' || rule.per === 'model' || rule.per === 'provider'
        if (shared && Object.keys(reach).length > 0) continue
        states.push(...(await statesOf(rule, reach, ledger, parts)))
      }
      states.push(...(await ofKeys(reach, ledger, parts)))
      return { object: 'list', data: states, has_more: false, next: null }
    },
  }),
]

async function statesOf(
  rule: BudgetRule,
  reach: Reach,
  ledger: LedgerStore,
  parts: AdminParts,
): Promise<readonly BudgetState[]> {
  const spent = await sumSpend(ledger, rule, periodAt(rule, parts.now()), within(reach))
  const { per } = rule
  const states: BudgetState[] = []
  for (const [subject, amount] of spent) {
    if (per === 'team' || per === 'site' || per === 'project') {
      const workspace = await parts.store.workspaces.find(subject, reach)
      if (workspace?.kind !== per) continue
    }
    // Part of what all of an organisation spent is not what it spent.
    if (per === 'organisation' && (reach.workspace !== undefined || reach.user !== undefined)) continue
    states.push(stateOf(rule, subject, amount, parts.now()))
  }
  return states
}

async function ofKeys(reach: Reach, ledger: LedgerStore, { store, now }: AdminParts): Promise<readonly BudgetState[]> {
  const states: BudgetState[] = []
  for (let after: string | undefined, more = true; more;) {
    const page = await store.keys.list(reach, { after, limit: 100, where: {} })
    for (const { id, budget } of page.rows) {
      if (budget === null) continue
      const [rule] = buildKeyLimits(null, JSON.parse(budget) as BudgetAmount)?.budgets ?? []
      if (rule === undefined) continue
      const spent = await sumSpend(ledger, rule, periodAt(rule, now()), { principal: id })
      states.push(stateOf(rule, id, spent.get(id) ?? 0, now()))
    }
    after = page.rows.at(-1)?.id
    more = page.more
  }
  return states
}

function within({ organisation, workspace, user }: Reach): UsageFilter {
  return { organisation, workspace, user }
}

function stateOf(rule: BudgetRule, subject: string, spent: number, now: number): BudgetState {
  const { start, end } = periodAt(rule, now)
  const { raise } = rule
  const amount = rule.amount + (raise !== undefined && now < raise.until ? raise.by : 0)
  return {
    object: 'budget',
    name: rule.name,
    per: rule.per,
    subject,
    period: rule.period,
    starts_at: start === 0 ? null : timeOf(start),
    ends_at: optionalTimeOf(end === Infinity ? null : end),
    amount: amount / 1e9,
    spent: spent / 1e9,
    remaining: Math.max(0, amount - spent) / 1e9,
    stop: rule.stops,
  }
}
