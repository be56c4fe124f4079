import fc from 'fast-check'
import { createSluice } from 'sluice'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { type AdminReply, adminOf, chat, codeOf, type MadeKey, makeKey, rootKey, until } from './admin-client.ts'

interface Organisation {
  readonly id: string
  readonly sites: readonly string[]
  readonly team: string
  /** By how far they may act. */
  readonly keys: Readonly<Record<'organisation' | 'team' | 'listed' | 'none' | 'site', MadeKey>>
}

let gateway: TestGateway
let organisations: readonly Organisation[]

beforeAll(async () => {
  gateway = await startTestGateway({
    config: { server: { admin_key: rootKey, master_keys: ['master key of at least 32 characters'] } },
  })
  organisations = [await makeOrganisation('Acme'), await makeOrganisation('Bolt')]
})
afterAll(() => gateway.close())

async function made(reply: Promise<AdminReply>): Promise<string> {
  const { status, body } = await reply
  expect([status, body]).toEqual([201, body])
  return String(body['id'])
}

async function makeOrganisation(name: string): Promise<Organisation> {
  const admin = adminOf(gateway)
  const id = await made(admin('POST', '/organisations', { name }))
  const workspace = (kind: string): Promise<string> =>
    made(admin('POST', '/workspaces', { organisation_id: id, kind, name: `${kind} of ${name}` }))
  const sites = [await workspace('site'), await workspace('site')]
  const team = await workspace('team')
  return {
    id,
    sites,
    team,
    keys: {
      organisation: await makeKey(admin, { organisation_id: id }),
      team: await makeKey(admin, { workspace_id: team }),
      listed: await makeKey(admin, { workspace_id: team, sites: [sites[0]] }),
      none: await makeKey(admin, { organisation_id: id, sites: [] }),
      site: await makeKey(admin, { workspace_id: sites[0] }),
    },
  }
}

const headersFor = (key: string, site: string) => ({ authorization: `Bearer ${key}`, 'x-sluice-site': site })
const actFor = (key: string, site: string, body: object = {}) => chat(gateway, key, body, { 'x-sluice-site': site })

test('a request on behalf of a site is in the ledger as the site’s, by the key that asked', async () => {
  const [acme] = organisations
  const { id, key } = acme!.keys.organisation
  const [site] = acme!.sites
  const before = gateway.usage.length
  expect((await actFor(key, site!)).status).toBe(200)
  expect((await chat(gateway, key)).status).toBe(200)
  const [on, own] = gateway.usage.slice(before)
  expect(on).toMatchObject({ principal: id, caller: { organisation: acme!.id, workspace: { id: site, kind: 'site' } } })
  expect(own).toMatchObject({ principal: id, caller: { organisation: acme!.id } })
  expect(own?.caller.workspace).toBeUndefined()
  const path = `/usage/records?workspace_id=${site}`
  await until(async () => ((await adminOf(gateway)('GET', path)).body['data'] as unknown[]).length === 1)
})

test("the site's providers, limits and budgets are those that count", async () => {
  const admin = adminOf(gateway)
  const acme = await makeOrganisation('Limits')
  const [site, other] = acme.sites
  const settings = { provider: 'lab', default_model: 'large' }
  expect((await admin('PATCH', `/workspaces/${site}/ai-settings`, settings)).status).toBe(200)
  const rule = { workspace_id: site, organisation_id: acme.id, name: 'two', requests_per_minute: 2 }
  expect((await admin('POST', '/limits', { ...rule, per: 'site' })).status).toBe(201)
  const { key } = acme.keys.organisation
  const asked = (): number => gateway.usage.filter(({ caller }) => caller.workspace?.id === site).length
  const first = await actFor(key, site!, { model: undefined })
  expect([first.status, (first.body as { model?: unknown }).model]).toEqual([200, 'large'])
  // The site's own key and one on its behalf share what the site may.
  expect((await chat(gateway, acme.keys.site.key)).status).toBe(200)
  const third = await actFor(key, site!)
  expect([third.status, codeOf(third.body)]).toEqual([429, 'limit_exceeded'])
  expect(asked()).toBe(3)
  expect((await actFor(key, other!)).status).toBe(200)
  expect((await chat(gateway, key)).status).toBe(200)
})

test('nobody acts for a site beyond their organisation, their list and their workspace', async () => {
  const [acme, bolt] = organisations as [Organisation, Organisation]
  const kinds = ['organisation', 'team', 'listed', 'none', 'site'] as const
  const all = [...acme.sites, ...bolt.sites, acme.team, bolt.team, 'ws_0000', 'ws_%', '', ' ', '*', acme.id]
  const own = (kind: (typeof kinds)[number], { sites: [first, second] }: Organisation): readonly unknown[] =>
    ({ organisation: [first, second], team: [], listed: [first], none: [], site: [first] })[kind]
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(acme, bolt),
      fc.constantFrom(...kinds),
      fc.oneof(fc.constantFrom(...all), fc.stringMatching(/^ws_[a-z0-9]{1,20}$/)),
      async (organisation, kind, site) => {
        const { key, id } = organisation.keys[kind]
        const before = gateway.usage.length
        const { status, body } = await actFor(key, site)
        const heard = gateway.usage.slice(before)
        if (own(kind, organisation).includes(site)) {
          expect([status, heard.map(({ principal, caller }) => [principal, caller.workspace?.id])]).toEqual([
            200,
            [[id, site]],
          ])
          return
        }
        expect(heard).toEqual([])
        const hidden = !organisation.sites.includes(site)
        expect([status, codeOf(body)]).toEqual(hidden ? [404, 'resource_not_found'] : [403, 'permission_denied'])
        // Of others' sites the same is said as of those that there are not.
        const words = JSON.stringify(body)
        if (hidden && site.trim() !== '') expect(words.replaceAll(site, 'X')).toContain('There is no site \\"X\\"')
        else if (!hidden) expect(words).toContain('`sites` of the key')
      },
    ),
    { numRuns: 60 },
  )
})

