import { detectProviderName } from '../provider-kit/detect-provider.ts'
import { nearMatches } from '../models/near-matches.ts'
import type { Provider } from '../provider-kit/provider.ts'
import { adaptPreset } from './adapt-preset.ts'
import type { ConfigPath } from './config-problem.ts'
import { type Report, readGenericEnvironment, readPresetEnvironment } from './environment.ts'
import type { Environment } from './interpolate.ts'
import type { ProviderOptions, ProviderSettings } from './schema.ts'
import { neededCredentials } from '../provider-kit/auth.ts'
import { withVariant } from '../provider-kit/variants.ts'
import type { Origin, ProviderLayer, Sourced } from './sourced.ts'

/** What is known of a provider before its layers are laid over each other. */
export interface ProviderPlan {
  readonly id: string
  /** With what a config file changes of it. */
  readonly preset: Provider
  readonly displayName: Sourced<string>
  /** What made it this preset. */
  readonly typeOrigin: string
  /** The first that has a setting wins. */
  readonly layers: readonly ProviderLayer[]
  /** Named when the key is missing. */
  readonly keyVariables: readonly string[]
  /** Where it is declared. */
  readonly where: string | undefined
}

export interface PlanContext {
  readonly presets: readonly Provider[]
  readonly environment: Environment
  /** The provider that a base URL belongs to, told by its host. */
  readonly detect: (baseUrl: string) => Provider | undefined
  readonly report: Report
  readonly warn: Report
}

/** Ids and types may be written with `_` for `-`. */
export function findPreset(presets: readonly Provider[], name: string): Provider | undefined {
  const id = canonicalId(name)
  return presets.find((preset) => preset.id === id)
}

export function canonicalId(name: string): string {
  return name.toLowerCase().replaceAll('_', '-')
}

/** `enabled: false`, in either form. */
export function isSwitchedOff(settings: ProviderSettings | null): boolean {
  return (settings?.config?.enabled ?? settings?.enabled) === false
}

/** Plans a provider that is written in config; `undefined` when it is switched off or wrong. */
export function planWritten(
  key: string,
  settings: ProviderSettings | null,
  context: PlanContext,
  origin: Origin,
): ProviderPlan | undefined {
  const { presets, environment, report } = context
  const base: ConfigPath = ['providers', key]
  const at = origin(undefined, base).where
  const problem = (path: ConfigPath, message: string): undefined => {
    const { where } = origin(undefined, path)
    report({ ...(where === undefined ? {} : { where }), path, message })
  }
  if (isSwitchedOff(settings)) return undefined
  const { options, sourced } = flatten(settings ?? {}, base, origin)

  const generic = presets.find((preset) => preset.generic === true)
  const kind =
    findPreset(presets, settings?.type ?? key) ??
    (settings?.type === undefined && options.base_url !== undefined ? generic : undefined)
  if (kind === undefined) {
    const name = settings?.type ?? key
    const meant = nearMatches(
      name,
      presets.map(({ id }) => id),
      1,
    )[0]
    const way = meant === undefined ? '' : ` did you mean ${meant}?`
    return settings?.type === undefined
      ? problem(base, `no provider of this name is known;${way} For one of your own give base_url`)
      : problem([...base, 'type'], `unknown type;${way} \`sluice providers --all\` lists the types`)
  }

  let chosen = kind
  let givenName = sourced('name')
  const nested = settings?.config?.provider
  if (nested !== undefined) {
    const named = findPreset(presets, nested)
    if (named !== undefined) chosen = named
    else if (options.base_url === undefined) {
      const meant = nearMatches(
        nested,
        presets.map(({ id }) => id),
        1,
      )[0]
      return problem(
        [...base, 'config', 'provider'],
        `no provider of this name is known;${meant === undefined ? '' : ` did you mean ${meant}?`} For one of your own give base_url`,
      )
    } else givenName ??= origin(nested, [...base, 'config', 'provider'])
  }

  const id = chosen.id === canonicalId(key) ? chosen.id : key
  const written: ProviderLayer = {
    name: givenName,
    baseUrl: sourced('base_url'),
    ...keysOf(sourced('api_key'), sourced('api_keys')),
    timeout: sourced('timeout'),
    maxRetries: sourced('max_retries'),
    defaultModel: sourced('default_model'),
    headers: group(options.headers, 'headers', sourced),
    settings: group(options.settings, 'settings', sourced),
    credentials: group(options.credentials, 'credentials', sourced),
  }
  const own = chosen.generic === true && id === chosen.id ? [readGenericEnvironment(environment, report).layer] : []
  const plan =
    chosen.generic === true
      ? planGeneric(id, chosen, [written, ...own], options, context)
      : planPreset(id, chosen, [written], options, context)
  const typePath = settings?.type === undefined ? base : [...base, 'type']
  return { ...plan, typeOrigin: origin(undefined, typePath).origin, where: at }
}

