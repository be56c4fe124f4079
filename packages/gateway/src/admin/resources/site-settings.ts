import { SluiceError } from '@sluice/protocol'
import { providers as presets, Secret } from 'sluice'
import * as z from 'zod/mini'
import type { Sealing } from '../../access/sealing.ts'
import { isForSites, mayBeElsewhere, siteConfig } from '../../access/site-config.ts'
import { placeOfKey, readSettings } from '../../access/sites.ts'
import type { SiteSettingsRow } from '../../stores/access-tables.ts'
import type { AdminParts } from '../admin-parts.ts'
import { type AdminCall, endpoint, type Endpoint } from '../endpoint.ts'
import { removed, timeOf } from '../shapes.ts'
import { changeBy, found } from './change.ts'

interface AiSettings {
  object: 'ai_settings'
  workspace_id: string
  provider: string
  default_model: string | null
  /** Where the provider is, where the workspace says that itself. */
  base_url: string | null
  /** Providers that there are keys for: the keys are not shown. */
  own_keys: readonly string[]
  created_at: string
  updated_at: string
}

interface AiSettingsChanges {
  provider?: string | undefined
  default_model?: string | null | undefined
  base_url?: string | null | undefined
  keys?: Record<string, string | null> | undefined
}

const ids = presets.filter((preset) => isForSites(preset) || mayBeElsewhere(preset)).map(({ id }) => id)
const provider = z
  .string()
  .check(z.refine((id) => id === 'auto' || /^[\w.-]{1,64}$/.test(id), 'expected auto, or a provider'))
const aiSettings: z.ZodMiniType<AiSettings> = z.object({
  object: z.literal('ai_settings'),
  workspace_id: z.string(),
  provider: z.string(),
  default_model: z.nullable(z.string()),
  base_url: z.nullable(z.string()),
  own_keys: z.array(z.string()),
  created_at: z.string(),
  updated_at: z.string(),
})
const changes: z.ZodMiniType<AiSettingsChanges> = z.strictObject({
  provider: z.optional(provider),
  default_model: z.optional(z.nullable(z.string().check(z.minLength(1), z.maxLength(256)))),
  base_url: z.optional(z.nullable(z.string().check(z.minLength(1), z.maxLength(2048)))),
  keys: z.optional(
    z
      .record(z.string(), z.nullable(z.string().check(z.minLength(1), z.maxLength(4096))))
      .check(
        z.refine(
          (keys) => Object.keys(keys).every((id) => ids.includes(id)),
          `expected keys by provider: ${ids.join(', ')}`,
        ),
      ),
  ),
})

export function describeAiSettings(
  row: Omit<SiteSettingsRow, 'sealed_keys'> & { own_keys: readonly string[] },
): AiSettings {
  return {
    object: 'ai_settings',
    workspace_id: row.id,
    provider: row.provider,
    default_model: row.default_model,
    base_url: row.base_url,
    own_keys: row.own_keys,
    created_at: timeOf(row.created_at),
    updated_at: timeOf(row.updated_at),
  }
}

function describe(row: SiteSettingsRow): AiSettings {
  return describeAiSettings({ ...row, own_keys: Object.keys(readKeys(row)) })
}

function readKeys(row: SiteSettingsRow): Readonly<Record<string, string>> {
  return JSON.parse(row.sealed_keys) as Readonly<Record<string, string>>
}

/** Which providers the requests of a workspace go to, and its own keys for them. */
export const siteSettingsEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/workspaces/{id}/ai-settings',
    permission: 'workspaces:read',
    summary: 'Show which providers a workspace uses. Keys are not shown.',
    answer: aiSettings,
    handle: async (call, { store }) =>
      describe((await store.siteSettings.find(call.id, call.actor.reach)) ?? (await refuseWithout(call, store))),
  }),
  endpoint({
    method: 'PATCH',
    path: '/workspaces/{id}/ai-settings',
    permission: 'workspaces:write',
    summary: 'Say which provider a workspace uses, and where, and give or take (null) keys of its own.',
    body: changes,
    answer: aiSettings,
    handle: (call, parts) => change(call, parts),
  }),
  endpoint({
    method: 'DELETE',
    path: '/workspaces/{id}/ai-settings',
    permission: 'workspaces:write',
    summary: 'Let a workspace use the providers of the gateway again, and forget its own keys.',
    answer: removed,
    async handle(call, { store }) {
      const there = await store.siteSettings.remove(call.id, changeBy(call, 'ai-settings.delete'))
      return there ? { id: call.id, deleted: true } : refuseWithout(call, store)
    },
  }),
]

