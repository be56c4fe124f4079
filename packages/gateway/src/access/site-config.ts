import { SluiceError } from '@sluice/protocol'
import { buildConfig, type Config, type ConfiguredProvider, type Provider, type Secret } from 'sluice'

/** Which providers the requests of a site use. */
export interface SiteSettings {
  /** `auto`, or a preset's id. */
  readonly provider: string
  readonly defaultModel: string | undefined
  /** By preset's id. */
  readonly keys: ReadonlyMap<string, Secret>
}

/** What `auto` takes first. */
const automaticOrder: readonly string[] = ['openrouter', 'openai', 'anthropic']

/** Providers that need nothing but a key, at an address that is theirs: no site names an address. */
export function isForSites({ baseUrl, local, generic, standIn, auth }: Provider): boolean {
  const fixed = baseUrl?.startsWith('https://') === true && !baseUrl.includes('{')
  return fixed && local !== true && generic !== true && standIn !== true && auth.type !== 'none'
}

/**
 * The gateway's configuration as a site sees it: requests go to the provider that it chose, with its own key where it
 * has one; with `auto` to those that it has keys for, and to the gateway's where it has none.
 *
 * @throws SluiceError `invalid_request` for a provider that there is not.
 */
export function siteConfig(config: Config, presets: readonly Provider[], settings: SiteSettings): Config {
  const own = ownProviders(settings.keys, presets).map((one) => asOperatedHere(one, config))
  const { provider: chosen } = settings
  const all = [...own, ...config.providers.filter(({ id }) => !own.some((one) => one.id === id))]
  const usable = chosen === 'auto' ? (own.length > 0 ? own : all) : all.filter(({ id }) => id === chosen)
  const first = defaultOf(usable, own.length > 0 ? undefined : config.defaultProvider)
  if (first === undefined) {
    throw new SluiceError(
      'invalid_request',
      `The provider "${chosen}" is not configured at this gateway, and the site has no key for it. Give one in \`keys\`.`,
      { param: 'provider' },
    )
  }
  const { defaultModel } = settings
  const providers = usable.map((one) => (one === first && defaultModel !== undefined ? { ...one, defaultModel } : one))
  const isUsable = (model: string): boolean => providers.some(({ id }) => model.startsWith(`${id}/`))
  return Object.freeze({
    ...config,
    providers: Object.freeze(providers),
    defaultProvider: first.id,
    models: config.models.filter(({ id }) => isUsable(id)),
  })
}

function ownProviders(keys: ReadonlyMap<string, Secret>, presets: readonly Provider[]): readonly ConfiguredProvider[] {
  if (keys.size === 0) return []
  const written = [...keys].map(([id, key]) => {
    const preset = presets.find((one) => one.id === id)
    if (preset === undefined || !isForSites(preset))
      throw new SluiceError('invalid_request', `"${id}" is no provider that a site can bring a key for.`, {
        param: 'keys',
      })
    // A text of config may refer to the environment, which is none of a site's business.
    return [id, { api_key: key.reveal().replaceAll('$', '$$$$') }] as const
  })
  try {
    return buildConfig({ presets, input: { environment_providers: false, providers: Object.fromEntries(written) } })
      .providers
  } catch (error) {
    // It is the site's key that is wrong, not the gateway's configuration.
    const problem = error instanceof Error ? error.message.replace(/^.*?: providers\./, '') : 'not a key'
    throw new SluiceError('invalid_request', problem, { param: 'keys', cause: error })
  }
}

/**
 * Where a provider is and how long it is waited for is the operator's to say, for sites too; the headers are not taken
 * over, since they may name the operator's account.
 */
function asOperatedHere(own: ConfiguredProvider, { providers }: Config): ConfiguredProvider {
  const operators = providers.find(({ id, preset }) => id === own.id && preset.id === own.preset.id)
  if (operators === undefined) return own
  const { baseUrl, timeout, maxRetries } = operators
  return { ...own, baseUrl, timeout, maxRetries }
}

function defaultOf(usable: readonly ConfiguredProvider[], usual: string | undefined): ConfiguredProvider | undefined {
  const named = (id: string): ConfiguredProvider | undefined => usable.find((one) => one.id === id)
  const automatic = automaticOrder.map(named).find((one) => one !== undefined)
  return (usual === undefined ? undefined : named(usual)) ?? automatic ?? usable[0]
}
