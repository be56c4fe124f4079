import { usualCategories } from '@sluice/protocol'
import { detectProvider } from '../provider-kit/detect-provider.ts'
import type { Provider } from '../provider-kit/provider.ts'
import type { ReadCondition } from '../routing/route-condition.ts'
import { strategies as builtIn } from '../strategies.generated.ts'
import type { StrategyKind } from '../strategies/strategy.ts'
import { buildRoutes, buildRouting, type FoundStrategy, type ReportRoute } from './build-routes.ts'
import { buildServer } from './build-server.ts'
import { buildBudgets } from './budgets-schema.ts'
import { buildCache } from './cache-schema.ts'
import { buildLedger } from './ledger-schema.ts'
import { buildLimits } from './limits-schema.ts'
import { buildAlerts, buildHealth } from './health-schema.ts'
import type {
  BatchesConfig,
  Config,
  ConfiguredProvider,
  ModelConfig,
  ModerationConfig,
  ResponsesConfig,
} from './config.ts'
import { type ConfigPath, type ConfigProblem, configError, formatPath } from './config-problem.ts'
import type { ConfigFlags } from './config-flags.ts'
import { configureProvider } from './configure-provider.ts'
import { chooseDefaultProvider } from './default-provider.ts'
import { describeIssues, withoutWords } from './describe-issues.ts'
import { readGatewayEnvironment } from './environment.ts'
import { type Environment, interpolate } from './interpolate.ts'
import { canonicalId, isSwitchedOff, type ProviderPlan, planFromEnvironment, planWritten } from './plan-providers.ts'
import { buildPrompts, type PromptSettings } from './prompt-schema.ts'
import { readPrice, readSelectors } from './read-model-settings.ts'
import { type ConfigInput, type ConfigSettings, configSchema, type ModelSettings } from './schema.ts'
import { firstOf, flagOf, settingsBelow, written } from './settings.ts'
import type { Origin } from './sourced.ts'

/**
 * All that a configuration is made of. Where several say the same setting, the first of these wins: a flag; a
 * variable about the gateway (`SLUICE_*`, `PORT`, `LOG_LEVEL`); what was written; a provider's own variables; its
 * preset; the default.
 */
export interface ConfigSources {
  /** The providers that are known; only these can be configured. */
  readonly presets: readonly Provider[]
  /** Ids of those that the program adds where they are neither configured nor switched off. Default: none. */
  readonly added?: readonly string[] | undefined
  /** As written, unchecked: parsed YAML or JSON, or an object in code. */
  readonly input?: ConfigInput | null | undefined
  /** Where `input` was read from. Default: an object in code. */
  readonly file?: ConfigFile | undefined
  /** Default: none. */
  readonly environment?: Environment | undefined
  readonly flags?: ConfigFlags | undefined
  /** Strategies beside the built-in ones, by the names that routes call them. */
  readonly strategies?: ReadonlyMap<string, FoundStrategy> | undefined
  /** `await loadConditions()`; without it targets of routes cannot have any. */
  readonly condition?: ReadCondition | undefined
  /** Prompts of files, checked by `promptSchema`, beside those of `input`. */
  readonly prompts?: Readonly<Record<string, PromptSettings>> | undefined
}

/** A configuration's file, to name the place of a mistake. */
export interface ConfigFile {
  /** As errors name it: `sluice.yaml`. */
  readonly name: string
  /** Of a key or of its value; of the nearest group around it when it is not written. Counted from 1. */
  position(path: ConfigPath, part: 'key' | 'value'): { readonly line: number; readonly column: number } | undefined
}

export type { ConfigFlags } from './config-flags.ts'

/** A configuration, or what is wrong with it. */
export interface ConfigReading {
  /** Absent when there are problems. */
  readonly config?: Config
  /** Where each setting came from, by its path: `providers.groq.api_key` → `environment variable GROQ_API_KEY`. */
  readonly origins: ReadonlyMap<string, string>
  readonly problems: readonly ConfigProblem[]
  /** What is probably not as meant, but stops nothing. */
  readonly warnings: readonly ConfigProblem[]
}

/** As `readConfig`; throws `invalid_config` with every problem. */
export function buildConfig(sources: ConfigSources): Config {
  const { config, problems } = readConfig(sources)
  if (config === undefined) throw configError(problems)
  return config
}

