import {
  checkHealth,
  type Config,
  type ConfiguredProvider,
  describeProvider,
  type Engine,
  type ModelPrice,
  type PromptTemplate,
  type ProviderHealth,
  type Rate,
  rateFor,
  ratesAt,
  type RegisteredModel,
  type RouteConfig,
  type Transport,
} from 'sluice'

/** An entry of `GET /v1/models`: OpenAI's shape, and what else is known. */
export interface ModelEntry {
  readonly id: string
  readonly object: 'model'
  /** Unix seconds; 0, since providers disagree on what it means and clients only parse it. */
  readonly created: number
  readonly owned_by: string
  readonly name: string
  readonly provider: string
  readonly aliases: readonly string[]
  readonly context_window?: number
  readonly max_output?: number
  readonly capabilities: readonly string[]
  /** USD per million tokens, of the lowest tier, now; absent when not known. */
  readonly price?: {
    readonly input?: number
    readonly cache_read?: number
    readonly cache_write?: number
    readonly output?: number
  }
  readonly source: RegisteredModel['source']
  /** An entry with several models behind it, or a prompt with one. */
  readonly kind?: 'route' | 'prompt'
  /** What its requests may go to, in the order of config. */
  readonly targets?: readonly string[]
}

/** An entry of `GET /v1/providers`. */
export interface ProviderEntry {
  readonly id: string
  readonly object: 'provider'
  readonly name: string
  /** The preset that it is. */
  readonly kind: string
  readonly base_url: string
  /** Never the key. */
  readonly key: 'set' | 'missing' | 'not needed'
  readonly default: boolean
  readonly models: number
  readonly health: ProviderHealth
}

/** What this installation serves, for people and programs that ask. */
export interface Directory {
  models(): Promise<readonly ModelEntry[]>
  providers(): Promise<readonly ProviderEntry[]>
}

/** How long a question waits for providers that were never asked; then what is known is told. */
const patience = 2_000
/** Milliseconds that a finding on a provider's health is taken for true. */
const healthLife = 30_000

export function createDirectory(engine: Engine, transport: Transport, routes: Config['routes']): Directory {
  const { registry, catalog } = engine
  const health = new Map<string, { readonly at: number; readonly finding: Promise<ProviderHealth> }>()

  function healthOf(provider: ConfiguredProvider): Promise<ProviderHealth> {
    const known = health.get(provider.id)
    const now = performance.now()
    if (known !== undefined && now - known.at < healthLife) return known.finding
    const finding: Promise<ProviderHealth> = provider.preset.standIn
      ? Promise.resolve({ state: 'healthy' })
      : checkHealth(provider, transport)
    health.set(provider.id, { at: now, finding })
    return finding
  }

  async function learn(): Promise<void> {
    const unknown = registry.providers.filter(({ id, preset }) => {
      const { fetchedAt, problem } = catalog.models(id)
      return preset.modelsPath !== null && fetchedAt === undefined && problem === undefined
    })
    if (unknown.length > 0) await within(patience, Promise.all(unknown.map(({ id }) => catalog.refresh(id))), undefined)
  }

  /** What a name of a route's target means; `undefined` for one that nothing serves. */
  function describeTarget(name: string): ModelEntry | undefined {
    const below = routes.get(name)
    if (below !== undefined) return routeEntry(below, describeTarget)
    const { resolution } = engine.resolver.explain(name)
    if (resolution === undefined) return undefined
    const { provider, model } = resolution
    const entry = registry.snapshot().byProvider.get(provider.id)?.named.get(model.toLowerCase())
    return entry && modelEntry(entry)
  }

  function describePrompt(template: PromptTemplate): Described {
    const { model } = template
    return {
      latest: engine.prompts?.isLatest(template) === true,
      target: model === undefined ? undefined : describeTarget(model),
    }
  }

  return {
    async models() {
      await Promise.all([learn(), engine.facts.load()])
      const models = registry.snapshot().models.map(modelEntry)
      const named = [...routes.values()].map((route) => routeEntry(route, describeTarget))
      const prompts = engine.prompts?.templates.map((prompt) => promptEntry(prompt, describePrompt(prompt))) ?? []
      return [...named, ...prompts, ...models]
    },
    async providers() {
      await learn()
      const { byProvider } = registry.snapshot()
      const checking: ProviderHealth = { state: 'unknown', reason: 'The check has not ended yet.' }
      return Promise.all(
        registry.providers.map(async (provider) => ({
          ...describe(provider),
          default: provider === registry.defaultProvider,
          models: byProvider.get(provider.id)?.models.length ?? 0,
          health: await within(patience, healthOf(provider), checking),
        })),
      )
    },
  }
}

