import type { ModelPrice } from '../money/model-price.ts'
import { type ModelFamily, modelFamilies } from './model-families.ts'
import { loadModelTable, type ModelTable } from './model-table.ts'
import { fitsPatterns } from './name-pattern.ts'

/** What Sluice itself knows of a model: less sure than config and the provider's own list. */
export interface ModelFacts {
  /** Tokens; `undefined` when not known, as all here. */
  readonly contextWindow: number | undefined
  /** Tokens. */
  readonly maxOutput: number | undefined
  /** Empty when not known. */
  readonly capabilities: readonly string[]
  readonly price: ModelPrice | undefined
}

/** What is known of models beside what their providers tell. */
export interface ModelFactsSource {
  /** Loads the bundled table; until it has, only families of models are known. Later calls join the first. */
  load(): Promise<ModelTable>
  find(presetId: string, upstreamId: string): ModelFacts
  /** Changes when the table is there. */
  revision(): number
}

/** Names are the callers' choice, so what is kept of them is bounded. */
const mostNames = 2000

/** Facts from the bundled table, which is loaded when first asked for. */
export function createModelFacts(loadTable: () => Promise<ModelTable> = loadModelTable): ModelFactsSource {
  let loading: Promise<ModelTable> | undefined
  let table: ModelTable | undefined
  const families = new Map<string, ModelFamily | undefined>()

  const familyOf = (upstreamId: string): ModelFamily | undefined => {
    if (families.has(upstreamId)) return families.get(upstreamId)
    const bare = bareFamilyName(upstreamId)
    const family = modelFamilies.find(({ names }) => fitsPatterns(bare, names))
    if (families.size >= mostNames) families.clear()
    families.set(upstreamId, family)
    return family
  }

  return {
    load: () => {
      loading ??= loadTable().then((loaded) => {
        table = loaded
        return loaded
      })
      return loading
    },
    find: (presetId, upstreamId) => {
      const family = familyOf(upstreamId)
      const known = table?.find(presetId, upstreamId)
      return {
        contextWindow: known?.contextWindow,
        maxOutput: family?.maxOutput,
        capabilities: family?.capabilities ?? [],
        price: known?.price,
      }
    },
    revision: () => (table === undefined ? 0 : 1),
  }
}

/** The family's name in every host's spelling: `us.anthropic.claude-…-v1:0`, `@cf/openai/gpt-…`, `ft:gpt-4o:acme`. */
function bareFamilyName(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1).toLowerCase()
  return last
    .replace(/^ft:/, '')
    .replace(/^(?:[a-z-]+\.)*(?=(?:claude|nova|llama|gpt|mistral|deepseek|qwen|kimi|glm)\b)/, '')
}