/** @throws SluiceError `resource_not_found`: for want of settings, or of the workspace */
async function refuseWithout({ id, actor }: AdminCall, { workspaces }: AdminParts['store']): Promise<never> {
  found(await workspaces.find(id, actor.reach), 'workspace', id)
  throw new SluiceError(
    'resource_not_found',
    `The workspace "${id}" has no settings of its own: it uses the providers of the gateway.`,
  )
}

async function change(call: AdminCall<unknown, AiSettingsChanges>, parts: AdminParts): Promise<AiSettings> {
  const { store, outbound, now } = parts
  const { id, actor, body } = call
  const baseUrl = typeof body.base_url === 'string' ? body.base_url.trim() : body.base_url
  if (typeof baseUrl === 'string') await outbound.check(baseUrl)
  const given = { ...body, base_url: baseUrl }
  const workspace = found(await store.workspaces.find(id, actor.reach), 'workspace', id)
  // From the row as it is when it is written: what others save at the same time stays.
  const update = (): Promise<SiteSettingsRow | undefined> =>
    store.siteSettings.update(id, (before) => changed(before, given, parts), changeBy(call, 'ai-settings.update'))
  const there = await update()
  if (there !== undefined) return describe(there)
  const at = now()
  const none = { provider: 'auto', default_model: null, base_url: null, sealed_keys: '{}' }
  const fresh = { ...none, id, organisation_id: workspace.organisation_id, created_at: at, updated_at: at }
  const row = { ...fresh, ...changed(fresh, given, parts) }
  try {
    await store.siteSettings.add(row, changeBy(call, 'ai-settings.create'))
    return describe(row)
  } catch (error) {
    // Made by another in between.
    const after = error instanceof SluiceError && error.code === 'conflict' ? await update() : undefined
    if (after === undefined) throw error
    return describe(after)
  }
}

/** @throws SluiceError for what could serve nobody, so that it is refused here and not at every request. */
function changed(
  before: SiteSettingsRow,
  given: AiSettingsChanges,
  { config, sealing }: AdminParts,
): Partial<SiteSettingsRow> {
  const changes = {
    ...(given.provider !== undefined && { provider: given.provider }),
    ...(given.default_model !== undefined && { default_model: given.default_model }),
    ...(given.base_url !== undefined && { base_url: given.base_url }),
    sealed_keys: JSON.stringify(withKeys(readKeys(before), given.keys ?? {}, before.id, sealing)),
  }
  const after = { ...before, ...changes }
  for (const id of Object.keys(readKeys(before)))
    if (given.keys?.[id] === undefined && whereOf(before, id) !== whereOf(after, id)) throw keyForElsewhere(id)
  siteConfig(config, presets, readSettings(after, sealing))
  return changes
}

/** The host that a key of the site is sent to; `undefined`: the provider's own. */
function whereOf({ provider: chosen, base_url: baseUrl }: SiteSettingsRow, id: string): string | undefined {
  return chosen === id && baseUrl !== null ? URL.parse(baseUrl)?.origin : undefined
}

/** Who may say where a site's provider is need not know its key, and would have it sent to them. */
function keyForElsewhere(id: string): SluiceError {
  return new SluiceError(
    'invalid_request',
    `The key of "${id}" was given for another address. Give it anew in \`keys\` with this change, or null to take it away.`,
    { param: 'keys' },
  )
}

function withKeys(
  sealed: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string | null>>,
  workspace: string,
  sealing: Sealing,
): Readonly<Record<string, string>> {
  const all: Record<string, string> = { ...sealed }
  for (const [id, key] of Object.entries(given)) {
    if (key === null) delete all[id]
    else all[id] = sealing.seal(new Secret(key), placeOfKey(workspace, id))
  }
  return all
}