function describe(
  provider: ConfiguredProvider,
): Pick<ProviderEntry, 'id' | 'object' | 'name' | 'kind' | 'base_url' | 'key'> {
  const { id, name, kind, baseUrl, key } = describeProvider(provider)
  return { id, object: 'provider', name, kind, base_url: baseUrl, key }
}

function modelEntry(model: RegisteredModel): ModelEntry {
  return {
    id: model.id,
    object: 'model',
    created: 0,
    owned_by: model.ownedBy ?? model.provider.id,
    name: model.name,
    provider: model.provider.id,
    aliases: model.aliases,
    ...(model.contextWindow !== undefined && { context_window: model.contextWindow }),
    ...(model.maxOutput !== undefined && { max_output: model.maxOutput }),
    capabilities: model.capabilities,
    ...(model.price !== undefined && { price: priceEntry(model.price) }),
    source: model.source,
  }
}

/** What can be said of whatever target a request goes to. */
function routeEntry(
  { name, targets }: RouteConfig,
  describeTarget: (name: string) => ModelEntry | undefined,
): ModelEntry {
  const known = targets.map(({ model }) => describeTarget(model)).filter((entry) => entry !== undefined)
  const shared = known.map(({ capabilities }) => capabilities).filter((list) => list.length > 0)
  const [context, output] = [
    smallest(known.map(({ context_window: size }) => size)),
    smallest(known.map(({ max_output: size }) => size)),
  ]
  return {
    id: name,
    object: 'model',
    created: 0,
    owned_by: 'sluice',
    name,
    provider: 'sluice',
    aliases: [],
    ...(context !== undefined && { context_window: context }),
    ...(output !== undefined && { max_output: output }),
    capabilities: (shared[0] ?? []).filter((word) => shared.every((list) => list.includes(word))),
    source: 'config',
    kind: 'route',
    targets: targets.map(({ model }) => model),
  }
}

interface Described {
  readonly latest: boolean
  readonly target: ModelEntry | undefined
}

/** A prompt is asked like a model, and has the capabilities of the one that it asks. */
function promptEntry({ name, version, description, model }: PromptTemplate, { latest, target }: Described): ModelEntry {
  const versioned = `prompt:${name}@${version}`
  return {
    id: latest ? `prompt:${name}` : versioned,
    object: 'model',
    created: 0,
    owned_by: 'sluice',
    name: description ?? name,
    provider: 'sluice',
    aliases: latest ? [versioned] : [],
    ...(target?.context_window !== undefined && { context_window: target.context_window }),
    ...(target?.max_output !== undefined && { max_output: target.max_output }),
    capabilities: target?.capabilities ?? [],
    source: 'config',
    kind: 'prompt',
    targets: model === undefined ? [] : [model],
  }
}

/** Of those that are known. */
function smallest(sizes: readonly (number | undefined)[]): number | undefined {
  const known = sizes.filter((size) => size !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}

function priceEntry(price: ModelPrice): NonNullable<ModelEntry['price']> {
  const { input, cacheRead, cacheWrite, output } = ratesAt(price, Date.now())
  return {
    ...(input !== undefined && { input: perMillion(input) }),
    ...(cacheRead !== undefined && { cache_read: perMillion(cacheRead) }),
    ...(cacheWrite !== undefined && { cache_write: perMillion(cacheWrite) }),
    ...(output !== undefined && { output: perMillion(output) }),
  }
}

/** From pico-dollars per token. */
function perMillion(rate: Rate): number {
  return rateFor(rate, 0) / 1e6
}

/** What `work` gives, or `otherwise` when that takes too long. */
async function within<T>(milliseconds: number, work: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), milliseconds)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
