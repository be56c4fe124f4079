import type { ConfiguredProvider, ModelConfig } from '../config/config.ts'
import { type ModelPrice, type Rate, rateFor } from '../money/model-price.ts'
import { type ModelCatalog, type ProviderModels } from './model-catalog.ts'
import type { ModelFactsSource } from './model-facts.ts'
import { createProviderAddresses, type ProviderAddresses } from './provider-addresses.ts'
import { type ListedModel, readModelId } from './read-model-list.ts'

/** A model that this installation can name. */
export interface RegisteredModel {
  /** `provider/model`: `openai-compatible/gpt-4o-mini`. */
  readonly id: string
  /** For people to read. */
  readonly name: string
  readonly provider: ConfiguredProvider
  /** As the provider wants to be sent it. */
  readonly upstreamId: string
  /** Names that config gives it, taken as they are. */
  readonly aliases: readonly string[]
  readonly ownedBy: string | undefined
  /** Tokens; `undefined` when not known. */
  readonly contextWindow: number | undefined
  /** Tokens; `undefined` when not known. */
  readonly maxOutput: number | undefined
  /** Empty when not known. */
  readonly capabilities: readonly string[]
  /** `undefined` when not known. */
  readonly price: ModelPrice | undefined
  readonly source: 'config' | 'live' | 'fallback'
}

/** All models at one moment, with maps prepared for looking them up. */
export interface ModelSnapshot {
  readonly models: readonly RegisteredModel[]
  /** By config's aliases and ids. */
  readonly configured: ReadonlyMap<string, RegisteredModel>
  /** Config's aliases and ids whose provider is not configured, with the id of the entry. */
  readonly orphaned: ReadonlyMap<string, string>
  /** By the name that a provider lists; of several, that of the provider most preferred. */
  readonly listed: ReadonlyMap<string, RegisteredModel>
  readonly byProvider: ReadonlyMap<string, ProviderSnapshot>
}

interface ProviderSnapshot {
  readonly models: readonly RegisteredModel[]
  readonly list: ProviderModels
  /** By every name that the provider lists, in lower case; then by the parts after the last slash and before `:latest`. */
  readonly named: ReadonlyMap<string, RegisteredModel>
}

/** The configured providers, and every model that is known of them. */
export interface ModelRegistry {
  /** The most preferred first: the default one, then as configured, then stand-ins. */
  readonly providers: readonly ConfiguredProvider[]
  /** The one that config chose, else the only one that is configured, stand-ins not counted. */
  readonly defaultProvider: ConfiguredProvider | undefined
  readonly addresses: ProviderAddresses
  /** Changes when any model does. */
  revision(): number
  snapshot(): ModelSnapshot
  /** What a model costs at a provider, listed or not, by the name that is sent. */
  priceOf(provider: ConfiguredProvider, upstreamId: string): ModelPrice | undefined
}

/** Where the registry's providers and models come from. */
export interface ModelRegistryOptions {
  readonly providers: readonly ConfiguredProvider[]
  /** Id of one of them. */
  readonly defaultProvider?: string | undefined
  /** Entries of `models:` in config. They win over what providers tell. */
  readonly models: readonly ModelConfig[]
  readonly catalog: ModelCatalog
  /** What is known of models that neither config nor their provider tells of. Default: nothing. */
  readonly facts?: ModelFactsSource
}

