import { nearMatches } from '../models/near-matches.ts'
import type { Provider } from '../provider-kit/provider.ts'
import { type Preference, type Report, readPreference } from './environment.ts'
import { automaticOrder } from './environment-variables.ts'
import type { Environment } from './interpolate.ts'
import { canonicalId, findPreset, type ProviderPlan } from './plan-providers.ts'
import type { Sourced } from './sourced.ts'

export interface DefaultProviderQuestion {
  /** `default_provider` of the config. */
  readonly written: Sourced<string> | undefined
  readonly environment: Environment
  readonly plans: readonly ProviderPlan[]
  readonly presets: readonly Provider[]
  readonly report: Report
}

/**
 * The default provider's id: what config says, else what the environment prefers, else the only one that is
 * configured; `undefined` when none of these tells.
 */
export function chooseDefaultProvider(question: DefaultProviderQuestion): Sourced<string> | undefined {
  const { written, environment, plans, presets, report } = question
  if (written !== undefined) {
    const id = idOf(written.value, plans, presets)
    if (id !== undefined) return { ...written, value: id }
    report({
      ...(written.where === undefined ? {} : { where: written.where }),
      path: ['default_provider'],
      message: notConfigured(written.value, plans, presets),
    })
    return undefined
  }
  const real = plans.filter(({ preset }) => preset.standIn !== true)
  const preference = readPreference(environment)
  if (preference === undefined) {
    const [only] = real
    return only !== undefined && real.length === 1 ? { value: only.id, origin: 'the only provider' } : undefined
  }
  if (preference.value.toLowerCase() === 'auto') {
    const preferred = automaticOrder
      .map((id) => real.find(({ preset }) => preset.id === id))
      .find((plan) => plan !== undefined)
    const chosen = preferred ?? real[0]
    return chosen === undefined ? undefined : { value: chosen.id, origin: `${preference.origin} (auto)` }
  }
  const id = preferredPlan(preference, plans, presets)?.id ?? idOf(preference.value, plans, presets)
  if (id !== undefined) return { value: id, origin: preference.origin }
  report({ where: preference.origin, path: [], message: notConfigured(preference.value, plans, presets) })
  return undefined
}

/** The generic provider and the one that its default base URL belongs to go by each other's names. */
function preferredPlan(
  preference: Preference,
  plans: readonly ProviderPlan[],
  presets: readonly Provider[],
): ProviderPlan | undefined {
  const generic = presets.find((preset) => preset.generic === true)
  const twin = presets.find(
    (preset) => preset.generic !== true && preset.baseUrl !== undefined && preset.baseUrl === generic?.baseUrl,
  )
  const name = canonicalId(preference.value)
  const viaGeneric = name === generic?.id || (name === twin?.id && preference.genericFirst)
  if (generic === undefined || twin === undefined || !viaGeneric) return named(name, plans)
  return named(generic.id, plans) ?? named(twin.id, plans)
}

/** A stand-in needs no configuration: whoever runs the engine adds it. */
function idOf(name: string, plans: readonly ProviderPlan[], presets: readonly Provider[]): string | undefined {
  const preset = findPreset(presets, name)
  return named(name, plans)?.id ?? (preset?.standIn === true ? preset.id : undefined)
}

function named(name: string, plans: readonly ProviderPlan[]): ProviderPlan | undefined {
  return (
    plans.find(({ id }) => id === name) ??
    plans.find(({ id }) => canonicalId(id) === canonicalId(name)) ??
    plans.find(({ preset }) => preset.id === canonicalId(name))
  )
}

function notConfigured(name: string, plans: readonly ProviderPlan[], presets: readonly Provider[]): string {
  const shown = /^[\w.-]{1,40}$/.test(name) ? name : 'a provider'
  const preset = findPreset(presets, name)
  const [variable] = preset?.env?.apiKey ?? preset?.env?.baseUrl ?? []
  if (variable !== undefined) return `names ${shown}, which is not configured; set ${variable}, or add it to providers`
  const ids = plans.map(({ id }) => id)
  const meant = nearMatches(name, [...ids, ...presets.map(({ id }) => id)], 1)[0]
  const way =
    meant === undefined ? `configured: ${ids.length === 0 ? 'none' : ids.join(', ')}` : `did you mean ${meant}?`
  return `names ${shown}, which is no configured provider; ${way}`
}
