import { expect, test } from 'vitest'
import { providers as presets } from '../providers.generated.ts'
import { buildConfig } from './build-config.ts'
import type { ConfigInput } from './schema.ts'

type Server = NonNullable<ConfigInput['server']>
type Oidc = NonNullable<Server['oidc']>

const least: Oidc = { issuer: 'https://id.example.com', client_id: 'sluice' }
const build = (server: Server, environment: Readonly<Record<string, string>> = {}) =>
  buildConfig({ presets, environment, input: { server } }).server

test('an issuer and a client are enough, and let nobody in by themselves', () => {
  expect(build({ oidc: least }).oidc).toEqual({
    issuer: 'https://id.example.com',
    clientId: 'sluice',
    clientSecret: undefined,
    scopes: ['openid', 'profile', 'email'],
    roleClaim: 'groups',
    roles: [],
    defaultRole: 'none',
    defaultOrganisation: undefined,
    emailDomains: undefined,
    trustEmail: false,
    clockTolerance: 30_000,
  })
})

test('the secret of the environment wins, and is not shown', () => {
  const { oidc } = build({ oidc: { ...least, client_secret: 'of-the-file' } }, { SLUICE_OIDC_CLIENT_SECRET: 'mine' })
  expect(oidc?.clientSecret?.reveal()).toBe('mine')
  expect(JSON.stringify(oidc)).not.toContain('mine')
})

test('openid is always asked for, and domains are compared in lower case', () => {
  expect(build({ oidc: { ...least, scopes: ['groups'], email_domains: ['Example.COM'] } }).oidc).toMatchObject({
    scopes: ['openid', 'groups'],
    emailDomains: ['example.com'],
  })
})

test.each<[what: string, server: Server, words: string]>([
  ['an issuer without TLS', { oidc: { ...least, issuer: 'http://id.example.com' } }, 'https'],
  ['an issuer with a query', { oidc: { ...least, issuer: 'https://id.example.com/?x=1' } }, 'https'],
  ['a role that is none', { oidc: { ...least, default_role: 'king' as 'owner' } }, 'default_role'],
  ['a domain with an at sign', { oidc: { ...least, email_domains: ['@example.com'] } }, 'expected a domain'],
  ['a public URL with a path', { public_url: 'https://gateway.example.com/sluice' }, 'scheme and host alone'],
  ['a public URL of another kind', { public_url: 'javascript:alert(1)' }, 'scheme and host alone'],
])('%s is refused', (_, server, words) => {
  expect(() => build(server)).toThrow(words)
})

test('a public URL may come from the environment', () => {
  expect(build({}, { SLUICE_PUBLIC_URL: 'https://gateway.example.com/' }).publicUrl).toBe('https://gateway.example.com')
  expect(() => build({}, { SLUICE_PUBLIC_URL: 'gateway.example.com' })).toThrow('SLUICE_PUBLIC_URL')
})
