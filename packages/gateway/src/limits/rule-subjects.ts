import { fitsPatterns, type LimitSubject, type RuleMatch } from 'sluice'
import { fitsModel } from '../access/policy.ts'
import type { Principal } from '../pipeline/principal.ts'

/** Where a request goes; without a model where nobody here sees which. */
export interface Destined {
  readonly provider: string
  /** As the provider names it. */
  readonly model: string | undefined
}

interface Rule {
  readonly per: LimitSubject
  readonly match: RuleMatch
}

/** Whether a rule can be judged only when it is known where the request goes. */
export function looksAtTarget({ per, match }: Rule): boolean {
  return per === 'model' || per === 'provider' || match.models !== undefined || match.providers !== undefined
}

/** Ids of those that a rule counts this request for; none where it does not apply. */
export function subjectsOf(rule: Rule, caller: Principal, target: Destined | undefined): readonly string[] {
  const { match } = rule
  const applies =
    fitsCaller(rule, caller) &&
    fits(match.providers, [target?.provider]) &&
    (match.models === undefined ||
      (target?.model !== undefined && fitsModel(match.models, target.provider, target.model)))
  return applies ? present(subjects(rule, caller, target)) : []
}

/** Whether a rule is for this caller, wherever their requests go. */
export function fitsCaller({ match }: Rule, { id, user, workspace, organisation, tags = [] }: Principal): boolean {
  return (
    fits(match.keys, [id]) &&
    fits(match.users, [user]) &&
    fits(match.workspaces, [workspace?.id]) &&
    fits(match.organisations, [organisation]) &&
    fits(match.tags, tags)
  )
}

function subjects(
  { per, match }: Rule,
  { id, user, workspace, organisation, tags = [] }: Principal,
  target: Destined | undefined,
): readonly (string | undefined)[] {
  switch (per) {
    case 'all':
      return ['']
    case 'key':
      return [id]
    case 'user':
      return [user]
    case 'organisation':
      return [organisation]
    case 'tag':
      // A rule that picks tags is for those, not for what else stands on a key that has one.
      return tags.filter((tag) => fits(match.tags, [tag]))
    case 'provider':
      return [target?.provider]
    case 'model':
      return [target?.model === undefined ? undefined : `${target.provider}/${target.model}`]
    case 'team':
    case 'site':
    case 'project':
      return [workspace?.kind === per ? workspace.id : undefined]
  }
}

function fits(patterns: readonly string[] | undefined, names: readonly (string | undefined)[]): boolean {
  return patterns === undefined || present(names).some((name) => fitsPatterns(name, patterns))
}

function present(names: readonly (string | undefined)[]): readonly string[] {
  return names.filter((name) => name !== undefined)
}