/** Puts together what is configured, what providers list, and what is known of models. */
export function createModelRegistry(options: ModelRegistryOptions): ModelRegistry {
  const { models, catalog, facts } = options
  const providers = inOrderOfPreference(options.providers, options.defaultProvider)
  const addresses = createProviderAddresses(providers)
  const real = providers.filter(({ preset }) => !preset.standIn)
  const chosen = providers.find(({ id }) => id === options.defaultProvider)
  // Neither goes down, so the sum changes when one does.
  const revisionNow = (): number => catalog.revision() + (facts?.revision() ?? 0)
  let kept: { readonly revision: number; readonly snapshot: ModelSnapshot } | undefined

  const snapshotNow = (): ModelSnapshot => {
    const revision = revisionNow()
    if (kept?.revision !== revision) {
      kept = { revision, snapshot: takeSnapshot(providers, addresses, models, catalog, facts) }
    }
    return kept.snapshot
  }

  return {
    providers,
    defaultProvider: chosen ?? (real.length === 1 ? real[0] : undefined),
    addresses,
    revision: revisionNow,
    snapshot: snapshotNow,
    priceOf: (provider, upstreamId) => {
      const entry = snapshotNow().byProvider.get(provider.id)?.named.get(upstreamId.toLowerCase())
      const known = entry?.upstreamId === upstreamId ? entry.price : undefined
      const price = known ?? facts?.find(provider.preset.id, upstreamId).price
      const { minimumAudioSeconds } = provider.preset
      return price === undefined || minimumAudioSeconds === undefined ? price : { ...price, minimumAudioSeconds }
    },
  }
}

function inOrderOfPreference(
  providers: readonly ConfiguredProvider[],
  defaultProvider: string | undefined,
): readonly ConfiguredProvider[] {
  const rank = ({ id, preset }: ConfiguredProvider): number => (preset.standIn ? 2 : id === defaultProvider ? 0 : 1)
  return providers.toSorted((left, right) => rank(left) - rank(right))
}

/** A model that config names, with or without an entry of `models:`. */
interface Placement {
  readonly upstreamId: string
  readonly entry: ModelConfig | undefined
}

function takeSnapshot(
  providers: readonly ConfiguredProvider[],
  addresses: ProviderAddresses,
  entries: readonly ModelConfig[],
  catalog: ModelCatalog,
  facts: ModelFactsSource | undefined,
): ModelSnapshot {
  const orphaned = new Map<string, string>()
  const placements = new Map(providers.map((provider) => [provider.id, new Map<string, Placement>()]))
  const placed: { readonly entry: ModelConfig; readonly provider: ConfiguredProvider; readonly id: string }[] = []
  for (const entry of entries) {
    const slash = entry.id.indexOf('/')
    const written = entry.id.slice(slash + 1)
    const provider = addresses.find(entry.id.slice(0, slash))
    if (provider === undefined) {
      for (const name of [entry.id, ...entry.aliases]) orphaned.set(name, entry.id)
      continue
    }
    const { id, upstreamId } = readModelId(written, provider.preset) ?? { id: written, upstreamId: written }
    placements.get(provider.id)?.set(id, { upstreamId, entry })
    placed.push({ entry, provider, id })
  }

  const byProvider = new Map<string, ProviderSnapshot>()
  const listed = new Map<string, RegisteredModel>()
  for (const provider of providers) {
    const list = catalog.models(provider.id)
    const placed = withDefault(placements.get(provider.id), provider, list, addresses)
    const snapshot = snapshotOf(provider, list, placed, facts)
    byProvider.set(provider.id, snapshot)
    for (const [name, model] of namesAsListed(snapshot)) if (!listed.has(name)) listed.set(name, model)
  }

  const configured = new Map<string, RegisteredModel>()
  for (const { entry, provider, id } of placed) {
    const model = byProvider.get(provider.id)?.models.find((candidate) => modelPart(candidate) === id)
    if (model === undefined) continue
    for (const name of [entry.id, ...entry.aliases]) if (!configured.has(name)) configured.set(name, model)
  }
  return { models: [...byProvider.values()].flatMap(({ models }) => models), configured, orphaned, listed, byProvider }
}

// Whoever names a default model says that it is there, as long as the provider does not say otherwise.
function withDefault(
  placements: ReadonlyMap<string, Placement> | undefined,
  provider: ConfiguredProvider,
  list: ProviderModels,
  addresses: ProviderAddresses,
): ReadonlyMap<string, Placement> {
  const placed = new Map(placements)
  if (provider.defaultModel === undefined || list.authoritative) return placed
  const name = addresses.strip(provider.defaultModel, provider, (id) => list.models.some((model) => model.id === id))
  const ids = readModelId(name, provider.preset)
  if (ids !== undefined && !placed.has(ids.id)) placed.set(ids.id, { upstreamId: ids.upstreamId, entry: undefined })
  return placed
}

