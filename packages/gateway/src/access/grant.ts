import type { Operation } from '@sluice/protocol'
import { type BudgetAmount, buildKeyLimits, type LimitAmounts } from 'sluice'
import type { KeyLimits, Policy, Principal, PrincipalWorkspace, WorkspaceKind } from '../pipeline/principal.ts'
import type { GrantRow } from './access-store.ts'
import { type AddressRanges, compileRanges } from './addresses.ts'
import type { Role } from './roles.ts'
import { sharedRules } from './shared-rules.ts'

/** What a key is good for, and until when. */
export interface Grant {
  readonly principal: Principal
  /** Unix milliseconds; `Infinity` for no end. */
  readonly endsAt: number
  readonly blocked: boolean
  /** Absent: from anywhere. */
  readonly from: AddressRanges | undefined
}

/** @param hash that of the key which was given: the one before a rotation has an end of its own. */
export function grantOf(row: GrantRow, hash?: string): Grant {
  const replaced = hash !== undefined && hash === row.previous_hash
  const ends = [row.expires_at, replaced ? row.previous_expires_at : null].filter((end) => end !== null)
  const principal = principalOf(row)
  const { addresses } = principal.policy ?? {}
  return {
    principal,
    endsAt: Math.min(Infinity, ...ends),
    blocked: row.blocked_at !== null || row.user_blocked_at !== null,
    from: addresses && compileRanges(addresses),
  }
}

function principalOf(row: GrantRow): Principal {
  const { id, organisation_id: organisation, workspace_id: workspace, user_id: user, role, default_route: route } = row
  // Rows of before may name one twice, which would count twice.
  const tags = [...new Set(JSON.parse(row.tags) as readonly string[])]
  const policy = policyOf(row)
  const limits = limitsOf(row)
  return Object.freeze({
    id,
    owner: id,
    managed: true,
    ...(organisation !== null && { organisation }),
    ...(workspace !== null && { workspace: workspaceOf(row, workspace) }),
    ...(user !== null && { user }),
    ...(tags.length > 0 && { tags }),
    ...(policy !== undefined && { policy }),
    ...(limits !== undefined && { limits }),
    ...(role !== null && { role: role as Role }),
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
    ...(route !== null && { defaultRoute: route }),
  })
}

function limitsOf(row: GrantRow): KeyLimits | undefined {
  const own = buildKeyLimits(
    row.name,
    row.limits === null ? null : (JSON.parse(row.limits) as LimitAmounts),
    row.budget === null ? null : (JSON.parse(row.budget) as BudgetAmount),
  )
  const rules = sharedRules(row.rules)
  if (own === undefined && rules.length === 0) return undefined
  return { limits: own?.limits ?? [], budgets: own?.budgets ?? [], rules }
}

function workspaceOf({ workspace_kind: kind, settings_at: settings }: GrantRow, id: string): PrincipalWorkspace {
  return { id, kind: kind as WorkspaceKind, ...(settings !== null && { settings }) }
}

function policyOf(row: GrantRow): Policy | undefined {
  const list = <T extends string>(text: string | null): readonly T[] | undefined =>
    text === null ? undefined : (JSON.parse(text) as readonly T[])
  const models = list(row.models)
  const providers = list(row.providers)
  const operations = list<Operation | 'raw'>(row.operations)
  const addresses = list(row.addresses)
  const sites = list(row.sites)
  const policy: Policy = {
    ...(models && { models }),
    ...(providers && { providers }),
    ...(operations && { operations }),
    ...(addresses && { addresses }),
    ...(sites && { sites }),
  }
  return Object.keys(policy).length === 0 ? undefined : policy
}