/** Reads, checks and completes a configuration; never throws for what users wrote. */
export function readConfig(sources: ConfigSources): ConfigReading {
  const { presets, environment = {}, flags = {}, file } = sources
  const problems: ConfigProblem[] = []
  const warnings: ConfigProblem[] = []
  const origins = new Map<string, string>()
  // Of two problems at one place only the first helps: the second is its consequence, or the same read twice.
  const places = new Set<string>()
  const report = (problem: ConfigProblem): void => {
    const at = `${problem.path.length === 0 ? (problem.where ?? problem.message) : formatPath(problem.path)}`
    if (!places.has(at)) problems.push(problem)
    places.add(at)
  }
  const warn = (problem: ConfigProblem): void => void warnings.push(problem)

  const interpolated = interpolate(sources.input ?? {}, environment)
  const references = new Map(interpolated.references.map(({ path, sources: from }) => [formatPath(path), from]))
  const place = (path: ConfigPath, part: 'key' | 'value'): { where?: string } => {
    const position = file?.position(path, part)
    if (file === undefined) return {}
    return { where: position === undefined ? file.name : `${file.name}:${position.line}:${position.column}` }
  }
  const origin: Origin = (value, path) => {
    const line = file?.position(path, 'key')?.line
    const written = file === undefined ? 'config' : line === undefined ? file.name : `${file.name}:${line}`
    const replaced = references.get(formatPath(path))
    const from = replaced === undefined ? '' : ` (${replaced.join(', ')})`
    return { value, origin: `${written}${from}`, ...place(path, 'value') }
  }

  for (const problem of interpolated.problems) report({ ...problem, ...place(problem.path, 'value') })
  const settings = check(interpolated.value, references, place, report)
  const gateway = readGatewayEnvironment(environment, report)
  if (settings === undefined) return { origins, problems, warnings }

  const server = buildServer(settings, gateway, flags, origin, origins)
  const logLevel = firstOf(
    'log_level',
    origins,
    [flagOf(flags.logLevel, 'log-level'), gateway.logLevel, written(settings.log_level, ['log_level'], origin)],
    'info' as const,
  )

  const context = { presets, environment, detect: (url: string) => detectProvider(url, presets), report, warn }
  const plans = planProviders(settings, context, origin)
  const isHosted = (url: string): boolean => {
    const owner = context.detect(url)
    return owner !== undefined && owner.local !== true && owner.auth.type !== 'none'
  }
  const providers = plans.flatMap((plan): ConfiguredProvider[] => {
    const provider = configureProvider(
      plan,
      isHosted,
      (setting, from) => origins.set(`providers.${plan.id}.${setting}`, from),
      report,
    )
    return provider === undefined ? [] : [provider]
  })
  const defaultProvider = chooseDefaultProvider({
    written: written(settings.default_provider, ['default_provider'], origin),
    environment,
    plans,
    presets,
    report,
  })
  if (defaultProvider !== undefined) origins.set('default_provider', defaultProvider.origin)
  const reportRoute: ReportRoute = (path, message) => report({ ...whereOf(origin, path), path, message })
  const strategies = new Map<string, FoundStrategy>([...builtIn, ...(sources.strategies ?? [])])
  const routes = buildRoutes(settings.routes, strategies, sources.condition, reportRoute)
  const prompts = buildPrompts({ ...settings.prompts, ...sources.prompts }, (path, message) =>
    reportRoute(['prompts', ...path], message),
  )
  if (settings.prompts_dir !== undefined && sources.prompts === undefined)
    reportRoute(['prompts_dir'], 'prompt files are read by the gateway; give the library their contents as `prompts`')
  const off = switchedOff(settings)
  const reached = new Set([...(sources.added ?? []).filter((id) => !off.includes(id)), ...plans.map(({ id }) => id)])
  const models = buildModels(settings.models ?? [], reached, origin, origins, report, warn)

  const budgets = buildBudgets(settings.budgets, reportRoute)
  const cache = settings.cache
    ? buildCache(settings.cache, { server, origin, origins, report: reportRoute })
    : undefined

  if (problems.length > 0) return { origins, problems, warnings }
  const config: Config = Object.freeze({
    server,
    providers: Object.freeze(providers),
    switchedOff: Object.freeze(off),
    defaultProvider: defaultProvider?.value,
    strict: firstOf('strict', origins, [written(settings.strict, ['strict'], origin)], false),
    models,
    routes,
    routing: buildRouting(settings.routing),
    health: buildHealth(settings.health),
    alerts: buildAlerts(settings.alerts),
    strategies: new Map([...strategies].filter((entry): entry is [string, StrategyKind] => !('problem' in entry[1]))),
    selectors: readSelectors(settings),
    logLevel,
    responses: buildResponses(settings, origin, origins),
    batches: buildBatches(settings, origin, origins),
    ledger: buildLedger(settings.ledger, origin, origins),
    limits: buildLimits(settings.limits),
    budgets,
    cache,
    moderation: buildModeration(settings),
    prompts,
  })
  return { config, origins, problems, warnings }
}

/** Members whose values, or what is below them, no message may show. */
const secretMembers: ReadonlySet<ConfigPath[number]> = new Set([
  'api_key',
  'api_keys',
  'auth',
  'headers',
  'settings',
  'credentials',
  'keys',
  'admin_key',
  'key_pepper',
  'master_keys',
  'client_secret',
  'database_url',
  'redis_url',
])