/** The first key of all that are written, and the others. */
function keysOf(
  one: Sourced<string> | undefined,
  several: Sourced<readonly string[]> | undefined,
): Pick<ProviderLayer, 'apiKey' | 'moreKeys'> {
  if (several === undefined) return { apiKey: one }
  const [first = '', ...rest] = several.value
  return one === undefined
    ? { apiKey: { ...several, value: first }, moreKeys: { ...several, value: rest } }
    : { apiKey: one, moreKeys: several }
}

/** Plans the providers that the environment configures by itself. */
export function planFromEnvironment(context: PlanContext): ProviderPlan[] {
  const { presets, environment, report, warn, detect } = context
  const plans: ProviderPlan[] = []
  const generic = presets.find((preset) => preset.generic === true)
  let replaced: Provider | undefined
  if (generic !== undefined) {
    const found = readGenericEnvironment(environment, report)
    const plan = planGeneric(generic.id, generic, [found.layer], {}, context)
    const wanted = found.enabled === true || found.layer.baseUrl !== undefined
    const hasKey = plan.layers.some(({ apiKey }) => apiKey !== undefined)
    if (found.enabled !== false && found.variables.length > 0) {
      if (wanted || hasKey) {
        plans.push(plan)
        const standard = generic.baseUrl === undefined ? undefined : detect(generic.baseUrl)
        if (standard?.id === plan.preset.id) replaced = standard
      } else {
        warn({
          path: [],
          message: `${found.variables.join(', ')}: without effect until OPENAI_COMPATIBLE_API_KEY or OPENAI_COMPATIBLE_BASE_URL is set`,
        })
      }
    }
  }
  for (const preset of presets) {
    if (preset === replaced || preset.generic === true) continue
    const layer = readPresetEnvironment(preset, environment, report)
    if (layer === undefined) continue
    if (isConfigured(preset, layer, warn)) plans.push(planPreset(preset.id, preset, [], {}, context))
  }
  return plans
}

function isConfigured(preset: Provider, layer: ProviderLayer, warn: Report): boolean {
  if (preset.local === true) return layer.baseUrl !== undefined || layer.apiKey !== undefined
  const credentials = preset.env?.sharedCredentials === true ? [] : neededCredentials(preset.auth)
  const credential = credentials.map((name) => layer.credentials?.[name]).find((value) => value !== undefined)
  const identified = credentials.length > 0 && credentials.every((name) => layer.credentials?.[name] !== undefined)
  const key = layer.apiKey ?? (identified ? credential : undefined)
  if (key === undefined) {
    if (layer.baseUrl !== undefined) {
      warn({
        where: layer.baseUrl.origin,
        path: [],
        message: `without effect until ${preset.env?.apiKey?.[0] ?? 'a key'} is set`,
      })
    }
    return false
  }
  const where = key.origin
  if (preset.retired !== undefined && layer.baseUrl === undefined) {
    warn({ where, path: [], message: `without effect: ${preset.retired}` })
    return false
  }
  const settingOf = (name: string): string | undefined => layer.settings?.[name]?.value ?? preset.settings?.[name]
  const url = layer.baseUrl?.value ?? withVariant(preset, settingOf).baseUrl
  if (url === undefined) {
    warn({ where, path: [], message: `without effect until ${preset.env?.baseUrl?.[0] ?? 'a base URL'} is set` })
    return false
  }
  const missing = [...url.matchAll(/\{(\w+)\}/g)]
    .map(([, name = '']) => name)
    .find((name) => settingOf(name) === undefined)
  if (missing === undefined) return true
  warn({ where, path: [], message: `without effect until ${preset.env?.settings?.[missing]?.[0] ?? missing} is set` })
  return false
}

