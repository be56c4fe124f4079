import type { Prices } from './create-core.ts'

/** The table of prices that comes with Sluice, which is loaded when the first answer is to be priced. */
export function bundledPrices(): Prices {
  let loading: Promise<Prices['costOf']> | undefined
  return {
    async costOf(provider, model, usage, when) {
      try {
        loading ??= loadPrices()
        return await (
          await loading
        )(provider, model, usage, when)
      } catch {
        return null
      }
    },
  }
}

async function loadPrices(): Promise<Prices['costOf']> {
  const [{ loadModelTable }, { costOf }] = await Promise.all([
    import('../models/model-table.ts'),
    import('../money/cost-of.ts'),
  ])
  const table = await loadModelTable()
  return async (provider, model, usage, when) => {
    const cost = costOf(usage, table.find(provider.preset.id, model)?.price, { when })
    return cost.state === 'unpriced' ? null : cost
  }
}
