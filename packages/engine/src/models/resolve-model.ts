import { SluiceError } from '@sluice/protocol'
import type { ConfiguredProvider } from '../config/config.ts'
import type { Provider } from '../provider-kit/provider.ts'
import { bySelector, isSelector } from './by-selector.ts'
import { missingProviderHint } from './missing-provider-hint.ts'
import type { ModelRegistry } from './model-registry.ts'
import { modelSelectors } from './model-selectors.ts'
import { nearMatches } from './near-matches.ts'
import { modelNames, type ModelNames } from './normalize-model-name.ts'
import { defaultModelOf, type Known, type Match, noDefaultModel } from './offer-model.ts'
import { resolutionRules } from './resolution-rules.ts'
import type { Explanation, Resolution, ResolutionStep } from './resolution.ts'
import { modelNameProblem, sanitizeModelName } from './sanitize-model-name.ts'

/** Finds the provider and model that a name means. */
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

/** What names are looked up in. */
export interface ModelResolverOptions {
  readonly registry: ModelRegistry
  /** Presets to name in hints when a provider is missing. */
  readonly presets?: readonly Provider[]
  readonly names?: ModelNames
  /** Config's `tiers` and `tasks`, laid over the built-in ones: `tier:fast` → names of models. */
  readonly selectors?: ReadonlyMap<string, readonly string[]>
}

/**
 * Finds the provider of a model's name and the name that this provider knows it by. Synchronous, without
 * waiting for any list; the same answer for the same name as long as `revision` stays. The rules, in order:
 *
 * 0. `tier-or-task`: `tier:fast`, `task:code` stand for models of config's choice, else for the first of a
 *    built-in list that a provider has, the most preferred provider first.
 * 1. `config`: an alias or id of config's `models:`, to the letter.
 * 2. `provider:model`, 3. `provider/model`: where that provider is configured. It is asked even for a model
 *    that its list lacks (the way to reach one that is not listed), unless another provider lists the whole
 *    name: `mistral:7b` may be Ollama's, `openai/gpt-oss-120b` Groq's.
 * 4. `catalog`: a name to the letter as a configured provider lists it; the default provider's list goes first.
 * 5. `provider`: a provider's own name stands for its default model: switching provider is one word. Where none is
 *    known, nobody else is asked.
 * 6. `owner`: a family's maker, by name: `gpt-…` → OpenAI, also written `openai/gpt-…`; unless its list is
 *    known and lacks the model.
 * 7. `default-provider`: with the name in the form that this provider uses. **A provider whose list is known
 *    and lacks the model is not asked**: a mistyped name is answered at once, with near matches, and costs no
 *    call. While the list is not known (there is none, it was not fetched yet, the provider is down), any name
 *    is sent, except one of another vendor's family to a provider that has families of its own.
 * 8. `other-providers`: the model under another form of its name, at whoever lists it (`claude-sonnet-5` is
 *    OpenRouter's `anthropic/claude-sonnet-5`).
 *
 * A stand-in (`demo`) answers to its own models only, after all others. Without a name, it is the default
 * provider's default model.
 */
export function createModelResolver(options: ModelResolverOptions): ModelResolver {
  const { registry, names = modelNames, selectors = new Map() } = options
  const context = (): Known => ({ registry, snapshot: registry.snapshot(), names })

  const explain = (name?: string): Explanation => {
    const steps: ResolutionStep[] = []
    try {
      const match =
        name === undefined
          ? defaultModel(context(), steps)
          : resolveName(sanitizeModelName(name), context(), selectors, steps)
      if (match !== undefined) {
        const { provider, model, entry } = match
        return { resolution: { provider, model, entry, steps }, error: undefined, steps }
      }
      return { resolution: undefined, error: notFound(name ?? '', context(), options), steps }
    } catch (error) {
      if (error instanceof SluiceError) return { resolution: undefined, error, steps }
      throw error
    }
  }

  return {
    explain,
    resolve: (name) => {
      const { resolution, error } = explain(name)
      if (error !== undefined) throw error
      return resolution
    },
    revision: () => registry.revision(),
  }
}

