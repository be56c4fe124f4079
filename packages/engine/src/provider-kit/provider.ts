import { type AuthScheme, bearer } from './auth.ts'
import type { Quirk } from './quirk.ts'

/**
 * A provider is data. All that is particular to one stands in its own file in `providers/`; shared code reads
 * these members and never the id.
 */
export interface Provider {
  /** Lower-case, hyphens: `lm-studio`. Names the provider in config, in model names and on the wire. */
  readonly id: string
  readonly name: string
  /** Without a trailing slash; `undefined` where every user has an own one. May hold `{placeholders}` of `env.settings`. */
  readonly baseUrl: string | undefined
  /** Users are told an address without a path, which gets that of `baseUrl`: `AZURE_OPENAI_ENDPOINT`. */
  readonly completesBaseUrl?: true
  /** Values of placeholders where nothing says another. */
  readonly settings?: Readonly<Record<string, string>>
  /** What is different where settings say so; the first that fits counts. */
  readonly variants?: readonly ProviderVariant[]
  readonly auth: AuthScheme
  /** Dialects in order of preference; the first that a caller's dialect equals is relayed without translation. */
  readonly speaks: readonly Speaks[]
  /** How what it takes differs from what its dialects say; applied in order. */
  readonly quirks?: readonly Quirk[]
  /** Hosts, besides that of `baseUrl`, by which a base URL is recognised as this provider's; subdomains count. */
  readonly hosts?: readonly string[]
  /** Other ids it answers to in model names, where no configured provider has such an id. */
  readonly aliases?: readonly string[]
  readonly env?: ProviderEnvironment
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>
  /** Where the list of models is, as a path (see `destinationFor`); `null` when the provider has none. Default `/models`. */
  readonly modelsPath?: string | null
  /** A call that costs nothing and tells whether the key is good. Default: the list of models. */
  readonly healthPath?: string
  /** Cut from the start of listed ids and never sent: `models/`. */
  readonly modelPrefix?: string
  /** Cut from the start of listed ids for the eye, and put back when sent: `accounts/fireworks/models/`. */
  readonly modelNamespace?: string
  /** A listed name may be asked for with a `:variant` that the list does not show: `openai/gpt-6-sol:nitro`. */
  readonly modelVariants?: true
  readonly models?: {
    /** Used when a caller names none. Default: the first of `fallback`. */
    readonly default?: string
    /** Listed when the provider cannot be asked. */
    readonly fallback: readonly string[]
  }
  /** Name patterns of the models that are this provider's own, for bare names: `['gpt-*', '!gpt-oss*']`. */
  readonly owns?: readonly string[]
  /** Understands `models` and `provider` of a request, and chooses by them itself. */
  readonly choosesRoute?: true
  /** Bills every request with audio for so many seconds at the least. */
  readonly minimumAudioSeconds?: number
  /** Its model names are `vendor/name`; bare names get the vendor put before them. */
  readonly vendorPrefixed?: true
  /** Runs on the user's machine: needs no key and is used only when configured or found. */
  readonly local?: true
  /** Stands for any provider of its kind: its base URL is only a default, by which it is not recognised. */
  readonly generic?: true
  /** Serves where nothing real is configured: answers to its own model names only, and after all others. */
  readonly standIn?: true
  /** Why it is no longer offered; still works with a base URL of the user's own. */
  readonly retired?: string
}

/** A dialect's id, or more about it. */
export type Speaks =
  | string
  | {
      readonly dialect: string
      /** Where it is not the dialect's own; as a path of `destinationFor`. `{model}` stands for the model's name. */
      readonly path?: string
      /** The same for requests of a stream. Default: `path`. */
      readonly streamPath?: string
      /** Name patterns of the models that it can be spoken to about. Default: all. */
      readonly models?: readonly string[]
    }

/** What differs of a provider by one of its settings, such as its region. */
export interface ProviderVariant {
  /** Setting → pattern that its value fits, or `null` where it must have none: `{ location: 'global' }`. */
  readonly when: Readonly<Record<string, string | null>>
  readonly baseUrl: string
  readonly speaks?: readonly Speaks[]
  readonly modelsPath?: string | null
}

/** The variables that a provider is configured by. */
export interface ProviderEnvironment {
  /** First match wins: `['GEMINI_API_KEY', 'GOOGLE_API_KEY']`. */
  readonly apiKey?: readonly string[]
  readonly baseUrl?: readonly string[]
  readonly defaultModel?: readonly string[]
  /** Header name → variable that gives its value: `{ 'X-Title': 'OPENROUTER_APP_NAME' }`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Placeholder in `baseUrl` → variables: `{ account: ['CLOUDFLARE_ACCOUNT_ID'] }`. */
  readonly settings?: Readonly<Record<string, readonly string[]>>
  /** Credential of `auth` → variables: `{ access_key_id: ['AWS_ACCESS_KEY_ID'] }`. */
  readonly credentials?: Readonly<Record<string, readonly string[]>>
  /** Those credentials serve many programs: they configure the provider only where a config file names it. */
  readonly sharedCredentials?: true
}

/** What a provider's file says: a `Provider` in which `auth` may be left out where it is `bearer`, as it mostly is. */
export type ProviderRow = Omit<Provider, 'auth'> & { readonly auth?: AuthScheme }

/** Declares a provider. A function so that the row is checked where it stands and mistakes are named there. */
export function defineProvider(row: ProviderRow): Provider {
  return Object.freeze({ auth: bearer, ...row })
}

/** The variables of a provider that names all its own alike: `NAME_API_KEY`, `NAME_BASE_URL`, `NAME_DEFAULT_MODEL`. */
export function variablesOf(name: string, headers: Readonly<Record<string, string>> = {}): ProviderEnvironment {
  return {
    apiKey: [`${name}_API_KEY`],
    baseUrl: [`${name}_BASE_URL`],
    defaultModel: [`${name}_DEFAULT_MODEL`],
    headers,
  }
}
