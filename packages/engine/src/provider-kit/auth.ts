import type { Secret } from './secret.ts'

/** How a key travels. Data, so that a config file can say it too. */
export type AuthScheme =
  | { readonly type: 'bearer' }
  /** `name` in lower case; `prefix` stands before the key. */
  | { readonly type: 'header'; readonly name: string; readonly prefix?: string }
  | { readonly type: 'query'; readonly name: string }
  | { readonly type: 'none' }

export const bearer: AuthScheme = Object.freeze({ type: 'bearer' })
export const noAuth: AuthScheme = Object.freeze({ type: 'none' })

export function headerAuth(name: string, prefix = ''): AuthScheme {
  return Object.freeze({ type: 'header', name: name.toLowerCase(), prefix })
}

export function queryAuth(name: string): AuthScheme {
  return Object.freeze({ type: 'query', name })
}

/** What a scheme adds to a call; nothing when there is no key. */
export function authorize(
  scheme: AuthScheme,
  key: Secret | undefined,
): { header?: [string, string]; query?: [string, string] } {
  if (key === undefined || scheme.type === 'none') return {}
  switch (scheme.type) {
    case 'bearer':
      return { header: ['authorization', `Bearer ${key.reveal()}`] }
    case 'header':
      return { header: [scheme.name, `${scheme.prefix ?? ''}${key.reveal()}`] }
    case 'query':
      return { query: [scheme.name, key.reveal()] }
  }
}