function snapshotOf(
  provider: ConfiguredProvider,
  list: ProviderModels,
  placements: ReadonlyMap<string, Placement>,
  facts: ModelFactsSource | undefined,
): ProviderSnapshot {
  const told = new Map(list.models.map((model) => [model.id, model]))
  const ids = [...new Set([...placements.keys(), ...told.keys()])]
  const models = ids.map((id) => register(provider, id, told.get(id), placements.get(id), list.source, facts))
  const named = new Map<string, RegisteredModel>()
  const add = (name: string, model: RegisteredModel): void => {
    const lower = name.toLowerCase()
    if (!named.has(lower)) named.set(lower, model)
  }
  const snapshot = { models, list, named }
  const names = namesAsListed(snapshot)
  for (const [name, model] of names) add(name, model)
  for (const [name, model] of names) {
    add(name.slice(name.lastIndexOf('/') + 1), model)
    if (name.endsWith(':latest')) add(name.slice(0, -':latest'.length), model)
  }
  return snapshot
}

/** Ids as shown, ids as sent, and the provider's own aliases, in that order. */
function namesAsListed({
  models,
  list,
}: Pick<ProviderSnapshot, 'models' | 'list'>): readonly (readonly [string, RegisteredModel])[] {
  const aliases = new Map(list.models.map((model) => [model.id, model.aliases]))
  return [
    ...models.map((model) => [modelPart(model), model] as const),
    ...models.map((model) => [model.upstreamId, model] as const),
    ...models.flatMap((model) =>
      (aliases.get(modelPart(model)) ?? []).map((alias) => [alias, { ...model, upstreamId: alias }] as const),
    ),
  ]
}

/** The id without the provider. */
function modelPart(model: RegisteredModel): string {
  return model.id.slice(model.provider.id.length + 1)
}

// Config knows best, then the provider; what Sluice brings along fills the gaps.
function register(
  provider: ConfiguredProvider,
  id: string,
  told: ListedModel | undefined,
  placement: Placement | undefined,
  source: ProviderModels['source'],
  facts: ModelFactsSource | undefined,
): RegisteredModel {
  const entry = placement?.entry
  const upstreamId = told?.upstreamId ?? placement?.upstreamId ?? id
  const known = facts?.find(provider.preset.id, upstreamId)
  const capabilities = [entry?.capabilities, told?.capabilities, known?.capabilities]
  return {
    id: `${provider.id}/${id}`,
    name: entry?.name ?? told?.name ?? id,
    provider,
    upstreamId,
    aliases: entry?.aliases ?? [],
    ownedBy: told?.ownedBy,
    contextWindow: entry?.contextWindow ?? told?.contextWindow ?? known?.contextWindow,
    maxOutput: entry?.maxOutput ?? told?.maxOutput ?? known?.maxOutput,
    capabilities: capabilities.find((list) => list !== undefined && list.length > 0) ?? [],
    price: entry?.price ?? currentPrice(told?.price, known?.price),
    source: entry === undefined ? source : 'config',
  }
}

/** A provider's list is newer than the bundled table, which knows more: where they agree, the table is taken. */
function currentPrice(told: ModelPrice | undefined, known: ModelPrice | undefined): ModelPrice | undefined {
  if (told === undefined || known === undefined) return told ?? known
  const listed = told.periods[0]?.rates
  const agrees = known.periods.some(({ rates }) =>
    (['input', 'output'] as const).every((name) => baseRate(rates[name]) === baseRate(listed?.[name])),
  )
  return agrees ? known : told
}

function baseRate(rate: Rate | undefined): number | undefined {
  return rate === undefined ? undefined : rateFor(rate, 0)
}
