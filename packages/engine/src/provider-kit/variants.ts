import { fitsPatterns } from '../models/name-pattern.ts'
import type { Provider } from './provider.ts'

/** The provider as it is with these settings. */
export function withVariant(provider: Provider, settingOf: (name: string) => string | undefined): Provider {
  const variant = provider.variants?.find(({ when }) =>
    Object.entries(when).every(([name, pattern]) => {
      const value = settingOf(name)
      return pattern === null ? value === undefined : value !== undefined && fitsPatterns(value, [pattern])
    }),
  )
  if (variant === undefined) return provider
  const { baseUrl, speaks = provider.speaks, modelsPath = provider.modelsPath } = variant
  return Object.freeze({ ...provider, baseUrl, speaks, ...(modelsPath !== undefined && { modelsPath }) })
}
