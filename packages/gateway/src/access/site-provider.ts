import type { ConfiguredProvider } from 'sluice'

/** A provider that a site brought: called with its key, or at its address, with its key or none. */
export interface SiteProvider extends ConfiguredProvider {
  readonly ofSite: 'key' | 'address'
}

/**
 * What a provider is called where the figures of all callers stand together: its id, which has no colon, and
 * `site:` in front where a site brought it. That one is no part of what the gateway's own of the same id did.
 */
export function reportedProvider(provider: ConfiguredProvider): string {
  return 'ofSite' in provider ? `site:${provider.id}` : provider.id
}

/** Whether a tenant named its address: what it says of its own costs is not believed. */
export function isNamedByTenant(provider: ConfiguredProvider): boolean {
  return 'ofSite' in provider && provider.ofSite === 'address'
}