/** A provider that is what its base URL says: a known one where the host is known and it speaks the same. */
function planGeneric(
  id: string,
  generic: Provider,
  layers: readonly ProviderLayer[],
  options: ProviderOptions,
  context: PlanContext,
): ProviderPlan {
  const baseUrl = layers.find((layer) => layer.baseUrl !== undefined)?.baseUrl?.value ?? generic.baseUrl ?? ''
  const owner = context.detect(baseUrl)
  const ownVariables = id === generic.id ? (generic.env?.apiKey ?? []) : []
  // A local server is recognised by its port alone, which is too little to take its ways for granted.
  if (
    owner !== undefined &&
    owner.local !== true &&
    owner.retired === undefined &&
    owner.speaks[0] === generic.speaks[0]
  ) {
    const plan = planPreset(id, owner, layers, options, context)
    return { ...plan, keyVariables: [...ownVariables, ...plan.keyVariables] }
  }
  const preset = adaptPreset(generic, options)
  const displayName = nameOf(layers) ?? {
    value: detectProviderName(baseUrl, context.presets),
    origin: 'host of base_url',
  }
  return {
    id,
    preset,
    displayName,
    layers: [...layers, presetLayer(preset)],
    keyVariables: ownVariables,
    typeOrigin: declarationOrigin(layers),
    where: undefined,
  }
}

function planPreset(
  id: string,
  known: Provider,
  layers: readonly ProviderLayer[],
  options: ProviderOptions,
  context: PlanContext,
): ProviderPlan {
  const found = readPresetEnvironment(known, context.environment, context.report)
  const preset = adaptPreset(known, options)
  return {
    id,
    preset,
    displayName: nameOf(layers) ?? { value: preset.name, origin: presetOrigin(preset) },
    layers: [...layers, ...(found === undefined ? [] : [found]), presetLayer(preset)],
    typeOrigin: declarationOrigin([...layers, ...(found === undefined ? [] : [found])]),
    keyVariables: preset.env?.apiKey ?? [],
    where: undefined,
  }
}

function nameOf(layers: readonly ProviderLayer[]): Sourced<string> | undefined {
  return layers.find((layer) => layer.name !== undefined)?.name
}

/** The first setting that makes a provider of the environment one. */
function declarationOrigin(layers: readonly ProviderLayer[]): string {
  const layer = layers.find(({ apiKey, baseUrl }) => apiKey !== undefined || baseUrl !== undefined)
  return (layer?.apiKey ?? layer?.baseUrl)?.origin ?? 'default'
}

function presetOrigin(preset: Provider): string {
  return `preset ${preset.id}`
}

function presetLayer(preset: Provider): ProviderLayer {
  const sourced = <T>(value: T | undefined): Sourced<T> | undefined =>
    value === undefined ? undefined : { value, origin: presetOrigin(preset) }
  const headers = Object.entries(preset.headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    { value, origin: presetOrigin(preset) },
  ])
  return {
    baseUrl: sourced(preset.baseUrl),
    defaultModel: sourced(preset.models?.default ?? preset.models?.fallback[0]),
    headers: Object.fromEntries(headers),
    settings: Object.fromEntries(
      Object.entries(preset.settings ?? {}).map(([name, value]) => [name, { value, origin: presetOrigin(preset) }]),
    ),
  }
}

/** The nested form (`config: { … }`) and the flat one as one; of a setting written twice, the nested one. */
function flatten(
  settings: ProviderSettings,
  base: ConfigPath,
  origin: Origin,
): {
  options: ProviderOptions
  sourced<Key extends keyof ProviderOptions>(
    key: Key,
    below?: string,
  ): Sourced<NonNullable<ProviderOptions[Key]>> | undefined
} {
  const nested = settings.config ?? {}
  const isNested = (key: keyof ProviderOptions): boolean => nested[key] !== undefined
  const options: ProviderOptions = {
    ...settings,
    ...Object.fromEntries(Object.entries(nested).filter(([, value]) => value !== undefined)),
  }
  return {
    options,
    sourced: (key, below) => {
      const value = options[key]
      if (value === undefined || value === null) return undefined
      const path = [...base, ...(isNested(key) ? ['config'] : []), key, ...(below === undefined ? [] : [below])]
      return origin(value, path)
    },
  }
}

function group<Key extends 'headers' | 'settings' | 'credentials'>(
  values: Readonly<Record<string, string>> | null | undefined,
  key: Key,
  sourced: (key: Key, below: string) => Sourced<unknown> | undefined,
): Record<string, Sourced<string>> {
  return Object.fromEntries(
    Object.entries(values ?? {}).map(([name, value]) => [
      key === 'headers' ? name.toLowerCase() : name,
      { ...sourced(key, name), value, origin: sourced(key, name)?.origin ?? '' },
    ]),
  )
}
