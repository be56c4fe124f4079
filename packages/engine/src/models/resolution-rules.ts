import type { RegisteredModel } from './model-registry.ts'
import { fitsPatterns } from './name-pattern.ts'
import { bareName, vendorOf } from './normalize-model-name.ts'
import {
  defaultModelOf,
  type Known,
  lookUpExactly,
  type Match,
  matchOf,
  noDefaultModel,
  offerModel,
  withoutAddress,
} from './offer-model.ts'
import type { ResolutionRule } from './resolution.ts'

/** A match and why it is one, or why there is none. */
type RuleOutcome = (Match & { readonly detail: string }) | string

type Rule = (name: string, context: Known) => RuleOutcome

/** In their order; `createModelResolver` says what each is. */
export const resolutionRules: readonly (readonly [ResolutionRule, Rule])[] = [
  ['config', byConfig],
  ['provider:model', (name, context) => byAddress(name, ':', context)],
  ['provider/model', (name, context) => byAddress(name, '/', context)],
  ['catalog', byCatalog],
  ['provider', byProvider],
  ['owner', byOwner],
  ['default-provider', byDefaultProvider],
  ['other-providers', byOtherProviders],
]

function byConfig(name: string, { snapshot }: Known): RuleOutcome {
  const entry = snapshot.configured.get(name)
  if (entry !== undefined) return matched(entry, `config calls ${entry.id} so`)
  const orphan = snapshot.orphaned.get(name)
  return orphan === undefined
    ? 'no alias in config'
    : `config means ${orphan} by it, but that provider is not configured`
}

function byAddress(name: string, separator: ':' | '/', context: Known): RuleOutcome {
  const { registry, snapshot } = context
  const at = name.indexOf(separator)
  if (at < 1 || at === name.length - 1) return `no "${separator}" that parts provider and model`
  const address = name.slice(0, at)
  const provider = registry.addresses.find(address)
  if (provider === undefined) return `no provider "${address}" is configured`
  const whole = lookUpExactly(name, provider, context)
  if (whole !== undefined) return matched(whole, `${provider.id} lists the whole name`)
  const model = withoutAddress(name.slice(at + 1), provider, context)
  const answer = offerModel(model, provider, context)
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

function byCatalog(name: string, { snapshot }: Known): RuleOutcome {
  const entry = snapshot.listed.get(name)
  return entry === undefined
    ? 'no configured provider lists it to the letter'
    : matched(entry, `${entry.provider.id} lists it`)
}

function byProvider(name: string, context: Known): RuleOutcome {
  const provider = context.registry.addresses.find(name)
  if (provider === undefined) return 'no configured provider is called so'
  const match = defaultModelOf(provider, context)
  // Whoever names a provider wants nobody else.
  if (match === undefined) throw noDefaultModel(provider, context)
  return { ...match, detail: `${provider.id} is configured, and ${match.model} is its default model` }
}

function byOwner(name: string, context: Known): RuleOutcome {
  const bare = bareName(name, context.names)
  const owners = context.registry.providers.filter(
    ({ preset }) => preset.owns !== undefined && fitsPatterns(bare, preset.owns),
  )
  for (const owner of owners) {
    const answer = offerModel(name, owner, context)
    if (!answer.refused) return { ...answer, detail: `models called so are ${owner.name}'s own` }
  }
  if (owners.length === 0) return 'its family belongs to no configured provider'
  return `its family is ${owners.map(({ id }) => id).join("'s and ")}'s, but the list there lacks it`
}

function byDefaultProvider(name: string, context: Known): RuleOutcome {
  const { registry } = context
  const provider = registry.defaultProvider
  if (provider === undefined)
    return registry.providers.length === 0 ? 'no provider is configured' : 'there is no default provider'
  const model = withoutAddress(name, provider, context)
  const answer = offerModel(model, provider, context)
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

function byOtherProviders(name: string, context: Known): RuleOutcome {
  const { registry, names } = context
  for (const provider of registry.providers) {
    const answer = offerModel(name, provider, context)
    if (answer.entry !== undefined)
      return { ...answer, detail: `${provider.id} lists it as ${answer.entry.upstreamId}` }
  }
  const vendor = vendorOf(name, names)
  const host =
    vendor &&
    registry.providers.find(
      (provider) => provider.preset.vendorPrefixed && !offerModel(name, provider, context).refused,
    )
  if (host === undefined) return 'no other provider lists it, in any form of the name'
  return {
    ...offerModel(name, host, context),
    detail: `${host.id} has models of ${vendor?.vendor}, and its list is not known`,
  }
}

function matched(entry: RegisteredModel, detail: string): RuleOutcome {
  return { ...matchOf(entry), detail }
}
