import { SluiceError } from '@sluice/protocol'
import type { ConfiguredProvider } from '../config/config.ts'
import { type ListedModel, readModelList } from './read-model-list.ts'

/** What is known of one provider's models at this moment. */
export interface ProviderModels {
  /** `live`: the provider said so. `fallback`: it has no list, was not asked yet, or could not be asked. */
  readonly source: 'live' | 'fallback'
  readonly models: readonly ListedModel[]
  /** A model that is not in the list does not exist: the list is whole and came from the provider. */
  readonly authoritative: boolean
  /** When the provider last sent its list, by the catalog's clock. */
  readonly fetchedAt: number | undefined
  /** Why the last attempt to fetch it failed. */
  readonly problem: string | undefined
}

/** The lists of models that providers tell, kept and renewed. */
export interface ModelCatalog {
  /** What is known now; never waits. Starts a refresh in the background when that is due. */
  models(providerId: string): ProviderModels
  /** Changes when any list changes, so that what was worked out from them can be kept. Starts refreshes that are due. */
  revision(): number
  /** Asks the provider now, or joins the call that is under way. Never rejects: a failure leaves what was known. */
  refresh(providerId: string): Promise<ProviderModels>
  refreshAll(): Promise<void>
  /** Does `work`, during which nothing is asked of anybody: it is told what is known. */
  unasked<T>(work: () => T): T
}

/** Whose lists are kept, and how they are asked for. */
export interface ModelCatalogOptions {
  readonly providers: readonly ConfiguredProvider[]
  /**
   * The parsed body of the provider's model list. Rejects when it cannot be had, and must settle in bounded
   * time: while it is under way, the provider is not asked again.
   */
  readonly fetchModels: (provider: ConfiguredProvider) => Promise<unknown>
  /** Milliseconds from any fixed moment. */
  readonly now: () => number
  /** Milliseconds that a list stays fresh. Default 10 minutes. */
  readonly timeToLive?: number
  /** Milliseconds until a provider that failed is asked again, doubled with each failure. Default 30 seconds. */
  readonly retryDelay?: number
}

interface Entry {
  readonly provider: ConfiguredProvider
  current: ProviderModels
  /** When the next refresh is due; `Infinity` where there is no list to ask for. */
  due: number
  /** Failures in a row. */
  failures: number
  underWay: Promise<ProviderModels> | undefined
}

/**
 * The model lists of all providers: fetched in the background, kept for a while, and served stale meanwhile.
 * A provider that has no list or is down gets its fallback list; nothing here can hold up or break a start.
 */
export function createModelCatalog(options: ModelCatalogOptions): ModelCatalog {
  const { fetchModels, now, timeToLive = 600_000, retryDelay = 30_000 } = options
  const entries = new Map(options.providers.map((provider) => [provider.id, firstEntry(provider)]))
  let revision = 0
  let nextDue = 0
  let asking = true

  const refresh = (entry: Entry): Promise<ProviderModels> => {
    if (entry.provider.preset.modelsPath === null) return Promise.resolve(entry.current)
    entry.underWay ??= fetchInto(entry).finally(() => {
      entry.underWay = undefined
      nextDue = Math.min(nextDue, entry.due)
    })
    return entry.underWay
  }

  const fetchInto = async (entry: Entry): Promise<ProviderModels> => {
    try {
      const list = readModelList(await fetchModels(entry.provider), entry.provider.preset)
      if (list === undefined) throw new SluiceError('upstream_invalid_response', 'The answer is no list of models.')
      replace(entry, liveModels(entry, list.models, list.complete, now()))
      entry.due = now() + timeToLive
      entry.failures = 0
    } catch (error) {
      entry.current = { ...entry.current, problem: problemOf(error) }
      entry.due = now() + Math.min(timeToLive, retryDelay * 2 ** entry.failures)
      entry.failures += 1
    }
    return entry.current
  }

  const replace = (entry: Entry, models: ProviderModels): void => {
    const before = entry.current
    entry.current = models
    const same =
      before.source === models.source &&
      before.authoritative === models.authoritative &&
      JSON.stringify(before.models) === JSON.stringify(models.models)
    if (!same) revision += 1
  }

  const startDue = (): void => {
    const time = now()
    if (time < nextDue || !asking) return
    nextDue = Infinity
    for (const entry of entries.values()) {
      if (entry.underWay === undefined && entry.due <= time) void refresh(entry)
      else if (entry.underWay === undefined) nextDue = Math.min(nextDue, entry.due)
    }
  }

  const entryOf = (id: string): Entry => {
    const entry = entries.get(id)
    if (entry === undefined) throw new SluiceError('provider_not_found', `No provider "${id}" is configured.`)
    return entry
  }

  return {
    models: (id) => {
      startDue()
      return entryOf(id).current
    },
    revision: () => {
      startDue()
      return revision
    },
    refresh: (id) => refresh(entryOf(id)),
    refreshAll: async () => {
      await Promise.all([...entries.values()].map(refresh))
    },
    unasked: (work) => {
      const before = asking
      asking = false
      try {
        return work()
      } finally {
        asking = before
      }
    },
  }
}

function firstEntry(provider: ConfiguredProvider): Entry {
  const { preset } = provider
  const current: ProviderModels = {
    source: 'fallback',
    models: readModelList(preset.models?.fallback ?? [], preset)?.models ?? [],
    // Nobody but Sluice itself says what a stand-in serves.
    authoritative: preset.standIn === true,
    fetchedAt: undefined,
    problem: undefined,
  }
  return { provider, current, due: preset.modelsPath === null ? Infinity : 0, failures: 0, underWay: undefined }
}

// An empty list says nothing of a provider that has models; what was known stands.
function liveModels(entry: Entry, models: readonly ListedModel[], complete: boolean, time: number): ProviderModels {
  if (models.length === 0)
    return { ...entry.current, authoritative: false, fetchedAt: time, problem: 'Its list of models is empty.' }
  return { source: 'live', models, authoritative: complete, fetchedAt: time, problem: undefined }
}

// Only messages of our own are known to hold no secret.
function problemOf(error: unknown): string {
  return error instanceof SluiceError ? error.message : 'Its list of models could not be fetched.'
}
