import { SluiceError } from '@sluice/protocol'
import type { ConfiguredProvider } from '../config/config.ts'
import type { Provider } from '../provider-kit/provider.ts'
import { missingProviderHint } from './missing-provider-hint.ts'
import type { ModelRegistry, ModelSnapshot, RegisteredModel } from './model-registry.ts'
import { nearMatches } from './near-matches.ts'
import { fitsPatterns } from './name-pattern.ts'
import { bareName, modelNames, type ModelNames, nameForms, vendorOf } from './normalize-model-name.ts'
import { modelNameProblem, sanitizeModelName } from './sanitize-model-name.ts'

export interface Resolution {
  readonly provider: ConfiguredProvider
  /** As the provider is sent it. */
  readonly model: string
  /** The entry of the registry, where the model is known. */
  readonly entry: RegisteredModel | undefined
  /** What was tried, in order; the last one decided. */
  readonly steps: readonly ResolutionStep[]
}

export interface ResolutionStep {
  readonly rule: ResolutionRule
  readonly outcome: 'matched' | 'passed'
  /** Why, for people to read. */
  readonly detail: string
}

export type ResolutionRule =
  | 'config'
  | 'provider:model'
  | 'provider/model'
  | 'catalog'
  | 'owner'
  | 'default-provider'
  | 'other-providers'
  | 'default-model'

/** A resolution, or the error that says why there is none; with the steps in either case. */
export interface Explanation {
  readonly resolution: Resolution | undefined
  readonly error: SluiceError | undefined
  readonly steps: readonly ResolutionStep[]
}

export interface ModelResolver {
  /**
   * @throws SluiceError `invalid_model_name`, `model_not_found` (naming near matches), `no_provider_configured`,
   * or `invalid_request` when no model is named and there is no default.
   */
  resolve(name?: string): Resolution
  /** As `resolve`, never throwing: for `sluice models explain` and dry runs. */
  explain(name?: string): Explanation
  /** What was resolved holds until this changes. */
  revision(): number
}

export interface ModelResolverOptions {
  readonly registry: ModelRegistry
  /** Presets to name in hints when a provider is missing. */
  readonly presets?: readonly Provider[]
  readonly names?: ModelNames
}

/**
 * Finds the provider of a model's name and the name that this provider knows it by. Synchronous, without
 * waiting for any list; the same answer for the same name as long as `revision` stays. The rules, in order:
 *
 * 1. `config`: an alias or id of config's `models:`, to the letter.
 * 2. `provider:model`, 3. `provider/model`: where that provider is configured. It is asked even for a model
 *    that its list lacks (the way to reach one that is not listed), unless another provider lists the whole
 *    name: `mistral:7b` may be Ollama's, `openai/gpt-oss-120b` Groq's.
 * 4. `catalog`: a name to the letter as a configured provider lists it; the default provider's list goes first.
 * 5. `owner`: a family's maker, by name: `gpt-…` → OpenAI, also written `openai/gpt-…`; unless its list is
 *    known and lacks the model.
 * 6. `default-provider`: with the name in the form that this provider uses. **A provider whose list is known
 *    and lacks the model is not asked**: a mistyped name is answered at once, with near matches, and costs no
 *    call. While the list is not known (there is none, it was not fetched yet, the provider is down), any name
 *    is sent, except one of another vendor's family to a provider that has families of its own.
 * 7. `other-providers`: the model under another form of its name, at whoever lists it (`claude-sonnet-5` is
 *    OpenRouter's `anthropic/claude-sonnet-5`).
 *
 * A stand-in (`demo`) answers to its own models only, after all others. Without a name, it is the default
 * provider's default model.
 */
export function createModelResolver(options: ModelResolverOptions): ModelResolver {
  const { registry, names = modelNames } = options
  const context = (): Context => ({ registry, snapshot: registry.snapshot(), names })

  const explain = (name?: string): Explanation => {
    const steps: ResolutionStep[] = []
    try {
      const match =
        name === undefined ? defaultModel(context(), steps) : applyRules(sanitizeModelName(name), context(), steps)
      if (match !== undefined) {
        const { provider, model, entry } = match
        return { resolution: { provider, model, entry, steps }, error: undefined, steps }
      }
      return { resolution: undefined, error: notFound(name ?? '', context(), options.presets ?? []), steps }
    } catch (error) {
      if (error instanceof SluiceError) return { resolution: undefined, error, steps }
      throw error
    }
  }

  return {
    explain,
    resolve: (name) => {
      const { resolution, error } = explain(name)
      if (resolution === undefined) throw error
      return resolution
    },
    revision: () => registry.revision(),
  }
}

interface Context {
  readonly registry: ModelRegistry
  readonly snapshot: ModelSnapshot
  readonly names: ModelNames
}

