import { SluiceError } from '@sluice/protocol'
import type { ConfiguredProvider } from '../config/config.ts'
import type { ModelRegistry, ModelSnapshot, RegisteredModel } from './model-registry.ts'
import { type ModelNames, nameForms } from './normalize-model-name.ts'

/** What is known at the moment of asking. */
export interface Known {
  readonly registry: ModelRegistry
  readonly snapshot: ModelSnapshot
  readonly names: ModelNames
}

/** A provider, and a model by the name that this provider knows. */
export interface Match {
  readonly provider: ConfiguredProvider
  readonly model: string
  readonly entry: RegisteredModel | undefined
}

export interface Offer extends Match {
  /** The provider's list is known and lacks the model. */
  readonly refused: boolean
}

/** The model under the name that the provider knows it by, or is likeliest to. */
export function offerModel(name: string, provider: ConfiguredProvider, { snapshot, names }: Known): Offer {
  const { named, list } = snapshot.byProvider.get(provider.id) ?? {}
  const forms = nameForms(name, provider.preset, names)
  for (const form of forms) {
    const entry = named?.get(form.toLowerCase())
    if (entry !== undefined) return { ...matchOf(entry), refused: false }
  }
  for (const form of provider.preset.modelVariants ? forms : []) {
    const colon = form.lastIndexOf(':')
    const entry = colon < 1 ? undefined : named?.get(form.slice(0, colon).toLowerCase())
    if (entry !== undefined)
      return { ...matchOf(entry), model: `${entry.upstreamId}${form.slice(colon)}`, refused: false }
  }
  const [model = name] = forms
  const namespace = model.includes('/') ? '' : (provider.preset.modelNamespace ?? '')
  return { provider, model: `${namespace}${model}`, entry: undefined, refused: list?.authoritative === true }
}

/** The model that a provider is asked for when nobody names one; `undefined` when none is known. */
export function defaultModelOf(provider: ConfiguredProvider, context: Known): Match | undefined {
  const { models = [] } = context.snapshot.byProvider.get(provider.id) ?? {}
  const { default: chosen, fallback = [] } = provider.preset.models ?? {}
  const known = [chosen, ...fallback].find((id) => id !== undefined && !offerModel(id, provider, context).refused)
  const name = provider.defaultModel ?? known ?? models[0]?.upstreamId
  return name === undefined ? undefined : offerModel(withoutAddress(name, provider, context), provider, context)
}

/** Where a provider is to choose, and nothing is known that it could. */
export function noDefaultModel({ id, name }: ConfiguredProvider, { snapshot }: Known): SluiceError {
  const { list } = snapshot.byProvider.get(id) ?? {}
  const reason = list?.problem === undefined ? '' : ` ${list.problem}`
  return new SluiceError(
    'invalid_request',
    `No model is named, and none is known of ${name}: name one, or set its default_model.${reason}`,
    { param: 'model' },
  )
}

/** The model that a provider lists under this name, to the letter. */
export function lookUpExactly(
  name: string,
  provider: ConfiguredProvider,
  { snapshot }: Known,
): RegisteredModel | undefined {
  const models = snapshot.byProvider.get(provider.id)?.models
  return models?.find(({ id, upstreamId }) => upstreamId === name || id.slice(provider.id.length + 1) === name)
}

/** The name without words before it that only address the provider. */
export function withoutAddress(name: string, provider: ConfiguredProvider, known: Known): string {
  return known.registry.addresses.strip(name, provider, (id) => lookUpExactly(id, provider, known) !== undefined)
}

export function matchOf(entry: RegisteredModel): Match {
  return { provider: entry.provider, model: entry.upstreamId, entry }
}
