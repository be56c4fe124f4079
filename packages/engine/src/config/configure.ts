import { SluiceError } from '@sluice/protocol'
import { fillBaseUrl } from '../provider-kit/base-url-template.ts'
import type { Provider } from '../provider-kit/provider.ts'
import { Secret } from '../provider-kit/secret.ts'
import { withVariant } from '../provider-kit/variants.ts'
import type { ConfiguredProvider } from './config.ts'

/** What a preset does not know: the key, and where it is. */
export interface ProviderOptions {
  readonly apiKey?: string | undefined
  /** Default: the preset's. */
  readonly baseUrl?: string | undefined
  /** Its id in model names. Default: the preset's. */
  readonly id?: string | undefined
  /** Used where a request names no model. Default: the preset's. */
  readonly defaultModel?: string | undefined
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Values for the `{placeholders}` of its base URL. */
  readonly settings?: Readonly<Record<string, string>> | undefined
  /** Seconds for an answer to begin, and between its pieces, at most 86400; 0 for no limit. Default 30. */
  readonly timeout?: number | undefined
  /** How often a call is repeated in vain. Default 3. */
  readonly maxRetries?: number | undefined
}

/**
 * A provider with its key, in code: `configure(openai, { apiKey })`. Nothing is read from the environment.
 * @throws SluiceError `invalid_config` for an address that is missing or not whole, and for a timeout that is none.
 */
export function configure(provider: Provider, options: ProviderOptions = {}): ConfiguredProvider {
  const settings = { ...provider.settings, ...options.settings }
  const preset = options.baseUrl === undefined ? withVariant(provider, (name) => settings[name]) : provider
  const { id = preset.id, apiKey, baseUrl = preset.baseUrl, timeout = 30, maxRetries = 3 } = options
  if (baseUrl === undefined)
    throw new SluiceError('invalid_config', `${preset.name} has no address of its own: give \`baseUrl\`.`)
  // Timers take no longer times, and would go off at once.
  if (!(timeout >= 0 && timeout <= 86_400))
    throw new SluiceError('invalid_config', `The timeout of ${preset.name} must be 0 to 86400 seconds.`)
  return Object.freeze({
    id,
    name: preset.name,
    preset,
    baseUrl: fillBaseUrl(baseUrl, settings, preset),
    apiKey: apiKey === undefined ? undefined : new Secret(apiKey),
    auth: preset.auth,
    headers: Object.freeze({ ...preset.headers, ...options.headers }),
    timeout: Math.round(timeout * 1000),
    maxRetries,
    defaultModel: options.defaultModel,
  })
}
