import * as z from 'zod/mini'
import { Secret } from '../provider-kit/secret.ts'
import type { AdminRole, OidcConfig } from './config.ts'
import { boolean, integer, type Shape, text } from './scalars.ts'
import { firstOf, settingsBelow, written } from './settings.ts'
import type { Origin, Sourced } from './sourced.ts'

/** Of `server:`, what concerns people who sign in. */
export interface SignInSettings {
  /** Where browsers find the gateway: `https://gateway.example.com`. */
  readonly public_url?: string | undefined
  /** An identity provider by which people sign in to the admin API. */
  readonly oidc?: OidcSettings | null | undefined
  /** Seconds that somebody stays signed in at the most. Default 12 hours. */
  readonly session_lifetime?: number | undefined
  /** Seconds without a request after which they are signed out. Default one hour. */
  readonly session_idle_timeout?: number | undefined
}

/** `server.oidc:`. */
interface OidcSettings {
  /** As the provider writes it in its tokens. */
  readonly issuer: string
  readonly client_id: string
  /** Absent for a client that is public. */
  readonly client_secret?: string | undefined
  /** Default: `openid profile email`. */
  readonly scopes?: readonly string[] | undefined
  /** Default `groups`. */
  readonly role_claim?: string | undefined
  /** The first that fits counts. */
  readonly roles?: readonly OidcRoleSettings[] | undefined
  /** For those whom none of `roles` fits. Default `none`: they are refused. */
  readonly default_role?: AdminRole | 'none' | undefined
  readonly default_organisation?: string | undefined
  /** Whose addresses are let in. Default: all. */
  readonly email_domains?: readonly string[] | undefined
  /** Believe addresses of which the provider does not say whether they were verified. Default `false`. */
  readonly trust_email?: boolean | undefined
  /** Seconds. Default 30. */
  readonly clock_tolerance?: number | undefined
}

interface OidcRoleSettings {
  /** Of the claim. */
  readonly value: string
  readonly role: AdminRole
  /** An id. Absent for who reaches the whole gateway. */
  readonly organisation?: string | undefined
}

const adminRoles = ['owner', 'admin', 'operator', 'developer', 'viewer'] as const satisfies readonly AdminRole[]
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

const issuer = () =>
  text.check(
    z.refine((given) => {
      const url = URL.parse(given)
      if (url === null || url.search !== '' || url.hash !== '' || url.username + url.password !== '') return false
      return url.protocol === 'https:' || (url.protocol === 'http:' && loopback.test(url.hostname))
    }, 'expected an https URL without a query; http is for loopback only'),
  )
const organisation = () => z.string().check(z.regex(/^[\w-]{1,64}$/, "expected an organisation's id"))
const domain = () => z.string().check(z.regex(/^[a-z\d-]+(?:\.[a-z\d-]+)*$/i, 'expected a domain, such as example.com'))

const oidcSchema = (): z.ZodMiniType<OidcSettings> =>
  z.strictObject({
    issuer: issuer(),
    client_id: text,
    client_secret: z.optional(text),
    scopes: z.optional(z.array(z.string().check(z.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'expected a scope')))),
    role_claim: z.optional(text),
    roles: z.optional(
      z.array(
        z.strictObject({
          value: text,
          role: z.enum(adminRoles),
          organisation: z.optional(organisation()),
        } satisfies Shape<OidcRoleSettings>),
      ),
    ),
    default_role: z.optional(z.enum(['none', ...adminRoles])),
    default_organisation: z.optional(organisation()),
    email_domains: z.optional(z.array(domain()).check(z.minLength(1))),
    trust_email: z.optional(boolean),
    clock_tolerance: z.optional(integer(0, 600)),
  } satisfies Shape<OidcSettings>)

/** Scheme, host and port, without a path. */
export const originSchema: z.ZodMiniType<string> = z.lazy(() =>
  z.string().check(
    z.refine((given) => {
      const url = URL.parse(given)
      return url !== null && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href
    }, 'expected scheme and host alone, such as https://gateway.example.com'),
  ),
)

export const signInShape = (): Shape<SignInSettings> => ({
  public_url: z.optional(originSchema),
  oidc: z.nullish(oidcSchema()),
  session_lifetime: z.optional(integer(60, 2_592_000)),
  session_idle_timeout: z.optional(integer(60, 2_592_000)),
})

export function buildOidc(
  said: OidcSettings | null | undefined,
  ofEnvironment: Sourced<string> | undefined,
  origin: Origin,
  origins: Map<string, string>,
): OidcConfig | undefined {
  if (said === null || said === undefined) return undefined
  const value = settingsBelow(['server', 'oidc'], origin, origins)
  const clientSecret = firstOf<string | undefined>(
    'server.oidc.client_secret',
    origins,
    [ofEnvironment, written(said.client_secret, ['server', 'oidc', 'client_secret'], origin)],
    undefined,
  )
  const scopes = value('scopes', said.scopes, ['openid', 'profile', 'email'])
  return Object.freeze({
    issuer: value('issuer', said.issuer, said.issuer),
    clientId: value('client_id', said.client_id, said.client_id),
    clientSecret: clientSecret === undefined ? undefined : new Secret(clientSecret),
    scopes: Object.freeze([...new Set(['openid', ...scopes])]),
    roleClaim: value('role_claim', said.role_claim, 'groups'),
    roles: Object.freeze(value('roles', said.roles, []).map((row) => Object.freeze({ ...row }))),
    defaultRole: value('default_role', said.default_role, 'none'),
    defaultOrganisation: value('default_organisation', said.default_organisation, undefined),
    emailDomains: said.email_domains && Object.freeze(said.email_domains.map((name) => name.toLowerCase())),
    trustEmail: value('trust_email', said.trust_email, false),
    clockTolerance: value('clock_tolerance', said.clock_tolerance, 30) * 1000,
  })
}