function check(
  value: unknown,
  references: ReadonlyMap<string, readonly string[]>,
  place: (path: ConfigPath, part: 'key' | 'value') => { where?: string },
  report: (problem: ConfigProblem) => void,
): ConfigSettings | undefined {
  const result = configSchema.safeParse(value ?? {}, withoutWords)
  if (result.success) return result.data
  const isSecret = (path: ConfigPath): boolean =>
    path.some((member) => secretMembers.has(member)) ||
    path[0] === 'alerts' ||
    // Where a provider should be described there may be its key.
    (path[0] === 'providers' && (path.length < 3 || path.at(-1) === 'config')) ||
    references.has(formatPath(path))
  for (const problem of describeIssues(result.error.issues, configSchema, value, isSecret)) {
    report({ ...problem, ...place(problem.path, problem.message.startsWith('unknown key') ? 'key' : 'value') })
  }
  return undefined
}

function buildModeration({ moderation }: ConfigSettings): ModerationConfig | undefined {
  if (!moderation) return undefined
  const { model, categories = {} } = moderation
  // A moderator that looks for nothing would let everything pass.
  return { model, categories: Object.keys(categories).length > 0 ? categories : usualCategories }
}

function buildResponses(settings: ConfigSettings, origin: Origin, origins: Map<string, string>): ResponsesConfig {
  const value = settingsBelow(['responses'], origin, origins)
  const { store, ttl, max_bytes: maxBytes } = settings.responses ?? {}
  return Object.freeze({
    store: value('store', store, true),
    ttl: value('ttl', ttl, 30 * 24 * 60 * 60) * 1000,
    maxBytes: value('max_bytes', maxBytes, 1024 * 1024 * 1024),
  })
}

function buildBatches(settings: ConfigSettings, origin: Origin, origins: Map<string, string>): BatchesConfig {
  const value = settingsBelow(['batches'], origin, origins)
  const { concurrency, max_file_bytes: maxFileBytes } = settings.batches ?? {}
  return Object.freeze({
    concurrency: value('concurrency', concurrency, 4),
    maxFileBytes: value('max_file_bytes', maxFileBytes, 512 * 1024 * 1024),
  })
}

function planProviders(
  settings: ConfigSettings,
  context: Parameters<typeof planFromEnvironment>[0],
  origin: Origin,
): ProviderPlan[] {
  const entries = Object.entries(settings.providers ?? {})
  const plans: ProviderPlan[] = []
  for (const [key, entry] of entries) {
    const plan = planWritten(key, entry, context, origin)
    if (plan === undefined) continue
    if (plans.some(({ id }) => id === plan.id)) {
      const path = ['providers', key]
      const { where } = origin(undefined, path)
      context.report({
        ...(where === undefined ? {} : { where }),
        path,
        message: `${plan.id} is written twice; give one of them another name`,
      })
    } else plans.push(plan)
  }
  if (settings.environment_providers === false) return plans
  const writtenIds = new Set(entries.flatMap(([key]) => [key, key.replaceAll('_', '-')]))
  const added = planFromEnvironment(context).filter(({ id }) => !writtenIds.has(id))
  return [...plans, ...added]
}

function switchedOff({ providers }: ConfigSettings): string[] {
  return Object.entries(providers ?? {}).flatMap(([id, settings]) => (isSwitchedOff(settings) ? [canonicalId(id)] : []))
}

function buildModels(
  settings: readonly ModelSettings[],
  reached: ReadonlySet<string>,
  origin: Origin,
  origins: Map<string, string>,
  report: (problem: ConfigProblem) => void,
  warn: (problem: ConfigProblem) => void,
): readonly ModelConfig[] {
  const names = new Map<string, string>()
  const claim = (name: string, path: ConfigPath): void => {
    const first = names.get(name)
    if (first === undefined) names.set(name, formatPath(path))
    else report({ ...whereOf(origin, path), path, message: `${name} already names ${first}; a name means one model` })
  }
  return Object.freeze(
    settings.map((model, index) => {
      const path = ['models', index]
      claim(model.id, [...path, 'id'])
      model.aliases?.forEach((alias, position) => {
        if (alias !== model.id) claim(alias, [...path, 'aliases', position])
      })
      const provider = model.id.slice(0, model.id.indexOf('/'))
      if (!reached.has(provider)) {
        warn({
          ...whereOf(origin, [...path, 'id']),
          path: [...path, 'id'],
          message: `no provider ${provider} is configured, so this model cannot be reached`,
        })
      }
      origins.set(formatPath(path), origin(undefined, path).origin)
      return Object.freeze({
        id: model.id,
        name: model.name,
        aliases: Object.freeze([...(model.aliases ?? [])]),
        contextWindow: model.context_window,
        maxOutput: model.max_output,
        capabilities: Object.freeze([...(model.capabilities ?? [])]),
        price: model.price && readPrice(model.price),
      })
    }),
  )
}

function whereOf(origin: Origin, path: ConfigPath): { where?: string } {
  const { where } = origin(undefined, path)
  return where === undefined ? {} : { where }
}