interface Match {
  readonly provider: ConfiguredProvider
  readonly model: string
  readonly entry: RegisteredModel | undefined
  readonly detail: string
}

/** A match, or why there is none. */
type Rule = (name: string, context: Context) => Match | string

const rules: readonly (readonly [ResolutionRule, Rule])[] = [
  ['config', byConfig],
  ['provider:model', (name, context) => byAddress(name, ':', context)],
  ['provider/model', (name, context) => byAddress(name, '/', context)],
  ['catalog', byCatalog],
  ['owner', byOwner],
  ['default-provider', byDefaultProvider],
  ['other-providers', byOtherProviders],
]

function applyRules(name: string, context: Context, steps: ResolutionStep[]): Match | undefined {
  for (const [rule, apply] of rules) {
    const outcome = apply(name, context)
    if (typeof outcome !== 'string') {
      steps.push({ rule, outcome: 'matched', detail: outcome.detail })
      return outcome
    }
    steps.push({ rule, outcome: 'passed', detail: outcome })
  }
  return undefined
}

function byConfig(name: string, { snapshot }: Context): Match | string {
  const entry = snapshot.configured.get(name)
  if (entry !== undefined) return matched(entry, `config calls ${entry.id} so`)
  const orphan = snapshot.orphaned.get(name)
  return orphan === undefined
    ? 'no alias in config'
    : `config means ${orphan} by it, but that provider is not configured`
}

function byAddress(name: string, separator: ':' | '/', context: Context): Match | string {
  const { registry, snapshot } = context
  const at = name.indexOf(separator)
  if (at < 1 || at === name.length - 1) return `no "${separator}" that parts provider and model`
  const address = name.slice(0, at)
  const provider = registry.addresses.find(address)
  if (provider === undefined) return `no provider "${address}" is configured`
  const whole = lookUpExactly(name, provider, context)
  if (whole !== undefined) return matched(whole, `${provider.id} lists the whole name`)
  const model = registry.addresses.strip(
    name.slice(at + 1),
    provider,
    (id) => lookUpExactly(id, provider, context) !== undefined,
  )
  const answer = offer(model, provider, context)
  if (answer.entry !== undefined)
    return { ...answer, detail: `${provider.id} is configured and lists ${answer.entry.upstreamId}` }
  const other = snapshot.listed.get(name)
  if (answer.refused && other !== undefined)
    return `${provider.id} does not list "${model}", and ${other.provider.id} lists the whole name`
  if (provider.preset.standIn) return `${provider.id} has no model "${model}"`
  return {
    ...answer,
    detail: `${provider.id} is configured; it is asked, though its list ${answer.refused ? 'lacks' : 'may lack'} the model`,
  }
}

function byCatalog(name: string, { snapshot }: Context): Match | string {
  const entry = snapshot.listed.get(name)
  return entry === undefined
    ? 'no configured provider lists it to the letter'
    : matched(entry, `${entry.provider.id} lists it`)
}

function byOwner(name: string, context: Context): Match | string {
  const bare = bareName(name, context.names)
  const owners = context.registry.providers.filter(
    ({ preset }) => preset.owns !== undefined && fitsPatterns(bare, preset.owns),
  )
  for (const owner of owners) {
    const answer = offer(name, owner, context)
    if (!answer.refused) return { ...answer, detail: `models called so are ${owner.name}'s own` }
  }
  if (owners.length === 0) return 'its family belongs to no configured provider'
  return `its family is ${owners.map(({ id }) => id).join("'s and ")}'s, but the list there lacks it`
}

function byDefaultProvider(name: string, context: Context): Match | string {
  const { registry } = context
  const provider = registry.defaultProvider
  if (provider === undefined)
    return registry.providers.length === 0 ? 'no provider is configured' : 'there is no default provider'
  const model = registry.addresses.strip(name, provider, (id) => lookUpExactly(id, provider, context) !== undefined)
  const answer = offer(model, provider, context)
  if (answer.entry !== undefined)
    return { ...answer, detail: `${provider.id}, the default, lists it as ${answer.entry.upstreamId}` }
  if (answer.refused) return `the list of ${provider.id}, the default, is known and lacks it`
  const vendor = vendorOf(name, context.names)
  const { owns } = provider.preset
  if (owns !== undefined && vendor !== undefined && !fitsPatterns(bareName(name, context.names), owns)) {
    return `${provider.id}, the default, has models of its own, and this is one of ${vendor.vendor}'s`
  }
  return { ...answer, detail: `${provider.id} is the default, and its list is not known; it gets "${answer.model}"` }
}

