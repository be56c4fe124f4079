import { SluiceError } from '@sluice/protocol'
import { describeIssues, formatPath, type LimitSubject } from 'sluice'
import * as z from 'zod/mini'
import type { Records } from '../../access/access-store.ts'
import type { Actor } from '../../access/actor.ts'
import { createId } from '../../access/create-id.ts'
import type { RuleRow } from '../../stores/access-tables.ts'
import type { AdminParts } from '../admin-parts.ts'
import { type AdminCall, endpoint, type Endpoint } from '../endpoint.ts'
import { id, pageOf, pageQuery, readPage, removed } from '../shapes.ts'
import { changeBy, found, removeRecord } from './change.ts'
import {
  afterConfigured,
  configuredId,
  describeRule,
  isOfConfig,
  type NewRule,
  type Rule,
  type RuleChanges,
  type RuleKind,
} from './rule-shape.ts'

/** Of one organisation's own: each is looked at for each of its keys. */
const mostOfOrganisation = 200

/** Limits, or budgets: those of the config are shown, those of the database managed. */
export function ruleEndpoints(kind: RuleKind): readonly Endpoint[] {
  const { object, path, shape } = kind
  const plural = `${object}s` as const
  return [
    endpoint({
      method: 'GET',
      path,
      permission: `${plural}:read`,
      summary: `List ${plural}: those of the config, which are read-only here, then the others, the newest first.`,
      query: z.strictObject({
        ...pageQuery('config', kind.idPrefix),
        organisation_id: z.optional(id),
        workspace_id: z.optional(id),
        name: z.optional(z.string()),
      }),
      answer: pageOf(shape),
      handle: async ({ actor, query }, parts) => {
        const { after, limit, ...wanted } = query
        return list(kind, actor, readPage({ after, limit }), wanted, parts)
      },
    }),
    endpoint({
      method: 'POST',
      path,
      permission: `${plural}:write`,
      summary: `Make a ${object} for keys of an organisation, of a workspace, or for all that are managed.`,
      body: kind.creation,
      answer: shape,
      status: 201,
      handle: (call, parts) => create(kind, call, parts),
    }),
    endpoint({
      method: 'GET',
      path: `${path}/{id}`,
      permission: `${plural}:read`,
      summary: `Show a ${object}.`,
      answer: shape,
      handle: ({ actor, id: ruleId }, parts) => showRule(kind, actor, ruleId, parts),
    }),
    endpoint({
      method: 'PATCH',
      path: `${path}/{id}`,
      permission: `${plural}:write`,
      summary: `Change what is given of a ${object}; null takes it away.`,
      body: kind.changes,
      answer: shape,
      handle: (call, parts) => change(kind, call, parts),
    }),
    endpoint({
      method: 'DELETE',
      path: `${path}/{id}`,
      permission: `${plural}:write`,
      summary: `Remove a ${object}.`,
      answer: removed,
      async handle(call, parts) {
        await checkMayChange(kind, call.actor, call.id, parts)
        return removeRecord(recordsOf(kind, parts), call, object, `${plural}.delete`)
      },
    }),
  ]
}

function recordsOf({ table }: RuleKind, { store }: AdminParts): Records<RuleRow> {
  return store[table]
}

/** What the file says of everybody may name whom an organisation is not to know of. */
function seesConfig({ reach }: Actor): boolean {
  return Object.keys(reach).length === 0
}

async function list(
  kind: RuleKind,
  actor: Actor,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
  wanted: {
    readonly organisation_id?: string | undefined
    readonly workspace_id?: string | undefined
    readonly name?: string | undefined
  },
  parts: AdminParts,
): Promise<object> {
  const filtered = wanted.organisation_id !== undefined || wanted.workspace_id !== undefined
  const all = seesConfig(actor) && !filtered ? kind.configured(parts.config) : []
  const configured = all.filter(({ name }) => wanted.name === undefined || name === wanted.name)
  const inConfig = isOfConfig(after)
  const following = inConfig ? afterConfigured(configured, after) : []
  const first = following.slice(0, limit)
  const left = limit - first.length
  const where = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
  // One more where there is no room, only to know whether there is more.
  const request = { after: inConfig ? undefined : after, limit: Math.max(1, left), where }
  const page = await recordsOf(kind, parts).list(actor.reach, request)
  const data = [...first, ...(left === 0 ? [] : page.rows.map(describeRule))]
  const more = left === 0 ? following.length > limit || page.rows.length > 0 : page.more
  return { object: 'list', data, has_more: more, next: more ? (data.at(-1)?.id ?? null) : null }
}

