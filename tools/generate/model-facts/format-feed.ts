import type { PriceFeed, PriceFeedModel, PriceFeedProvider } from './price-feed.ts'
import { keptTables } from './price-sources.ts'

/** The feed as it is kept here: the tables that are used, facts only, a model on a line. */
export function format(feed: PriceFeed): string {
  const { providers, ...head } = feed
  const kept = keptTables.map((id) => {
    const provider = providers.find((candidate) => candidate.id === id)
    if (provider === undefined) throw new Error(`The feed has no provider '${id}'.`)
    return provider
  })
  return `{
${Object.entries({ ...head, licence: 'MIT, Copyright (c) Pydantic Services Inc. 2025 to present' })
  .map(([key, value]) => `"${key}": ${JSON.stringify(value)},`)
  .join('\n')}
"providers": [
${kept.map(formatProvider).join(',\n')}
]
}
`
}

function formatProvider({ id, fallback_model_providers: others, models }: PriceFeedProvider): string {
  const fallback = others ? `, "fallback_model_providers": ${JSON.stringify(others)}` : ''
  return `{ "id": "${id}"${fallback}, "models": [
${models.map((model) => JSON.stringify(factsOf(model))).join(',\n')}
] }`
}

function factsOf(model: PriceFeedModel): PriceFeedModel {
  const { id, match, context_window: context, deprecated, prices, price_variants: variants } = model
  return {
    id,
    match,
    ...(context === undefined ? {} : { context_window: context }),
    ...(deprecated === true ? { deprecated } : {}),
    prices,
    ...(variants === undefined ? {} : { price_variants: variants }),
  }
}