function byOtherProviders(name: string, context: Context): Match | string {
  const { registry, names } = context
  for (const provider of registry.providers) {
    const answer = offer(name, provider, context)
    if (answer.entry !== undefined)
      return { ...answer, detail: `${provider.id} lists it as ${answer.entry.upstreamId}` }
  }
  const vendor = vendorOf(name, names)
  const host =
    vendor &&
    registry.providers.find((provider) => provider.preset.vendorPrefixed && !offer(name, provider, context).refused)
  if (host === undefined) return 'no other provider lists it, in any form of the name'
  return {
    ...offer(name, host, context),
    detail: `${host.id} has models of ${vendor?.vendor}, and its list is not known`,
  }
}

interface Offer extends Match {
  /** The provider's list is known and lacks the model. */
  readonly refused: boolean
}

/** The model under the name that the provider knows it by, or is likeliest to. */
function offer(name: string, provider: ConfiguredProvider, { snapshot, names }: Context): Offer {
  const { named, list } = snapshot.byProvider.get(provider.id) ?? {
    named: new Map<string, RegisteredModel>(),
    list: undefined,
  }
  const forms = nameForms(name, provider.preset, names)
  for (const form of forms) {
    const entry = named.get(form.toLowerCase())
    if (entry !== undefined) return { ...matched(entry, ''), refused: false }
  }
  for (const form of provider.preset.modelVariants ? forms : []) {
    const colon = form.lastIndexOf(':')
    const entry = colon < 1 ? undefined : named.get(form.slice(0, colon).toLowerCase())
    if (entry !== undefined)
      return { ...matched(entry, ''), model: `${entry.upstreamId}${form.slice(colon)}`, refused: false }
  }
  const [model = name] = forms
  const namespace = model.includes('/') ? '' : (provider.preset.modelNamespace ?? '')
  return {
    provider,
    model: `${namespace}${model}`,
    entry: undefined,
    detail: '',
    refused: list?.authoritative === true,
  }
}

function lookUpExactly(name: string, provider: ConfiguredProvider, { snapshot }: Context): RegisteredModel | undefined {
  const models = snapshot.byProvider.get(provider.id)?.models
  return models?.find(({ id, upstreamId }) => upstreamId === name || id.slice(provider.id.length + 1) === name)
}

function matched(entry: RegisteredModel, detail: string): Match {
  return { provider: entry.provider, model: entry.upstreamId, entry, detail }
}

function defaultModel(context: Context, steps: ResolutionStep[]): Match {
  const { registry, snapshot } = context
  const provider = registry.defaultProvider ?? (registry.providers.length === 1 ? registry.providers[0] : undefined)
  if (registry.providers.length === 0) throw noProvider()
  if (provider === undefined) {
    throw new SluiceError(
      'invalid_request',
      'No model is named, and there is no default provider: name a model, or set default_provider.',
      { param: 'model' },
    )
  }
  const { models = [], list } = snapshot.byProvider.get(provider.id) ?? {}
  const { default: chosen, fallback = [] } = provider.preset.models ?? {}
  const known = [chosen, ...fallback].find((id) => id !== undefined && !offer(id, provider, context).refused)
  const name = provider.defaultModel ?? known ?? models[0]?.upstreamId ?? chosen ?? fallback[0]
  if (name === undefined) {
    const reason = list?.problem === undefined ? '' : ` ${list.problem}`
    throw new SluiceError(
      'invalid_request',
      `No model is named, and none is known of ${provider.name}: name one, or set its default_model.${reason}`,
      { param: 'model' },
    )
  }
  const model = registry.addresses.strip(name, provider, (id) => lookUpExactly(id, provider, context) !== undefined)
  const match = offer(model, provider, context)
  const detail = `no model is named; this is the default of ${provider.id}`
  steps.push({ rule: 'default-model', outcome: 'matched', detail })
  return { ...match, detail }
}

function noProvider(): SluiceError {
  return new SluiceError(
    'no_provider_configured',
    'No AI provider configured. Set a key such as OPENAI_API_KEY, or add a provider to the config.',
  )
}

function notFound(name: string, { registry, snapshot }: Context, presets: readonly Provider[]): SluiceError {
  if (registry.providers.length === 0) return noProvider()
  const candidates = snapshot.models.flatMap(({ id, aliases }) => [...aliases, id])
  const near = nearMatches(
    name,
    candidates.filter((id) => modelNameProblem(id) === undefined),
  )
  const sentences = [
    `No configured provider serves the model "${name}".`,
    near.length === 0 ? undefined : `Did you mean ${near.join(', ').replace(/, ([^,]*)$/, ' or $1')}?`,
    missingProviderHint(name, presets, registry),
  ]
  return new SluiceError('model_not_found', sentences.filter((sentence) => sentence !== undefined).join(' '), {
    param: 'model',
  })
}
