import { type AuthScheme, bearer, headerAuth, noAuth, queryAuth } from '../provider-kit/auth.ts'
import type { Provider } from '../provider-kit/provider.ts'
import type { AuthSettings, ProviderOptions } from './schema.ts'

/** The preset with what a config says differently about it. */
export function adaptPreset(preset: Provider, options: ProviderOptions): Provider {
  return Object.freeze({
    ...preset,
    ...present('auth', options.auth === undefined ? undefined : authScheme(options.auth)),
    ...present('speaks', options.speaks),
    ...present('modelsPath', options.models_path),
    ...present('healthPath', options.health_path),
    ...present('modelPrefix', options.model_prefix),
    ...present('modelNamespace', options.model_namespace),
    ...present('vendorPrefixed', options.vendor_prefixed === true ? true : undefined),
    ...present('owns', options.owns),
    ...present('models', options.models === undefined ? undefined : { fallback: options.models }),
  })
}

function present<Key extends keyof Provider>(key: Key, value: Provider[Key] | undefined): Partial<Pick<Provider, Key>> {
  return value === undefined ? {} : ({ [key]: value } as Pick<Provider, Key>)
}

function authScheme(settings: AuthSettings): AuthScheme {
  if (settings === 'bearer') return bearer
  if (settings === 'none') return noAuth
  return settings.type === 'header' ? headerAuth(settings.name, settings.prefix) : queryAuth(settings.name)
}