test('keys of no organisation act for none, and the admin API takes no notice of the header', async () => {
  const [acme] = organisations
  const { key } = await makeKey(adminOf(gateway))
  for (const one of [key, rootKey]) {
    const { status, body } = await actFor(one, acme!.sites[0]!)
    expect([status, codeOf(body)]).toEqual([403, 'permission_denied'])
  }
  const role = await makeKey(adminOf(gateway), { organisation_id: acme!.id, role: 'viewer' })
  const { body } = await adminOf(gateway, role.key)('GET', '/workspaces', undefined, {
    'x-sluice-site': acme!.sites[0]!,
  })
  expect((body['data'] as unknown[]).length).toBe(3)
})

test('nobody gives a key sites that they do not reach', async () => {
  const [acme, bolt] = organisations as [Organisation, Organisation]
  const root = adminOf(gateway)
  const admin = adminOf(gateway, (await makeKey(root, { organisation_id: acme.id, role: 'admin' })).key)
  const narrow = adminOf(gateway, (await makeKey(root, { workspace_id: acme.team, role: 'admin' })).key)
  const give = (client: typeof admin, sites: string[]) => client('PATCH', `/keys/${acme.keys.team.id}`, { sites })
  for (const reply of [
    await give(admin, [bolt.sites[0]!]),
    await give(admin, ['ws_0000']),
    await give(admin, [acme.team]),
    await give(narrow, [acme.sites[0]!]),
    await narrow('POST', '/keys', { name: 'mole', sites: [acme.sites[0]] }),
  ])
    expect([reply.status, codeOf(reply.body)]).toEqual([404, 'resource_not_found'])
  expect((await give(admin, [acme.sites[1]!])).body).toMatchObject({ sites: [acme.sites[1]] })
  await until(async () => (await actFor(acme.keys.team.key, acme.sites[1]!)).status === 200)
  await root('PATCH', `/keys/${acme.keys.team.id}`, { sites: null })
  await until(async () => (await actFor(acme.keys.team.key, acme.sites[1]!)).status === 403)
})

test('a batch on behalf of a site is run as the site’s', async () => {
  const [acme] = organisations
  const { key } = acme!.keys.organisation
  const [, site] = acme!.sites
  const headers = headersFor(key, site!)
  const form = new FormData()
  form.set('purpose', 'batch')
  const body = { model: 'small', messages: [{ role: 'user', content: 'Hello' }] }
  const line = { custom_id: 'one', method: 'POST', url: '/v1/chat/completions', body }
  form.set('file', new Blob([`${JSON.stringify(line)}\n`]), 'lines.jsonl')
  const file = (await (await fetch(`${gateway.url}/files`, { method: 'POST', headers, body: form })).json()) as Made
  const before = gateway.usage.length
  const response = await fetch(`${gateway.url}/batches`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h' }),
  })
  expect(response.status).toBe(200)
  const record = await gateway.settled(before)
  expect(record).toMatchObject({
    principal: acme!.keys.organisation.id,
    caller: { workspace: { id: site } },
    outcome: 'ok',
  })
})

test('a site with providers of its own keeps no files at those of the gateway', async () => {
  const { sites, keys } = await makeOrganisation('Files')
  const settings = { provider: 'lab', default_model: 'large' }
  expect((await adminOf(gateway)('PATCH', `/workspaces/${sites[0]}/ai-settings`, settings)).status).toBe(200)
  for (const acting of [{ authorization: `Bearer ${keys.site.key}` }, headersFor(keys.organisation.key, sites[0]!)]) {
    const form = new FormData()
    form.set('purpose', 'batch')
    form.set('file', new Blob(['{}\n']), 'lines.jsonl')
    const headers = { ...acting, 'x-sluice-provider': 'lab' }
    const response = await fetch(`${gateway.url}/files`, { method: 'POST', headers, body: form })
    expect([response.status, codeOf(await response.json())]).toEqual([403, 'operation_not_allowed'])
  }
})

interface Made {
  readonly id: string
}

test("the library acts for a site by its gateway's headers", async () => {
  const [acme] = organisations
  const [site] = acme!.sites
  const before = gateway.usage.length
  const sluice = createSluice({
    gateway: gateway.gateway.url,
    apiKey: acme!.keys.organisation.key,
    headers: { 'x-sluice-site': site! },
  })
  try {
    await sluice.chat({ model: 'small', messages: [{ role: 'user', content: 'Hello' }] })
  } finally {
    await sluice.close()
  }
  expect(await gateway.settled(before)).toMatchObject({ caller: { workspace: { id: site } } })
})
