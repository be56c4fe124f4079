import type { ConfiguredProvider } from '../config/config.ts'

/** By which words before a model's name a provider is meant: `groq:…`, `openai_compatible/…`. */
export interface ProviderAddresses {
  find(address: string): ConfiguredProvider | undefined
  /**
   * The name without words before it that only address the provider, which that provider must not see:
   * `openrouter/anthropic/claude-sonnet-5` → `anthropic/claude-sonnet-5`. Names that it `lists` so are kept
   * (`openrouter/auto`).
   */
  strip(name: string, provider: ConfiguredProvider, lists: (name: string) => boolean): string
}

/**
 * A provider is addressed by its own id; else by its preset's id; else by its preset's other ids. Where several
 * could be meant, the first is. Case does not matter, and `_` is `-`.
 */
export function createProviderAddresses(providers: readonly ConfiguredProvider[]): ProviderAddresses {
  const addresses = new Map<string, ConfiguredProvider>()
  const ways: readonly ((provider: ConfiguredProvider) => readonly string[])[] = [
    ({ id }) => [id],
    ({ preset }) => [preset.id],
    ({ preset }) => preset.aliases ?? [],
  ]
  for (const way of ways) {
    for (const provider of providers) {
      for (const address of way(provider)) {
        const key = normalizeProviderId(address)
        if (!addresses.has(key)) addresses.set(key, provider)
      }
    }
  }
  const find = (address: string): ConfiguredProvider | undefined => addresses.get(normalizeProviderId(address))
  return {
    find,
    strip: (name, provider, lists) => {
      let rest = name
      while (!lists(rest)) {
        const [, address, shorter] = /^([^/:]+)[/:](.+)$/.exec(rest) ?? []
        if (address === undefined || shorter === undefined || find(address) !== provider) break
        rest = shorter
      }
      return rest
    },
  }
}

/** `OpenAI_Compatible` → `openai-compatible`. */
export function normalizeProviderId(id: string): string {
  return id.toLowerCase().replaceAll('_', '-')
}
