import type { Secret } from './secret.ts'

/** How a key travels. Data, so that a config file can say it too. */
export type KeyScheme =
  | { readonly type: 'bearer' }
  /** `name` in lower case; `prefix` stands before the key. */
  | { readonly type: 'header'; readonly name: string; readonly prefix?: string }
  | { readonly type: 'query'; readonly name: string }
  | { readonly type: 'none' }

/**
 * What takes more than a key: each call is signed, or a token is fetched for many. `key` is how an API key travels
 * where there is one instead; it then needs no credentials.
 */
export type IdentityScheme =
  /** Signature Version 4. Credentials `access_key_id`, `secret_access_key`, `session_token?`; setting `region`. */
  | { readonly type: 'aws-sigv4'; readonly service: string; readonly key: KeyScheme }
  /** Credential `service_account`: the JSON text of a credentials file, or the path of one. */
  | { readonly type: 'google'; readonly scope: string; readonly key: KeyScheme }
  /**
   * OAuth 2.0 client credentials (RFC 6749, section 4.4). Credentials `client_id`, `client_secret` and the
   * `{placeholders}` of `tokenUrl`.
   */
  | { readonly type: 'client-credentials'; readonly tokenUrl: string; readonly scope: string; readonly key: KeyScheme }

/** How a provider knows who calls. */
export type AuthScheme = KeyScheme | IdentityScheme

/** Who we are to one provider, where that takes more than a key. One object a provider, for as long as it is configured. */
export interface Identity {
  readonly scheme: IdentityScheme
  readonly credentials: Readonly<Record<string, Secret>>
  /** Of the base URL: `region`. */
  readonly settings: Readonly<Record<string, string>>
}

/** `authorization: Bearer KEY`. */
export const bearer: KeyScheme = Object.freeze({ type: 'bearer' })
/** Nothing is sent. */
export const noAuth: KeyScheme = Object.freeze({ type: 'none' })

/** The key in a header of this name, after a prefix. */
export function headerAuth(name: string, prefix = ''): KeyScheme {
  return Object.freeze({ type: 'header', name: name.toLowerCase(), prefix })
}

/** The key in the query, under this name. */
export function queryAuth(name: string): KeyScheme {
  return Object.freeze({ type: 'query', name })
}

/** Calls are signed for this service of AWS; where only a key is given, it is sent as `key` says. */
export function awsSigV4(service: string, key: KeyScheme = bearer): IdentityScheme {
  return Object.freeze({ type: 'aws-sigv4', service, key })
}

/** A token of Google Cloud for this scope, from a service account; where only a key is given, it is sent as `key` says. */
export function googleAuth(scope: string, key: KeyScheme): IdentityScheme {
  return Object.freeze({ type: 'google', scope, key })
}

/** A token from this address by OAuth's client credentials; where only a key is given, it is sent as `key` says. */
export function clientCredentials(tokenUrl: string, scope: string, key: KeyScheme): IdentityScheme {
  return Object.freeze({ type: 'client-credentials', tokenUrl, scope, key })
}

/** How an API key travels by a scheme. */
export function keySchemeOf(scheme: AuthScheme): KeyScheme {
  return 'key' in scheme ? scheme.key : scheme
}

/** The credentials that a scheme cannot do without, by the names that config and `env.credentials` use. */
export function neededCredentials(scheme: AuthScheme): readonly string[] {
  switch (scheme.type) {
    case 'aws-sigv4':
      return ['access_key_id', 'secret_access_key']
    case 'google':
      return ['service_account']
    case 'client-credentials':
      return [...[...scheme.tokenUrl.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name), 'client_id', 'client_secret']
    default:
      return []
  }
}

/** What a key adds to a call; nothing when there is none. */
export function authorize(
  scheme: AuthScheme,
  key: Secret | undefined,
): { header?: [string, string]; query?: [string, string] } {
  const by = keySchemeOf(scheme)
  if (key === undefined || by.type === 'none') return {}
  switch (by.type) {
    case 'bearer':
      return { header: ['authorization', `Bearer ${key.reveal()}`] }
    case 'header':
      return { header: [by.name, `${by.prefix ?? ''}${key.reveal()}`] }
    case 'query':
      return { query: [by.name, key.reveal()] }
  }
}