async function create(kind: RuleKind, call: AdminCall<unknown, NewRule>, parts: AdminParts): Promise<Rule> {
  const { actor, body } = call
  const { name, organisation_id, workspace_id, ...settings } = body
  checkReach(actor)
  const { store, now } = parts
  const { reach } = actor
  const workspace =
    workspace_id === undefined
      ? undefined
      : found(await store.workspaces.find(workspace_id, reach), 'workspace', workspace_id)
  const owner = organisation_id ?? reach.organisation ?? workspace?.organisation_id
  if (owner !== undefined) found(await store.organisations.find(owner, reach), 'organisation', owner)
  if (workspace !== undefined && workspace.organisation_id !== owner)
    throw new SluiceError('invalid_request', 'The workspace is not of that organisation.', { param: 'workspace_id' })
  if (workspace !== undefined && isOfWorkspaces(settings.per) && workspace.kind !== settings.per)
    throw new SluiceError(
      'invalid_request',
      `The workspace is a ${workspace.kind}, of which a rule \`per: ${settings.per}\` counts nothing. Say \`per: ${workspace.kind}\`.`,
      { param: 'per' },
    )
  if (owner !== undefined && settings.match?.organisations !== undefined) throw scopedAlready('organisations')
  if (workspace !== undefined && settings.match?.workspaces !== undefined) throw scopedAlready('workspaces')
  checkSettings(kind, settings)
  await checkCount(kind, actor, parts)
  const at = now()
  const row: RuleRow = {
    id: createId(kind.idPrefix, at),
    organisation_id: owner ?? null,
    workspace_id: workspace?.id ?? null,
    level: reach.organisation === undefined ? 'gateway' : 'organisation',
    name,
    settings: JSON.stringify(settings),
    created_at: at,
    updated_at: at,
  }
  await recordsOf(kind, parts).add(row, changeBy(call, `${kind.object}s.create`))
  return describeRule(row)
}

async function change(kind: RuleKind, call: AdminCall<unknown, RuleChanges>, parts: AdminParts): Promise<Rule> {
  const { name, ...given } = call.body
  return updateRule(kind, call, parts, 'update', (row) => ({
    ...(name !== undefined && { name }),
    settings: JSON.stringify(laidOver(kind, row, given)),
  }))
}

/** Changes one from what it is at that moment. @throws SluiceError `conflict` for one of the config. */
export async function updateRule(
  kind: RuleKind,
  call: AdminCall,
  parts: AdminParts,
  action: string,
  changes: (row: RuleRow) => Partial<RuleRow>,
): Promise<Rule> {
  await checkMayChange(kind, call.actor, call.id, parts)
  const by = changeBy(call, `${kind.object}s.${action}`)
  return describeRule(found(await recordsOf(kind, parts).update(call.id, changes, by), kind.object, call.id))
}

/** What a rule says after a change. */
export function laidOver(kind: RuleKind, row: RuleRow, given: Readonly<Record<string, unknown>>): object {
  const before = JSON.parse(row.settings) as Record<string, unknown>
  const all = Object.entries({ ...before, ...given }).filter(([, value]) => value !== null && value !== undefined)
  const settings = Object.fromEntries(all)
  checkSettings(kind, settings)
  return settings
}

async function showRule(kind: RuleKind, actor: Actor, ruleId: string, parts: AdminParts): Promise<Rule> {
  const configured = seesConfig(actor) ? kind.configured(parts.config).find((rule) => rule.id === ruleId) : undefined
  if (configured !== undefined) return configured
  return describeRule(found(await recordsOf(kind, parts).find(ruleId, actor.reach), kind.object, ruleId))
}

/** @throws SluiceError `conflict`, `permission_denied`, `resource_not_found` */
async function checkMayChange(kind: RuleKind, actor: Actor, ruleId: string, parts: AdminParts): Promise<void> {
  const { object, section } = kind
  const index = kind.configured(parts.config).findIndex((_, at) => configuredId(at) === ruleId)
  if (index >= 0 && seesConfig(actor))
    throw new SluiceError(
      'conflict',
      `This ${object} is in the configuration, at \`${section}[${index}]\`, which is read-only here. Change it there.`,
    )
  const row = found(await recordsOf(kind, parts).find(ruleId, actor.reach), object, ruleId)
  checkReach(actor)
  if (row.level === 'gateway' && actor.reach.organisation !== undefined)
    throw new SluiceError(
      'permission_denied',
      `This ${object} was set by whoever runs the gateway, and only they may change it.`,
    )
}

function isOfWorkspaces(per: LimitSubject): boolean {
  return per === 'team' || per === 'site' || per === 'project'
}

/** A workspace is held to what those above it say. */
function checkReach({ reach }: Actor): void {
  if (reach.workspace !== undefined)
    throw new SluiceError('permission_denied', 'A key that belongs to a workspace reaches no further than that.')
}

async function checkCount(kind: RuleKind, { reach }: Actor, parts: AdminParts): Promise<void> {
  if (reach.organisation === undefined) return
  const { more } = await recordsOf(kind, parts).list(reach, {
    after: undefined,
    limit: mostOfOrganisation - 1,
    where: {},
  })
  if (more)
    throw new SluiceError(
      'conflict',
      `An organisation has at most ${mostOfOrganisation} ${kind.object}s. Remove one first.`,
    )
}

function checkSettings({ settings: schema }: RuleKind, settings: object): void {
  const known = Object.fromEntries(Object.entries(settings).filter(([name]) => name !== 'per' && name !== 'match'))
  const result = schema.safeParse(known)
  if (result.success) return
  const [problem] = describeIssues(result.error.issues, schema, known, () => false)
  const path = formatPath(problem?.path ?? [])
  throw new SluiceError('invalid_request', `${path === '' ? 'The body' : `\`${path}\``}: ${problem?.message}.`, {
    ...(path !== '' && { param: path }),
  })
}

function scopedAlready(member: 'organisations' | 'workspaces'): SluiceError {
  return new SluiceError('invalid_request', `It is for one of the ${member} already: leave \`match.${member}\` out.`, {
    param: `match.${member}`,
  })
}
