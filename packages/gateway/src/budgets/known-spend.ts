import { fitsModel } from '../access/policy.ts'
import type { LedgerStore, UsageFilter } from '../ledger/ledger-store.ts'
import { fitsPatterns } from 'sluice'
import type { Budgeted } from '../limits/rations.ts'

/** Looks up what was spent in a budget's period, in nano-dollars. Rejects when the ledger cannot be read. */
export type KnownSpend = (budget: Budgeted, subject: string) => Promise<number>

/** Groups that are looked at, at the most. */
const mostGroups = 100_000

/** @param open the ledger, with the latest records in it; absent where none is kept: all begins at nothing then. */
export function createKnownSpend(open: (() => Promise<LedgerStore>) | undefined): KnownSpend {
  if (open === undefined) return () => Promise.resolve(0)
  return async ({ rule, period }, subject) => {
    const store = await open()
    const { match } = rule
    const from = period.start === 0 ? undefined : period.start
    // What patterns say of is told apart by groups, of which they pick.
    const groups = [
      ['principal', match.keys],
      ['user', match.users],
      ['workspace', match.workspaces],
      ['organisation', match.organisations],
      ['tag', match.tags],
      ['provider', match.providers ?? match.models],
      ['model', match.models],
    ] as const
    const groupBy = groups.flatMap(([group, patterns]) => (patterns === undefined ? [] : [group]))
    const { rows } = await store.sum({
      ...filterOf(rule.per, subject),
      from,
      groupBy,
      interval: 'total',
      limit: mostGroups,
      offset: 0,
    })
    let spent = 0
    for (const { group, nanoDollars } of rows) {
      const { provider, model, principal, user, workspace, organisation, tag } = group
      const fits =
        fitsName(match.keys, principal) &&
        fitsName(match.users, user) &&
        fitsName(match.workspaces, workspace) &&
        fitsName(match.organisations, organisation) &&
        fitsName(match.tags, tag) &&
        fitsName(match.providers, provider) &&
        (match.models === undefined ||
          (model !== null && model !== undefined && fitsModel(match.models, provider ?? '', model)))
      if (fits) spent += nanoDollars
    }
    return spent
  }
}

function fitsName(patterns: readonly string[] | undefined, name: string | null | undefined): boolean {
  return patterns === undefined || (name !== null && name !== undefined && fitsPatterns(name, patterns))
}

function filterOf(per: Budgeted['rule']['per'], subject: string): UsageFilter {
  switch (per) {
    case 'all':
      return {}
    case 'key':
      return { principal: subject }
    case 'team':
    case 'site':
    case 'project':
      return { workspace: subject }
    case 'model': {
      const slash = subject.indexOf('/')
      return { provider: subject.slice(0, slash), model: subject.slice(slash + 1) }
    }
    default:
      return { [per]: subject }
  }
}
