import { SluiceError } from '@sluice/protocol'
import { findPreset } from '../../config/plan-providers.ts'
import { type ModelVendor, modelSynonyms, modelVendors } from '../../models/model-vendors.ts'
import { nameForms, vendorOf } from '../../models/normalize-model-name.ts'
import type { Provider } from '../../provider-kit/provider.ts'
import { providers as presets } from '../../providers.generated.ts'

/** How names of one model differ from provider to provider: what the engine maps by, as data. */
export interface ModelMapper {
  /** Who makes a family of models, and how its names look. */
  readonly vendors: readonly ModelVendor[]
  /** Groups of names of one model. */
  readonly aliases: readonly (readonly string[])[]
  /** `openai` for `gpt-6-sol` and `openai/gpt-6-sol`; `undefined` for a name of no known family. */
  vendorOf(model: string): string | undefined
  /**
   * The names under which a provider may know a model, likeliest first.
   * @param provider a provider's id, or one that `defineProvider` made.
   * @throws SluiceError `provider_not_found`
   */
  namesAt(model: string, provider: string | Provider): readonly string[]
  /**
   * The name that a provider is to be asked by: the first that it lists, else the likeliest.
   * @param listed what it lists. Default: what Sluice brings along of that.
   * @throws SluiceError `provider_not_found`
   */
  toProvider(model: string, provider: string | Provider, listed?: readonly string[]): string
}

/** The names that the engine itself maps by. */
export const ModelMapper: ModelMapper = Object.freeze({
  vendors: modelVendors,
  aliases: modelSynonyms,
  vendorOf: (model) => vendorOf(model)?.vendor,
  namesAt: (model, provider) => nameForms(model, presetOf(provider)),
  toProvider(model, provider, listed) {
    const preset = presetOf(provider)
    const names = nameForms(model, preset)
    const known = new Set(listed ?? preset.models?.fallback)
    return names.find((name) => known.has(name)) ?? names[0] ?? model
  },
} satisfies ModelMapper)

function presetOf(provider: string | Provider): Provider {
  const preset = typeof provider === 'string' ? findPreset(presets, provider) : provider
  if (preset !== undefined) return preset
  throw new SluiceError('provider_not_found', `Sluice has no provider "${provider as string}".`, { param: 'provider' })
}
