import { SluiceError } from '@sluice/protocol'
import { LRUCache } from 'lru-cache'
import type { Engine, Secret } from 'sluice'
import type { PrincipalWorkspace } from '../pipeline/principal.ts'
import type { SiteSettingsRow } from '../stores/access-tables.ts'
import type { OpenAccess } from './managed-keys.ts'
import type { Sealing } from './sealing.ts'
import type { SiteSettings } from './site-config.ts'

/** The engine that serves a workspace with settings of its own. Rejects with a `SluiceError`. */
export type SiteEngine = (workspace: PrincipalWorkspace) => Promise<Engine>

/** Sites whose engines are kept; others are made anew when they ask again. */
const mostKept = 200

/** @param engineFor makes the engine of settings. */
export function createSites(
  open: () => Promise<OpenAccess>,
  engineFor: (settings: SiteSettings) => Engine,
): SiteEngine {
  const kept = new LRUCache<string, { readonly settings: number | undefined; readonly engine: Promise<Engine> }>({
    max: mostKept,
  })

  async function make(id: string): Promise<Engine> {
    const { store, sealing } = await open()
    const row = await store.siteSettings.find(id, {})
    if (row !== undefined) return engineFor(readSettings(row, sealing))
    throw new SluiceError('store_unavailable', 'The settings of the site were removed just now. Ask again.')
  }

  return ({ id, settings }) => {
    const there = kept.get(id)
    if (there !== undefined && there.settings === settings) return there.engine
    const engine = make(id)
    const entry = { settings, engine }
    kept.set(id, entry)
    engine.catch(() => {
      if (kept.peek(id) === entry) kept.delete(id)
    })
    return engine
  }
}

/** Where a site's key of a provider is kept: it cannot be opened anywhere else. */
export function placeOfKey(workspace: string, provider: string): string {
  return `${workspace}/${provider}`
}

/** @throws SluiceError `store_unavailable` for keys that cannot be opened */
export function readSettings(row: SiteSettingsRow, sealing: Sealing): SiteSettings {
  const sealed = Object.entries(JSON.parse(row.sealed_keys) as Readonly<Record<string, string>>)
  const keys = sealed.map(([provider, text]): [string, Secret] => [
    provider,
    sealing.open(text, placeOfKey(row.id, provider)),
  ])
  const { provider, default_model: defaultModel, base_url: baseUrl } = row
  return { provider, defaultModel: defaultModel ?? undefined, baseUrl: baseUrl ?? undefined, keys: new Map(keys) }
}
