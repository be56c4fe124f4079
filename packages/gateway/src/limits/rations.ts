import { hash } from 'node:crypto'
import type { BudgetRule, LimitRule, WindowRule } from 'sluice'
import { type BudgetPeriod, periodAt } from '../budgets/budget-period.ts'
import type { Limit, SpendLimit } from '../counters/counters.ts'
import type { KeyLimits, Principal } from '../pipeline/principal.ts'
import { type Destined, looksAtTarget, subjectsOf } from './rule-subjects.ts'

export type Measure = WindowRule['measure'] | 'places' | 'spend'

/** One limit, as it is for one of those whom its rule is for. */
export interface Ration {
  readonly limit: Limit
  readonly measure: Measure
  readonly rule: LimitRule | BudgetRule
  /** Whose it is: an id, empty for all. */
  readonly subject: string
  /** Of a budget. */
  readonly budget: Budgeted | undefined
}

export interface Budgeted {
  readonly rule: BudgetRule
  readonly limit: SpendLimit
  readonly period: BudgetPeriod
  /** Nano-dollars with what it was raised by. */
  readonly amount: number
}

/** All that applies to a request, ready to be taken. */
export interface Rations {
  readonly all: readonly Ration[]
  readonly limits: readonly Limit[]
  readonly spends: boolean
}

interface Kept extends Rations {
  /** Unix milliseconds: then a budget begins anew. */
  readonly until: number
}

/** What applies to whom: worked out once for each caller, and for each target of theirs. */
export interface RationBook {
  /** Some rules may apply to this caller. */
  applies(caller: Principal): boolean
  /** Some of them only because of where a request goes. */
  looksAtTargets(caller: Principal): boolean
  /** What applies wherever the request goes. */
  ofCaller(caller: Principal): Rations
  /** What applies because it goes there. */
  ofTarget(caller: Principal, target: TargetNames): Rations
  /** Both. */
  ofBoth(caller: Principal, target: TargetNames): Rations
}

/** A target, or what is known of one. The same object for the same. */
export interface TargetNames {
  readonly provider: { readonly id: string }
  readonly model: string | undefined
}

export interface RationBookOptions {
  readonly limits: readonly LimitRule[]
  readonly budgets: readonly BudgetRule[]
  /** Unix milliseconds. */
  readonly now: () => number
}

type Which = 'caller' | 'target' | 'both'

