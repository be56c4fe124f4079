import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type CatalogText, createModelTable } from '../../packages/engine/src/models/model-table.ts'
import type { Provider } from '../../packages/engine/src/provider-kit/provider.ts'
import type { GeneratedFile } from './generator.ts'
import { catalogMatch, catalogPeriods, catalogVariants, withoutMaker } from './model-facts/catalog-row.ts'
import { parseFeed } from './model-facts/format-feed.ts'
import type { PriceFeed, PriceFeedModel } from './model-facts/price-feed.ts'
import { priceSources } from './model-facts/price-sources.ts'
import { modelsPage } from './models-page.ts'

/** The bundled table of models and prices, and the page that tells what it holds. */
export async function generateModels(root: string): Promise<readonly GeneratedFile[]> {
  const feed = parseFeed(await readFile(join(root, 'tools/generate/model-facts/genai-prices.jsonl'), 'utf8'))
  const registry = pathToFileURL(join(root, 'packages/engine/src/providers.generated.ts')).href
  const { providers } = (await import(registry)) as { providers: readonly Provider[] }
  const catalog = collect(feed, providers)
  return [
    { path: 'packages/engine/src/models/catalog.generated.ts', text: catalogSource(catalog) },
    { path: 'docs/models.md', text: modelsPage(feed.source, providers, createModelTable(catalog)) },
  ]
}

function collect(feed: PriceFeed, providers: readonly Provider[]): CatalogText {
  const tables: Record<string, string> = {}
  const sources: Record<string, readonly string[]> = {}
  const add = (id: string, bare: boolean): readonly string[] => {
    const provider = feed.providers.find((candidate) => candidate.id === id)
    if (provider === undefined) return []
    const name = bare ? `${id}:bare` : id
    tables[name] ??= `[\n${provider.models.flatMap((model) => rowOf(model, bare)).join(',\n')}\n]`
    return [name, ...(provider.fallback_model_providers ?? []).flatMap((other) => add(other, false))]
  }
  for (const { id } of providers) {
    const found = (priceSources[id] ?? [id]).flatMap((source) =>
      typeof source === 'string' ? add(source, false) : add(source.table, true),
    )
    if (found.length > 0) sources[id] = found
  }
  return { version: `${feed.source}@${feed.version}`, date: feed.date, sources, tables }
}

function rowOf(model: PriceFeedModel, bare: boolean): string[] {
  const match = catalogMatch(bare ? withoutMaker(model.match) : model.match)
  const periods = catalogPeriods(model)
  if (periods.every(([, rates]) => Object.keys(rates).length === 0) && model.context_window === undefined) return []
  const row: unknown[] = [
    model.id,
    match.length === 1 && typeof match[0] === 'string' ? match[0] : match,
    model.context_window ?? 0,
    model.deprecated === true ? 1 : 0,
    ...periods,
  ]
  const variants = catalogVariants(model)
  return [JSON.stringify(variants.length === 0 ? row : [...row, variants])]
}

function catalogSource({ version, date, sources, tables }: CatalogText): string {
  return `// Written by \`npm run generate\` from tools/generate/model-facts. Loaded on demand: see model-table.ts.
// Facts of ${version} (${date}), https://github.com/pydantic/genai-prices:
// The MIT License, Copyright (c) Pydantic Services Inc. 2025 to present.
import type { CatalogText } from './model-table.ts'

/** Rows are \`CatalogRow\` of read-catalog-row.ts. */
export const catalog: CatalogText = {
  version: '${version}',
  date: '${date}',
  sources: {
${Object.entries(sources)
  .map(([id, list]) => `    '${id}': [${list.map((name) => `'${name}'`).join(', ')}],`)
  .join('\n')}
  },
  tables: {
${Object.keys(tables)
  .toSorted()
  .map((name) => `    '${name}': String.raw\`${tables[name]}\`,`)
  .join('\n')}
  },
}
`
}
