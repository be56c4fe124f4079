import { SluiceError } from '@sluice/protocol'
import type { BudgetAmount } from 'sluice'
import * as z from 'zod/mini'
import { isFromAbove, refuseFromBelow } from '../../access/key-levels.ts'
import type { KeyRow } from '../../stores/access-tables.ts'
import type { AdminParts } from '../admin-parts.ts'
import { type AdminCall, endpoint, type Endpoint } from '../endpoint.ts'
import { id, pageOf, pageQuery, readPage, time, timeOf } from '../shapes.ts'
import { budgetState, listStates } from './budget-states.ts'
import { changeBy, found } from './change.ts'
import { moreUsd } from './key-limits-shape.ts'
import { checkRank } from './keys.ts'
import { budgetKind, type Rule } from './rule-shape.ts'
import { laidOver, ruleEndpoints, updateRule } from './rules.ts'

interface Raise {
  by: number
  until: string
}

/** What callers may spend, and what of it they have. */
export const budgetEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/budgets/state',
    permission: 'budgets:read',
    summary: 'Show what is spent, held and left of budgets in their present periods, a page of budgets at a time.',
    query: z.strictObject({
      ...pageQuery('config', 'bud', 'key'),
      budget_id: z.optional(id),
      subject: z.optional(z.string()),
    }),
    answer: pageOf(budgetState),
    handle: ({ actor, query }, parts) => {
      const { after, limit, budget_id: only, subject } = query
      return listStates(actor.reach, { ...readPage({ after, limit }), only, subject }, parts)
    },
  }),
  ...ruleEndpoints(budgetKind),
  endpoint({
    method: 'POST',
    path: '/budgets/{id}/raise',
    permission: 'budgets:write',
    summary: 'Let more be spent of a budget for a while; of a key’s own budget by the id of the key.',
    body: z.strictObject({ by: moreUsd, until: time }),
    answer: budgetKind.shape,
    async handle(call, parts) {
      const { body } = call
      if (Date.parse(body.until) <= parts.now())
        throw new SluiceError('invalid_request', '`until` is over already.', { param: 'until' })
      return raise(call, body, parts)
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/budgets/{id}/raise',
    permission: 'budgets:write',
    summary: 'End a raise before its time.',
    answer: budgetKind.shape,
    handle: (call, parts) => raise(call, null, parts),
  }),
]

async function raise(call: AdminCall, to: Raise | null, parts: AdminParts): Promise<Rule> {
  if (call.id.startsWith('key_')) return raiseOfKey(call, to, parts)
  return updateRule(budgetKind, call, parts, 'raise', (row) => ({
    settings: JSON.stringify(laidOver(budgetKind, row, { raise: to })),
  }))
}

async function raiseOfKey(call: AdminCall, to: Raise | null, { store }: AdminParts): Promise<Rule> {
  const { id: keyId, actor } = call
  const before = found(await store.keys.find(keyId, actor.reach), 'budget', keyId)
  checkRank(actor, before.role)
  const changes = (row: KeyRow): Partial<KeyRow> => {
    const { raise: _, ...amount } = JSON.parse(found(row.budget ?? undefined, 'budget', keyId)) as BudgetAmount
    if (to !== null && isFromAbove(row, 'budget', actor.reach)) refuseFromBelow('The budget was set', 'loosen')
    return { budget: JSON.stringify({ ...amount, ...(to !== null && { raise: to }) }) }
  }
  const row = await store.keys.update(keyId, changes, changeBy(call, 'keys.raise-budget'))
  return describeKeyBudget(found(row, 'budget', keyId))
}

function describeKeyBudget(row: KeyRow): Rule {
  return {
    ...(JSON.parse(row.budget ?? '{}') as BudgetAmount),
    id: row.id,
    object: 'budget',
    owner: 'key',
    name: row.name,
    organisation_id: row.organisation_id,
    workspace_id: row.workspace_id,
    per: 'key',
    match: { keys: [row.id] },
    created_at: timeOf(row.created_at),
    updated_at: timeOf(row.updated_at),
  }
}
