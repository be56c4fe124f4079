import {
  type AuthScheme,
  awsSigV4,
  bearer,
  clientCredentials,
  googleAuth,
  headerAuth,
  noAuth,
  queryAuth,
} from '../provider-kit/auth.ts'
import type { Provider, ProviderVariant, Speaks } from '../provider-kit/provider.ts'
import { readQuirk } from '../provider-kit/read-quirk.ts'
import type { AuthSettings, ProviderOptions, SpeaksSettings } from './schema.ts'

/** The preset with what a config says differently about it. */
export function adaptPreset(preset: Provider, options: ProviderOptions): Provider {
  return Object.freeze({
    ...preset,
    ...present('auth', options.auth === undefined ? undefined : authScheme(options.auth)),
    ...present('speaks', options.speaks?.map(speaks)),
    ...present('variants', variants(preset, options)),
    ...present(
      'quirks',
      options.quirks?.map((name) => readQuirk(name)).filter((quirk) => quirk !== undefined),
    ),
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
  switch (settings.type) {
    case 'header':
      return headerAuth(settings.name, settings.prefix)
    case 'query':
      return queryAuth(settings.name)
    case 'aws_sigv4':
      return awsSigV4(settings.service)
    case 'google':
      return googleAuth(settings.scope, bearer)
    case 'client_credentials':
      return clientCredentials(settings.token_url, settings.scope, bearer)
  }
}

function speaks(settings: SpeaksSettings): Speaks {
  if (typeof settings === 'string') return settings
  const { dialect, path, stream_path: streamPath, models } = settings
  return {
    dialect,
    ...(path !== undefined && { path }),
    ...(streamPath !== undefined && { streamPath }),
    ...(models !== undefined && { models }),
  }
}

/** What a config says itself no variant changes. */
function variants(preset: Provider, options: ProviderOptions): readonly ProviderVariant[] | undefined {
  return preset.variants?.map(({ when, baseUrl, speaks: spoken, modelsPath }) => ({
    when,
    baseUrl,
    ...(spoken !== undefined && options.speaks === undefined && { speaks: spoken }),
    ...(modelsPath !== undefined && options.models_path === undefined && { modelsPath }),
  }))
}
