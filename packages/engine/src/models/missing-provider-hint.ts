import type { Provider } from '../provider-kit/provider.ts'
import type { ModelRegistry } from './model-registry.ts'
import { fitsPatterns } from './name-pattern.ts'
import { bareName, vendorOf } from './normalize-model-name.ts'
import { normalizeProviderId } from './provider-addresses.ts'

/** Which variable to set so that a model which nobody serves is served: `Set OPENAI_API_KEY to use OpenAI.` */
export function missingProviderHint(
  name: string,
  presets: readonly Provider[],
  registry: ModelRegistry,
): string | undefined {
  const missing = presets.filter(({ id, retired, env }) => !retired && env?.apiKey && !registry.addresses.find(id))
  const address = normalizeProviderId(name.split(/[:/]/)[0] ?? '')
  const bare = bareName(name)
  const ways = new Set([
    ...missing.filter(({ id }) => id === address && id !== name),
    ...missing.filter(({ owns }) => owns !== undefined && fitsPatterns(bare, owns)),
    ...missing.filter(({ vendorPrefixed }) => vendorPrefixed && vendorOf(name) !== undefined),
  ])
  const hints = [...ways].slice(0, 2).map(({ name: provider, env }) => `${env?.apiKey?.[0]} to use ${provider}`)
  if (hints.length > 0) return `Set ${hints.join(', or ')}.`
  const { providers } = registry
  const onlyStandIns = providers.length > 0 && providers.every(({ preset }) => preset.standIn)
  return onlyStandIns
    ? 'No AI provider is configured: set a key such as OPENAI_API_KEY or OPENROUTER_API_KEY.'
    : undefined
}
