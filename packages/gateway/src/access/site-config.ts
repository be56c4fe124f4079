import { SluiceError } from '@sluice/protocol'
import {
  buildConfig,
  type Config,
  type ConfiguredProvider,
  type Provider,
  type ProviderInput,
  type Secret,
} from 'sluice'
import type { SiteProvider } from './site-provider.ts'

/** Which providers the requests of a site use. */
export interface SiteSettings {
  /** `auto`, or a preset's id. */
  readonly provider: string
  readonly defaultModel: string | undefined
  /** Where the provider is, which is then not `auto`: an address that a tenant names, and not the operator. */
  readonly baseUrl: string | undefined
  /** By preset's id. */
  readonly keys: ReadonlyMap<string, Secret>
}

/** What `auto` takes first. */
const automaticOrder: readonly string[] = ['openrouter', 'openai', 'anthropic']

/** Providers that need nothing but a key, at an address that is theirs. */
export function isForSites({ baseUrl, local, generic, standIn, auth }: Provider): boolean {
  const fixed = baseUrl?.startsWith('https://') === true && !baseUrl.includes('{')
  return fixed && local !== true && generic !== true && standIn !== true && auth.type !== 'none'
}

/** Providers that are wherever somebody runs them, or may be: a site can say where. */
export function mayBeElsewhere({ standIn }: Provider): boolean {
  return standIn !== true
}

/**
 * The gateway's configuration as a site sees it: requests go to the provider that it chose, with its own key where it
 * has one; with `auto` to those that it has keys for, and to the gateway's where it has none. To an address of its own
 * they go with its own key or none, and to nothing else.
 *
 * @throws SluiceError `invalid_request` for a provider that there is not.
 */
export function siteConfig(config: Config, presets: readonly Provider[], settings: SiteSettings): Config {
  const { provider: chosen, baseUrl } = settings
  const own = ownProviders(settings, presets).map((one) =>
    one.id === chosen && baseUrl !== undefined ? { ...one, ofSite: 'address' as const } : asOperatedHere(one, config),
  )
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

function ownProviders(
  { provider, baseUrl, keys }: SiteSettings,
  presets: readonly Provider[],
): readonly SiteProvider[] {
  const written = [...keys].map(([id, key]): [string, ProviderInput] => {
    const preset = presets.find((one) => one.id === id)
    const elsewhere = id === provider && baseUrl !== undefined
    if (preset === undefined || !(elsewhere || isForSites(preset)))
      throw new SluiceError(
        'invalid_request',
        `"${id}" is no provider that a site can bring a key for, unless it is its \`provider\` and has a \`base_url\`.`,
        { param: 'keys' },
      )
    return [id, { api_key: literally(key.reveal()) }]
  })
  if (baseUrl !== undefined) {
    const preset = presets.find((one) => one.id === provider)
    if (preset === undefined || !mayBeElsewhere(preset))
      throw new SluiceError(
        'invalid_request',
        'An address is that of one provider: say which in `provider`, such as openai-compatible.',
        { param: 'provider' },
      )
    const at = written.findIndex(([id]) => id === provider)
    const entry: [string, ProviderInput] = [provider, { ...written[at]?.[1], base_url: literally(baseUrl) }]
    if (at < 0) written.push(entry)
    else written[at] = entry
  }
  if (written.length === 0) return []
  try {
    const input = { environment_providers: false, providers: Object.fromEntries(written) }
    return buildConfig({ presets, input }).providers.map((one) => ({ ...one, ofSite: 'key' as const }))
  } catch (error) {
    // It is the site's key that is wrong, not the gateway's configuration.
    const problem = error instanceof Error ? error.message.replace(/^.*?: providers\./, '') : 'not a key'
    const param = problem.includes('.base_url:') ? 'base_url' : 'keys'
    throw new SluiceError('invalid_request', problem, { param, cause: error })
  }
}

/** A text of config may refer to the environment, which is none of a site's business. */
function literally(text: string): string {
  return text.replaceAll('$', '$$$$')
}

/**
 * Where a provider is and how long it is waited for is the operator's to say, for sites too; the headers are not taken
 * over, since they may name the operator's account.
 */
function asOperatedHere(own: SiteProvider, { providers }: Config): SiteProvider {
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
