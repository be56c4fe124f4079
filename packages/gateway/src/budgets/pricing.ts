import type { Engine, ModelPrice, Target } from 'sluice'

/** What targets cost. */
export interface Pricing {
  priceOf(target: Pick<Target, 'provider' | 'model'>): ModelPrice | undefined
  /** What is to be waited for before prices are known; `undefined` when they are. */
  loading(): Promise<unknown> | undefined
}

export function createPricing({ registry, facts }: Pick<Engine, 'registry' | 'facts'>): Pricing {
  return {
    priceOf: ({ provider, model }) => registry.priceOf(provider, model),
    // Without the bundled table those of config are still there.
    loading: () => (facts.revision() > 0 ? undefined : facts.load().catch(() => undefined)),
  }
}