function resolveName(
  name: string,
  context: Known,
  selectors: ReadonlyMap<string, readonly string[]>,
  steps: ResolutionStep[],
): Match | undefined {
  if (isSelector(name)) {
    const outcome = bySelector(name, {
      ...context,
      chosen: selectors,
      builtIn: modelSelectors,
      resolve: (choice) => {
        const tried: ResolutionStep[] = []
        const match = modelNameProblem(choice) === undefined ? applyRules(choice, context, tried) : undefined
        return match && { ...match, detail: tried.at(-1)?.detail ?? '' }
      },
      fallback: () => findDefaultModel(context),
    })
    if (typeof outcome !== 'string') {
      steps.push({ rule: 'tier-or-task', outcome: 'matched', detail: outcome.detail })
      return outcome
    }
    // No provider has a model called so, and none is to be asked for one.
    steps.push({ rule: 'tier-or-task', outcome: 'passed', detail: outcome })
    return undefined
  }
  return applyRules(name, context, steps)
}

function applyRules(name: string, context: Known, steps: ResolutionStep[]): Match | undefined {
  for (const [rule, apply] of resolutionRules) {
    const outcome = apply(name, context)
    if (typeof outcome !== 'string') {
      steps.push({ rule, outcome: 'matched', detail: outcome.detail })
      return outcome
    }
    steps.push({ rule, outcome: 'passed', detail: outcome })
  }
  return undefined
}

function defaultModel(context: Known, steps: ResolutionStep[]): Match {
  const { registry } = context
  if (registry.providers.length === 0) throw noProvider()
  const provider = providerOfDefault(context)
  if (provider === undefined) {
    throw new SluiceError(
      'invalid_request',
      'No model is named, and there is no default provider: name a model or a provider, or set default_provider, in the environment AI_PROVIDER (`auto`: OpenRouter, else OpenAI, else Anthropic, else the first).',
      { param: 'model' },
    )
  }
  const match = findDefaultModel(context)
  if (match === undefined) throw noDefaultModel(provider, context)
  const detail = `no model is named; this is the default of ${provider.id}`
  steps.push({ rule: 'default-model', outcome: 'matched', detail })
  return match
}

function providerOfDefault({ registry }: Known): ConfiguredProvider | undefined {
  return registry.defaultProvider ?? (registry.providers.length === 1 ? registry.providers[0] : undefined)
}

function findDefaultModel(context: Known): Match | undefined {
  const provider = providerOfDefault(context)
  return provider && defaultModelOf(provider, context)
}

function noProvider(hint = 'Set a key such as OPENAI_API_KEY, or add a provider to the config.'): SluiceError {
  return new SluiceError('no_provider_configured', `No AI provider configured. ${hint}`)
}

function notFound(
  name: string,
  { registry, snapshot }: Known,
  { presets = [], selectors }: ModelResolverOptions,
): SluiceError {
  const hint = missingProviderHint(name, presets, registry)
  if (registry.providers.length === 0) return noProvider(hint)
  const known = new Set([...modelSelectors.keys(), ...(selectors?.keys() ?? [])])
  if (isSelector(name) && !known.has(name)) {
    const kind = name.slice(0, name.indexOf(':') + 1)
    const there = [...known].filter((one) => one.startsWith(kind)).join(', ')
    return new SluiceError('model_not_found', `There is no "${name}": there are ${there}.`, { param: 'model' })
  }
  const candidates = snapshot.models.flatMap(({ id, aliases }) => [...aliases, id])
  const near = nearMatches(
    name,
    candidates.filter((id) => modelNameProblem(id) === undefined),
  )
  const sentences = [
    `No configured provider serves the model "${name}".`,
    near.length === 0 ? undefined : `Did you mean ${near.join(', ').replace(/, ([^,]*)$/, ' or $1')}?`,
    hint,
  ]
  return new SluiceError('model_not_found', sentences.filter((sentence) => sentence !== undefined).join(' '), {
    param: 'model',
  })
}
