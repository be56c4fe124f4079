import { SluiceError } from '@sluice/protocol'
import type { Actor, Reach } from '../../access/actor.ts'
import { sharedRules } from '../../access/shared-rules.ts'
import { fitsCaller } from '../../limits/rule-subjects.ts'
import type { Principal } from '../../pipeline/principal.ts'
import type { KeyRow } from '../../stores/access-tables.ts'
import type { AdminParts } from '../admin-parts.ts'

/**
 * With another key a developer would get around what counts those that they have by themselves: their own limits, and rules
 * for each key, or for keys by name. Who signed in without a key is held to all of theirs.
 *
 * @throws SluiceError `permission_denied`
 */
export async function checkSharedLimits(
  { role, principal, reach }: Actor,
  key: KeyRow,
  { store, config }: AdminParts,
): Promise<void> {
  if (role !== 'developer' || principal === undefined) return
  const { limits = [], budgets = [] } = principal.limits ?? {}
  const others = principal.id === principal.user ? await keysOf(principal.user, reach, store) : []
  if (limits.length + budgets.length > 0 || others.some((other) => other.limits !== null || other.budget !== null))
    throw new SluiceError(
      'permission_denied',
      'A key of yours has limits or a budget of its own, which others would not share. Ask an admin for a key.',
    )
  const shared = sharedRules(await store.rulesOf(key.organisation_id))
  const rules = [
    ...config.limits.rules,
    ...config.budgets.rules,
    ...shared.flatMap(({ limit, budget }) => [limit, budget].filter((rule) => rule !== undefined)),
  ]
  const made = callerOf(key)
  const callers = [principal, ...others.map(callerOf)]
  const passed = rules.some((rule) => {
    if ('stops' in rule && !rule.stops) return false
    return fitsCaller(rule, made) ? rule.per === 'key' : callers.some((caller) => fitsCaller(rule, caller))
  })
  if (passed)
    throw new SluiceError(
      'permission_denied',
      'A limit or a budget counts each key by itself, so that more keys would get around it. Ask an admin for a key, or to have the rule count `per: user`.',
    )
}

async function keysOf(user: string, reach: Reach, { keys }: AdminParts['store']): Promise<readonly KeyRow[]> {
  const all: KeyRow[] = []
  for (;;) {
    const { rows, more } = await keys.list(reach, { after: all.at(-1)?.id, limit: 100, where: { user_id: user } })
    all.push(...rows)
    if (!more) return all
  }
}

/** As far as rules look at it. */
function callerOf(key: KeyRow): Principal {
  return {
    id: key.id,
    owner: key.id,
    ...(key.organisation_id !== null && { organisation: key.organisation_id }),
    ...(key.workspace_id !== null && { workspace: { id: key.workspace_id, kind: 'team' } }),
    ...(key.user_id !== null && { user: key.user_id }),
    tags: JSON.parse(key.tags) as string[],
  }
}
