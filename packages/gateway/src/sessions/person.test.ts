import type { OidcConfig } from 'sluice'
import { expect, test } from 'vitest'
import { type Claims, personOf } from './person.ts'

const config: OidcConfig = {
  issuer: 'https://id.example.com',
  clientId: 'sluice',
  clientSecret: undefined,
  scopes: ['openid'],
  roleClaim: 'groups',
  roles: [
    { value: 'owners', role: 'owner' },
    { value: 'shop', role: 'admin', organisation: 'org_shop' },
  ],
  defaultRole: 'none',
  defaultOrganisation: undefined,
  emailDomains: undefined,
  trustEmail: false,
  clockTolerance: 30_000,
}
const role = (claims: Claims, changes: Partial<OidcConfig> = {}): unknown => {
  const person = personOf({ sub: 'ann', ...claims }, { ...config, ...changes })
  return [person.role, person.organisation]
}

test.each<[what: string, claims: Claims, changes: Partial<OidcConfig>, expected: unknown]>([
  ['a list', { groups: ['x', 'shop'] }, {}, ['admin', 'org_shop']],
  ['a text', { groups: 'shop' }, {}, ['admin', 'org_shop']],
  ['several that fit: the first of config', { groups: ['shop', 'owners'] }, {}, ['owner', undefined]],
  ['a claim within', { realm_access: { roles: ['shop'] } }, { roleClaim: 'realm_access.roles' }, ['admin', 'org_shop']],
  [
    'a name with dots',
    { 'https://x.example/roles': ['shop'] },
    { roleClaim: 'https://x.example/roles' },
    ['admin', 'org_shop'],
  ],
  ['nothing, with a default', {}, { defaultRole: 'viewer', defaultOrganisation: 'org_all' }, ['viewer', 'org_all']],
])('a role by %s', (_, claims, changes, expected) => {
  expect(role(claims, changes)).toEqual(expected)
})

test.each<[what: string, claims: Claims, changes: Partial<OidcConfig>]>([
  ['a part of a value', { groups: ['shop-guests', 'sho'] }, {}],
  ['another case', { groups: ['SHOP'] }, {}],
  ['several values in one text', { groups: 'x shop' }, {}],
  ['what is no text', { groups: [{ shop: true }, 7, null] }, {}],
  [
    'what every object has',
    { groups: ['x'] },
    { roleClaim: 'constructor.name', roles: [{ value: 'Object', role: 'owner' }] },
  ],
])('no role by %s', (_, claims, changes) => {
  expect(() => role(claims, changes)).toThrow('no role here')
})

test.each<[email: unknown, verified: unknown, trust: boolean, expected: string | undefined]>([
  ['Ann@Example.com', true, false, 'ann@example.com'],
  ['ann@example.com', 'true', false, 'ann@example.com'],
  ['ann@example.com', false, true, undefined],
  ['ann@example.com', undefined, false, undefined],
  ['ann@example.com', undefined, true, 'ann@example.com'],
  ['ann@evil.example@example.com', true, true, undefined],
  [['ann@example.com'], true, true, undefined],
])('of the e-mail address %s, verified %s, trusted %s, %s is believed', (email, verified, trustEmail, expected) => {
  const claims = { sub: 'ann', groups: 'owners', email, email_verified: verified }
  expect(personOf(claims, { ...config, trustEmail }).email).toBe(expected)
})

test('a name is a line of a hundred characters at the most', () => {
  const claims = { sub: 'ann', groups: 'owners', name: `Ann\n\u0000${'n'.repeat(200)}` }
  const { name } = personOf(claims, config)
  expect(name).toHaveLength(100)
  expect(name).toMatch(/^Ann {2}n+$/)
  expect(personOf({ sub: 'ann', groups: 'owners', name: '  ' }, config).name).toBe('ann')
})
