import { SluiceError } from '@sluice/protocol'
import { providers as presets, Secret } from 'sluice'
import * as z from 'zod/mini'
import type { Sealing } from '../../access/sealing.ts'
import { isForSites, siteConfig } from '../../access/site-config.ts'
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
  /** Providers that there are keys for: the keys are not shown. */
  own_keys: readonly string[]
  created_at: string
  updated_at: string
}

interface AiSettingsChanges {
  provider?: string | undefined
  default_model?: string | null | undefined
  keys?: Record<string, string | null> | undefined
}

const ids = presets.filter(isForSites).map(({ id }) => id)
const provider = z
  .string()
  .check(z.refine((id) => id === 'auto' || /^[\w.-]{1,64}$/.test(id), 'expected auto, or a provider'))
const aiSettings: z.ZodMiniType<AiSettings> = z.object({
  object: z.literal('ai_settings'),
  workspace_id: z.string(),
  provider: z.string(),
  default_model: z.nullable(z.string()),
  own_keys: z.array(z.string()),
  created_at: z.string(),
  updated_at: z.string(),
})
const changes: z.ZodMiniType<AiSettingsChanges> = z.strictObject({
  provider: z.optional(provider),
  default_model: z.optional(z.nullable(z.string().check(z.minLength(1), z.maxLength(256)))),
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
    own_keys: row.own_keys,
    created_at: timeOf(row.created_at),
    updated_at: timeOf(row.updated_at),
  }
}

function describe(row: SiteSettingsRow): AiSettings {
  return describeAiSettings({ ...row, own_keys: Object.keys(readKeys(row)) })
}

function readKeys(row: SiteSettingsRow | undefined): Readonly<Record<string, string>> {
  return row === undefined ? {} : (JSON.parse(row.sealed_keys) as Readonly<Record<string, string>>)
}

/** Which providers the requests of a workspace go to, and its own keys for them. */
export const siteSettingsEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/workspaces/{id}/ai-settings',
    permission: 'workspaces:read',
    summary: 'Show which providers a workspace uses. Keys are not shown.',
    answer: aiSettings,
    handle: async ({ id, actor }, { store }) =>
      describe(found(await store.siteSettings.find(id, actor.reach), 'settings of', id)),
  }),
  endpoint({
    method: 'PATCH',
    path: '/workspaces/{id}/ai-settings',
    permission: 'workspaces:write',
    summary: 'Say which provider a workspace uses, and give or take (null) keys of its own.',
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
      found(there || undefined, 'settings of', call.id)
      return { id: call.id, deleted: true }
    },
  }),
]

async function change(call: AdminCall<unknown, AiSettingsChanges>, parts: AdminParts): Promise<AiSettings> {
  const { store, sealing, config, now } = parts
  const { id, body, actor } = call
  const workspace = found(await store.workspaces.find(id, actor.reach), 'workspace', id)
  const before = await store.siteSettings.find(id, actor.reach)
  const given = {
    provider: body.provider ?? before?.provider ?? 'auto',
    default_model: body.default_model === undefined ? (before?.default_model ?? null) : body.default_model,
    sealed_keys: JSON.stringify(withKeys(readKeys(before), body.keys ?? {}, id, sealing)),
  }
  const at = now()
  const row: SiteSettingsRow = {
    id,
    organisation_id: workspace.organisation_id,
    ...given,
    created_at: at,
    updated_at: at,
  }
  // What could serve nobody is refused here, and not at every request.
  siteConfig(config, presets, readSettings(row, sealing))
  const by = changeBy(call, before === undefined ? 'ai-settings.create' : 'ai-settings.update')
  if (before === undefined) {
    await store.siteSettings.add(row, by)
    return describe(row)
  }
  const after = await store.siteSettings.update(id, given, by)
  if (after === undefined) throw new SluiceError('conflict', 'The settings were removed at the same moment. Ask again.')
  return describe(after)
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
