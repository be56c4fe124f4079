import type { ConfiguredProvider } from '../config/config.ts'

/** A configured provider for people to read, without anything secret. */
export interface ProviderDescription {
  readonly id: string
  readonly name: string
  /** The preset that it is. */
  readonly kind: string
  readonly baseUrl: string
  /** Never the key. */
  readonly key: 'set' | 'missing' | 'not needed'
}

/** A configured provider, for people to read; without its key. */
export function describeProvider(provider: ConfiguredProvider): ProviderDescription {
  const { id, name, preset, baseUrl, auth, apiKey, identity } = provider
  const key =
    apiKey !== undefined || identity !== undefined
      ? 'set'
      : auth.type === 'none' || preset.local
        ? 'not needed'
        : 'missing'
  // A base URL may hold a key of its own in its query.
  return { id, name, kind: preset.id, baseUrl: baseUrl.replace(/\?.*$/s, ''), key }
}
