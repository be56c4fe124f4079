import { SluiceError } from '@sluice/protocol'
import type { OidcConfig } from 'sluice'
import type { Role } from '../access/roles.ts'

/** What an identity provider says of somebody, after it was checked. */
export type Claims = Readonly<Record<string, unknown>>

/** Somebody who may come in. */
export interface Person {
  /** Of the provider; never another's. */
  readonly subject: string
  readonly name: string
  /** In lower case, and believed. */
  readonly email: string | undefined
  readonly role: Role
  /** How far they reach; absent for the whole gateway. */
  readonly organisation: string | undefined
}

/** Who somebody is here, by the claims of theirs. @throws SluiceError `sign_in_refused` */
export function personOf(claims: Claims, config: OidcConfig): Person {
  const email = emailOf(claims, config)
  checkDomain(email, config.emailDomains)
  const values = claimValues(claims, config.roleClaim)
  const row = config.roles.find(({ value }) => values.includes(value))
  const role = row === undefined ? config.defaultRole : row.role
  if (role === 'none')
    throw new SluiceError(
      'sign_in_refused',
      `You are known, but have no role here: none of the values of your claim "${config.roleClaim}" is mapped to one. Ask whoever operates this gateway (server.oidc.roles).`,
    )
  return {
    subject: String(claims['sub']),
    name: nameOf(claims, email),
    email,
    role,
    organisation: row === undefined ? config.defaultOrganisation : row.organisation,
  }
}

/** By name, else by the way to it: `realm_access.roles`. */
function claimValues(claims: Claims, path: string): readonly string[] {
  const found = Object.hasOwn(claims, path) ? claims[path] : path.split('.').reduce<unknown>(memberOf, claims)
  return (Array.isArray(found) ? found : [found]).filter((value) => typeof value === 'string')
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Claims)[name] : undefined
}

/** One that nobody verified may be anybody's. */
function emailOf(claims: Claims, { trustEmail }: OidcConfig): string | undefined {
  const { email, email_verified: verified } = claims as { email?: unknown; email_verified?: unknown }
  if (typeof email !== 'string' || !/^[^\s@]{1,64}@[^\s@]{1,190}$/.test(email)) return undefined
  // Some providers write it as a text.
  const believed = verified === undefined || verified === null ? trustEmail : verified === true || verified === 'true'
  return believed ? email.toLowerCase() : undefined
}

function checkDomain(email: string | undefined, domains: readonly string[] | undefined): void {
  if (domains === undefined || (email !== undefined && domains.includes(email.slice(email.indexOf('@') + 1)))) return
  throw new SluiceError(
    'sign_in_refused',
    email === undefined
      ? 'The identity provider tells no e-mail address of yours that it has verified, and only certain ones are let in.'
      : 'E-mail addresses of your domain are not let in.',
  )
}

function nameOf(claims: Claims, email: string | undefined): string {
  const names = [claims['name'], claims['preferred_username'], email, claims['sub']]
  const found = names.find((name) => typeof name === 'string' && name.trim() !== '') as string
  return found
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, 100)
}
