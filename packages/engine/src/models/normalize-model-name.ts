import type { Provider } from '../provider-kit/provider.ts'
import { type ModelVendor, modelSynonyms, modelVendors } from './model-vendors.ts'
import { fitsPatterns } from './name-pattern.ts'

/** How names of one model differ from place to place: data, which users may extend. */
export interface ModelNames {
  readonly vendors: readonly ModelVendor[]
  /** Groups of names of one model. */
  readonly synonyms: readonly (readonly string[])[]
}

/** The vendors and other spellings that names are known by. */
export const modelNames: ModelNames = { vendors: modelVendors, synonyms: modelSynonyms }

/** The vendor of a bare name (`gpt-6-sol`) or of a name that begins with it (`openai/gpt-6-sol`). */
export function vendorOf(name: string, names: ModelNames = modelNames): ModelVendor | undefined {
  const slash = name.indexOf('/')
  if (slash === -1) return names.vendors.find((row) => fitsPatterns(name, row.names))
  const prefix = name.slice(0, slash).toLowerCase()
  return names.vendors.find((row) => row.vendor === prefix || row.spellings?.includes(prefix))
}

/** The name without its vendor, where what stands before the slash is one: `openai/gpt-6-sol` → `gpt-6-sol`. */
export function bareName(name: string, names: ModelNames = modelNames): string {
  return name.includes('/') && vendorOf(name, names) !== undefined ? name.slice(name.indexOf('/') + 1) : name
}

/**
 * The forms in which a provider may know a model, likeliest first; the first is what it is sent when its list
 * is not known. A provider with `vendorPrefixed` gets `openai/gpt-6-sol` for `gpt-6-sol`, one that owns the
 * family gets `gpt-6-sol` for `openai/gpt-6-sol`; the others get the name as it was written.
 */
export function nameForms(name: string, provider: Provider, names: ModelNames = modelNames): readonly string[] {
  const bare = bareName(name, names)
  const vendor = name.includes('/') ? undefined : vendorOf(name, names)?.vendor
  const forms = new Set<string>()
  if (provider.vendorPrefixed && vendor !== undefined) forms.add(`${vendor}/${name}`)
  if (provider.owns !== undefined && fitsPatterns(bare, provider.owns)) forms.add(bare)
  forms.add(name).add(bare)
  for (const group of names.synonyms) {
    if (group.some((synonym) => forms.has(synonym))) for (const synonym of group) forms.add(synonym)
  }
  return [...forms]
}
