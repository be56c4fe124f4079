import { type BudgetRule, fitsPatterns } from 'sluice'
import { fitsModel } from '../access/policy.ts'
import type { LedgerStore, UsageFilter, UsageGroup, UsageGrouping } from '../ledger/ledger-store.ts'
import type { Budgeted } from '../limits/rations.ts'
import type { BudgetPeriod } from './budget-period.ts'

/** Looks up what was spent in a budget's period, in nano-dollars. Rejects when the ledger cannot be read. */
export type KnownSpend = (budget: Budgeted, subject: string) => Promise<number>

/** Groups that are looked at, at the most. */
const mostGroups = 100_000

/** @param open the ledger, with the latest records in it; absent where none is kept: all begins at nothing then. */
export function createKnownSpend(open: (() => Promise<LedgerStore>) | undefined): KnownSpend {
  if (open === undefined) return () => Promise.resolve(0)
  return async ({ rule: { per, match }, period }, subject) => {
    const spent = await sumSpend(await open(), { per: 'all', match }, period, filterOf(per, subject))
    return spent.get('') ?? 0
  }
}

/** What was spent in a period of a budget, in nano-dollars, by whose it is. @param where leaves others out. */
export async function sumSpend(
  store: LedgerStore,
  { per, match }: Pick<BudgetRule, 'per' | 'match'>,
  period: BudgetPeriod,
  where: UsageFilter,
): Promise<ReadonlyMap<string, number>> {
  // What patterns say of is told apart by groups, of which they pick. By each of its tags, a request counts for those only.
  const tagged = per === 'tag' ? 'tag' : 'tags'
  const matched: readonly UsageGrouping[] = (
    [
      ['principal', match.keys],
      ['user', match.users],
      ['workspace', match.workspaces],
      ['organisation', match.organisations],
      [tagged, match.tags],
      ['provider', match.providers ?? match.models],
      ['model', match.models],
    ] as const
  ).flatMap(([group, patterns]) => (patterns === undefined ? [] : [group]))
  const { rows } = await store.sum({
    ...where,
    from: period.start === 0 ? undefined : period.start,
    groupBy: [...new Set([...matched, ...groupsOf(per)])],
    interval: 'total',
    limit: mostGroups,
    offset: 0,
  })
  const spent = new Map<string, number>()
  for (const { group, nanoDollars } of rows) {
    const { provider, model, principal, user, workspace, organisation } = group
    const fits =
      fitsName(match.keys, principal) &&
      fitsName(match.users, user) &&
      fitsName(match.workspaces, workspace) &&
      fitsName(match.organisations, organisation) &&
      (match.tags === undefined || namesOf(tagged, group[tagged]).some((tag) => fitsName(match.tags, tag))) &&
      fitsName(match.providers, provider) &&
      (match.models === undefined ||
        (model !== null && model !== undefined && fitsModel(match.models, provider ?? '', model)))
    const names = groupsOf(per).map((name) => group[name] ?? undefined)
    if (!fits || names.includes(undefined)) continue
    const subject = names.join('/')
    spent.set(subject, (spent.get(subject) ?? 0) + nanoDollars)
  }
  return spent
}

/** What the ledger tells those apart by whom a rule is for. */
function groupsOf(per: BudgetRule['per']): readonly UsageGroup[] {
  switch (per) {
    case 'all':
      return []
    case 'key':
      return ['principal']
    case 'team':
    case 'site':
    case 'project':
      return ['workspace']
    case 'model':
      return ['provider', 'model']
    default:
      return [per]
  }
}

function namesOf(grouping: 'tag' | 'tags', told: string | null | undefined): readonly string[] {
  if (told === null || told === undefined) return []
  return grouping === 'tag' ? [told] : (JSON.parse(told) as string[])
}

function fitsName(patterns: readonly string[] | undefined, name: string | null | undefined): boolean {
  return patterns === undefined || (name !== null && name !== undefined && fitsPatterns(name, patterns))
}

function filterOf(per: BudgetRule['per'], subject: string): UsageFilter {
  const [first] = groupsOf(per)
  if (first === undefined) return {}
  if (per !== 'model') return { [first]: subject }
  const slash = subject.indexOf('/')
  return { provider: subject.slice(0, slash), model: subject.slice(slash + 1) }
}
