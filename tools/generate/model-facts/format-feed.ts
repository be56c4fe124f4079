import type { PriceFeed, PriceFeedModel, PriceFeedProvider } from './price-feed.ts'
import { keptTables } from './price-sources.ts'

const licence = 'MIT, Copyright (c) Pydantic Services Inc. 2025 to present'

/** The feed as it is kept here: the tables that are used, facts only; a head, then a JSON text a line for each provider and each of its models. */
export function formatFeed({ source, version, date, providers }: PriceFeed): string {
  const kept = keptTables.flatMap((id) => {
    const provider = providers.find((candidate) => candidate.id === id)
    if (provider === undefined) throw new Error(`The feed has no provider '${id}'.`)
    const others = provider.fallback_model_providers
    const head = { provider: id, ...(others ? { fallback_model_providers: others } : {}) }
    return [head, ...provider.models.map(factsOf)]
  })
  return `${[{ source, version, date, licence }, ...kept].map((line) => JSON.stringify(line)).join('\n')}\n`
}

export function parseFeed(text: string): PriceFeed {
  const [head, ...lines] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const providers: (PriceFeedProvider & { readonly models: PriceFeedModel[] })[] = []
  for (const line of lines) {
    if (typeof line['provider'] !== 'string') providers.at(-1)?.models.push(line as unknown as PriceFeedModel)
    else providers.push({ ...line, id: line['provider'], models: [] })
  }
  return { ...(head as unknown as Omit<PriceFeed, 'providers'>), providers }
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