export function createRationBook({ limits, budgets, now }: RationBookOptions): RationBook {
  const configured = { limits: named(limits, 'config'), budgets: budgets.map((rule) => ({ rule, name: rule.name })) }
  const nothing = configured.limits.length === 0 && configured.budgets.length === 0
  const looksAtTargets = [...limits, ...budgets].some(looksAtTarget)
  const ofCallers = new WeakMap<Principal, Kept>()
  const ofTargets = new WeakMap<Principal, WeakMap<TargetNames, Kept>>()
  const ofAll = new WeakMap<Principal, WeakMap<TargetNames, Kept>>()

  function build(which: Which, caller: Principal, target: TargetNames | undefined): Kept {
    const time = now()
    const own = caller.limits
    const destined: Destined | undefined = target && { provider: target.provider.id, model: target.model }
    const wanted = (rule: LimitRule | BudgetRule): boolean =>
      which === 'both' || looksAtTarget(rule) === (which === 'target')
    const ownLimits = own === undefined ? [] : named(own.limits, 'own')
    const ownBudgets = (own?.budgets ?? []).map((rule) => ({ rule, name: ownBudgetName }))
    const shared = own?.rules ?? []
    const sharedLimits = shared.flatMap(({ id, limit }) => (limit === undefined ? [] : [{ rule: limit, name: id }]))
    const sharedBudgets = shared.flatMap(({ id, budget }) => (budget === undefined ? [] : [{ rule: budget, name: id }]))
    const all: Ration[] = []
    let until = Infinity
    for (const { rule, name } of [...configured.limits, ...sharedLimits, ...ownLimits]) {
      if (!wanted(rule)) continue
      for (const subject of subjectsOf(rule, caller, destined)) all.push(...limitsOf(rule, name, subject))
    }
    for (const { rule, name } of [...configured.budgets, ...sharedBudgets, ...ownBudgets]) {
      if (!wanted(rule)) continue
      for (const subject of subjectsOf(rule, caller, destined)) {
        const ration = budgetOf(rule, name, subject, time)
        all.push(ration)
        until = Math.min(until, ration.budget.period.end, isRaised(rule, time) ? rule.raise!.until : Infinity)
      }
    }
    return { all, limits: all.map(({ limit }) => limit), spends: all.some(({ budget }) => budget !== undefined), until }
  }

  function kept(places: typeof ofTargets, which: Which, caller: Principal, target: TargetNames): Rations {
    let targets = places.get(caller)
    if (targets === undefined) places.set(caller, (targets = new WeakMap()))
    let rations = targets.get(target)
    if (rations === undefined || isOver(rations)) targets.set(target, (rations = build(which, caller, target)))
    return rations
  }

  function isOver({ until }: Kept): boolean {
    return until !== Infinity && now() >= until
  }

  return {
    looksAtTargets: (caller) =>
      looksAtTargets || (caller.limits !== undefined && rulesOf(caller.limits).some(looksAtTarget)),
    applies: (caller) => !nothing || caller.limits !== undefined,
    ofCaller(caller) {
      let rations = ofCallers.get(caller)
      if (rations === undefined || isOver(rations))
        ofCallers.set(caller, (rations = build('caller', caller, undefined)))
      return rations
    },
    ofTarget: (caller, target) => kept(ofTargets, 'target', caller, target),
    ofBoth: (caller, target) => kept(ofAll, 'both', caller, target),
  }
}

function rulesOf({ limits, budgets, rules }: KeyLimits): readonly (LimitRule | BudgetRule)[] {
  return [
    ...limits,
    ...budgets,
    ...rules.flatMap(({ limit, budget }) => [limit, budget].filter((rule) => rule !== undefined)),
  ]
}

/** Rules with names by which what they count is found again, wherever they stand; the same twice counts apart. */
function named(rules: readonly LimitRule[], whose: string): readonly { rule: LimitRule; name: string }[] {
  const names = new Map<string, number>()
  return rules.map((rule) => {
    const content = hash('sha256', JSON.stringify([whose, rule.per, rule.match]), 'base64url').slice(0, 12)
    const before = names.get(content) ?? 0
    names.set(content, before + 1)
    return { rule, name: before === 0 ? content : `${content}.${before}` }
  })
}

function isRaised({ raise }: BudgetRule, time: number): boolean {
  return raise !== undefined && time < raise.until
}

function limitsOf(rule: LimitRule, name: string, subject: string): readonly Ration[] {
  const rations = rule.windows.map(({ measure, period, most }): Ration => ({
    limit: { kind: 'window', key: `${name}:${measure}:${period}:${subject}`, most, period },
    measure,
    rule,
    subject,
    budget: undefined,
  }))
  if (rule.concurrent !== undefined) {
    const limit: Limit = { kind: 'places', key: `${name}:places:${subject}`, most: rule.concurrent }
    rations.push({ limit, measure: 'places', rule, subject, budget: undefined })
  }
  return rations
}

/** Of a key's own budget, as `budgetOf` takes it: what the key is called may change. */
export const ownBudgetName = 'own:key'

/** @param name by which what it counts is found. @param time Unix milliseconds. */
export function budgetOf(
  rule: BudgetRule,
  name: string,
  subject: string,
  time: number,
): Ration & { readonly budget: Budgeted } {
  const period = periodAt(rule, time)
  const amount = rule.amount + (isRaised(rule, time) ? rule.raise!.by : 0)
  const limit: SpendLimit = {
    kind: 'spend',
    key: `budget:${name}:${rule.period}:${period.start}:${subject}`,
    most: rule.stops ? amount : Infinity,
    endsAt: period.end,
  }
  return { limit, measure: 'spend', rule, subject, budget: { rule, limit, period, amount } }
}
