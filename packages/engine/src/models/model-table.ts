import type { ModelPrice } from '../money/model-price.ts'
import { type CatalogRow, exactNames, hasPattern, matchesRow, readCatalogPrice } from './read-catalog-row.ts'

/** What the bundled catalog knows of a model at a provider. */
export interface CatalogModel {
  /** Tokens; `undefined` when not known, as all here. */
  readonly contextWindow: number | undefined
  readonly price: ModelPrice | undefined
  readonly deprecated: boolean
}

/** The bundled table of models: windows, prices, capabilities. */
export interface ModelTable {
  /** `genai-prices@0.2.3`. */
  readonly version: string
  /** When its facts were published: `2026-11-04`. */
  readonly date: string
  /** The model that a preset serves under this name, as it is sent. */
  find(presetId: string, upstreamId: string): CatalogModel | undefined
}

/** Names are the callers' choice, so what is kept of them is bounded. */
const mostNames = 2000

/** The bundled catalog as it is written in `catalog.generated.ts`. */
export interface CatalogText {
  readonly version: string
  readonly date: string
  /** Preset → tables to look in, in order. */
  readonly sources: Readonly<Record<string, readonly string[]>>
  /** Table → JSON text of its rows. */
  readonly tables: Readonly<Record<string, string>>
}

/** Loads the bundled catalog, which no program loads before it needs it. No network. */
export async function loadModelTable(): Promise<ModelTable> {
  const { catalog } = await import('./catalog.generated.ts')
  return createModelTable(catalog)
}

/** A table is parsed when its first model is asked for. */
export function createModelTable({ version, date, sources, tables: texts }: CatalogText): ModelTable {
  const tables = new Map<string, Rows>()
  const known = new Map<CatalogRow, CatalogModel>()
  const found = new Map<string, CatalogModel | undefined>()

  const rowsOf = (table: string): Rows => {
    const rows = tables.get(table) ?? indexRows(JSON.parse(texts[table] ?? '[]') as readonly CatalogRow[])
    tables.set(table, rows)
    return rows
  }

  const read = (row: CatalogRow): CatalogModel => {
    const [, , contextWindow, deprecated] = row
    return {
      contextWindow: contextWindow || undefined,
      price: readCatalogPrice(row, version),
      deprecated: deprecated === 1,
    }
  }

  const search = (presetId: string, name: string): CatalogModel | undefined => {
    for (const table of Object.hasOwn(sources, presetId) ? (sources[presetId] ?? []) : []) {
      const rows = rowsOf(table)
      const row = rows.exact.get(name) ?? rows.patterned.find((candidate) => matchesRow(candidate, name))
      if (row === undefined) continue
      const model = known.get(row) ?? read(row)
      known.set(row, model)
      return model
    }
    return undefined
  }

  return {
    version,
    date,
    find: (presetId, upstreamId) => {
      const name = upstreamId.toLowerCase()
      const key = `${presetId}\n${name}`
      if (found.has(key)) return found.get(key)
      const model = search(presetId, name)
      if (found.size >= mostNames) found.clear()
      found.set(key, model)
      return model
    },
  }
}

interface Rows {
  /** By the names that rows tell to the letter, which most do. */
  readonly exact: ReadonlyMap<string, CatalogRow>
  /** Those with a pattern. */
  readonly patterned: readonly CatalogRow[]
}

function indexRows(rows: readonly CatalogRow[]): Rows {
  const exact = new Map<string, CatalogRow>()
  for (const row of rows) for (const name of exactNames(row)) if (!exact.has(name)) exact.set(name, row)
  return { exact, patterned: rows.filter(hasPattern) }
}
