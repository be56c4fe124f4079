import { startTestGateway, type TestGateway } from '../start-test-gateway.ts'
import { adminOf, chat, makeKey, rootKey } from './admin-client.ts'

/** All that belongs to one organisation, and keys of every kind that reach no further. */
export interface Tenant {
  readonly name: string
  /** Ids and texts by which it would be known in an answer. */
  readonly marks: readonly string[]
  readonly organisation: string
  readonly workspace: string
  readonly user: string
  readonly key: string
  readonly file: string
  readonly batch: string
  readonly response: string
  readonly request: string
  readonly budget: string
  readonly limit: string
  readonly roles: Readonly<Record<(typeof roles)[number], string>>
  /** For calling models. */
  readonly caller: string
}

export const roles = ['owner', 'admin', 'operator', 'developer', 'viewer'] as const

/** A gateway that two organisations share. */
export interface Tenants extends AsyncDisposable {
  readonly gateway: TestGateway
  readonly both: readonly [Tenant, Tenant]
  ask: Ask
}

export type Ask = (key: string, method: string, path: string, body?: object) => Promise<readonly [number, string]>

export async function startTenants(): Promise<Tenants> {
  const gateway = await startTestGateway({ config: { server: { admin_key: rootKey } } })
  return {
    gateway,
    both: [await makeTenant(gateway, 'acme'), await makeTenant(gateway, 'bolt')],
    async ask(key, method, path, body) {
      const response = await fetch(`${gateway.gateway.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      return [response.status, await response.text()]
    },
    [Symbol.asyncDispose]: () => gateway.close(),
  }
}

async function makeTenant(gateway: TestGateway, name: string): Promise<Tenant> {
  const root = adminOf(gateway)
  const made = async (path: string, body: object): Promise<string> => {
    const reply = await root('POST', path, body)
    if (reply.status !== 201) throw new Error(JSON.stringify(reply.body))
    return String(reply.body['id'])
  }
  const organisation = await made('/organisations', { name: `${name} organisation` })
  const workspace = await made('/workspaces', { organisation_id: organisation, kind: 'team', name: `${name} team` })
  const user = await made('/users', {
    organisation_id: organisation,
    name: `${name} user`,
    email: `${name}@example.com`,
  })
  const caller = await makeKey(root, {
    name: `${name} caller`,
    workspace_id: workspace,
    user_id: user,
    budget: { amount: 1 },
  })
  const budget = await made('/budgets', { name: `${name} budget`, workspace_id: workspace, per: 'team', amount: 9 })
  const limit = await made('/limits', {
    name: `${name} limit`,
    organisation_id: organisation,
    per: 'organisation',
    requests_per_day: 100_000,
  })
  const keys = await Promise.all(
    roles.map(async (role) => {
      const { key } = await makeKey(root, { name: `${name} ${role}`, role, user_id: user })
      return [role, key] as const
    }),
  )
  const headers = { authorization: `Bearer ${caller.key}` }
  const form = new FormData()
  form.set('purpose', 'batch')
  const line = { custom_id: name, method: 'POST', url: '/v1/chat/completions', body: { model: 'small', messages: [] } }
  form.set('file', new Blob([`${JSON.stringify(line)}\n`]), `${name}.jsonl`)
  const file = await idOf(fetch(`${gateway.url}/files`, { method: 'POST', headers, body: form }))
  const batch = await idOf(
    fetch(`${gateway.url}/batches`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ input_file_id: file, endpoint: '/v1/chat/completions', completion_window: '24h' }),
    }),
  )
  const response = await idOf(
    fetch(`${gateway.url}/responses`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'small', input: `secret of ${name}` }),
    }),
  )
  const request = (await chat(gateway, caller.key, {}, { 'x-request-id': `request-of-${name}` })).headers
  return {
    name,
    marks: [name, organisation, workspace, user, caller.id, file, batch, response, budget, limit],
    organisation,
    workspace,
    user,
    key: caller.id,
    file,
    batch,
    response,
    request: request.get('x-request-id') ?? '',
    budget,
    limit,
    roles: Object.fromEntries(keys) as Tenant['roles'],
    caller: caller.key,
  }
}

/** Whose ids there are none of. */
const nobody = new Proxy({} as Tenant, { get: () => 'none_at_all' })

async function idOf(asked: Promise<Response>): Promise<string> {
  const response = await asked
  const { id } = (await response.json()) as { id: string }
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}`)
  return id
}

/** What can be asked about something of a tenant's by its id. */
const byId: readonly (readonly [method: string, path: (other: Tenant) => string, body?: object])[] = [
  ['GET', ({ organisation }) => `/api/admin/organisations/${organisation}`],
  ['PATCH', ({ organisation }) => `/api/admin/organisations/${organisation}`, { name: 'taken' }],
  ['DELETE', ({ organisation }) => `/api/admin/organisations/${organisation}`],
  ['GET', ({ workspace }) => `/api/admin/workspaces/${workspace}`],
  ['PATCH', ({ workspace }) => `/api/admin/workspaces/${workspace}`, { name: 'taken' }],
  ['DELETE', ({ workspace }) => `/api/admin/workspaces/${workspace}`],
  ['GET', ({ user }) => `/api/admin/users/${user}`],
  ['PATCH', ({ user }) => `/api/admin/users/${user}`, { name: 'taken' }],
  ['POST', ({ user }) => `/api/admin/users/${user}/block`],
  ['DELETE', ({ user }) => `/api/admin/users/${user}`],
  ['GET', ({ key }) => `/api/admin/keys/${key}`],
  ['PATCH', ({ key }) => `/api/admin/keys/${key}`, { name: 'taken' }],
  ['POST', ({ key }) => `/api/admin/keys/${key}/rotate`, {}],
  ['POST', ({ key }) => `/api/admin/keys/${key}/block`],
  ['DELETE', ({ key }) => `/api/admin/keys/${key}`],
  ['GET', ({ budget }) => `/api/admin/budgets/${budget}`],
  ['PATCH', ({ budget }) => `/api/admin/budgets/${budget}`, { amount: 1000 }],
  ['POST', ({ budget }) => `/api/admin/budgets/${budget}/raise`, { by: 1000, until: '2100-01-01T00:00:00Z' }],
  ['POST', ({ key }) => `/api/admin/budgets/${key}/raise`, { by: 1000, until: '2100-01-01T00:00:00Z' }],
  ['DELETE', ({ budget }) => `/api/admin/budgets/${budget}/raise`],
  ['DELETE', ({ budget }) => `/api/admin/budgets/${budget}`],
  ['GET', ({ limit }) => `/api/admin/limits/${limit}`],
  ['PATCH', ({ limit }) => `/api/admin/limits/${limit}`, { requests_per_day: 1 }],
  ['DELETE', ({ limit }) => `/api/admin/limits/${limit}`],
  ['GET', ({ file }) => `/v1/files/${file}`],
  ['GET', ({ file }) => `/v1/files/${file}/content`],
  ['DELETE', ({ file }) => `/v1/files/${file}`],
  ['GET', ({ batch }) => `/v1/batches/${batch}`],
  ['POST', ({ batch }) => `/v1/batches/${batch}/cancel`],
  ['GET', ({ response }) => `/v1/responses/${response}`],
  ['DELETE', ({ response }) => `/v1/responses/${response}`],
  ['GET', ({ request }) => `/api/llm/traces/${request}`],
]

/** Lists, and what makes something for another tenant. */
const lists: typeof byId = [
  ['GET', () => '/api/admin/organisations'],
  ['GET', ({ organisation }) => `/api/admin/workspaces?organisation_id=${organisation}`],
  ['GET', () => '/api/admin/users?limit=100'],
  ['GET', ({ name }) => `/api/admin/users?email=${name}@example.com`],
  ['GET', () => '/api/admin/keys?limit=100'],
  ['GET', ({ workspace }) => `/api/admin/keys?workspace_id=${workspace}`],
  ['GET', ({ key }) => `/api/admin/keys?after=${key}`],
  ['GET', () => '/api/admin/audit?limit=100'],
  ['GET', ({ key }) => `/api/admin/audit?resource=${key}`],
  ['GET', ({ organisation }) => `/api/admin/audit?organisation_id=${organisation}&kind=budgets`],
  ['GET', () => '/api/admin/budgets?limit=100'],
  ['GET', ({ workspace }) => `/api/admin/budgets?workspace_id=${workspace}`],
  ['GET', ({ budget }) => `/api/admin/budgets?after=${budget}`],
  ['GET', () => '/api/admin/budgets/state'],
  ['GET', ({ budget }) => `/api/admin/budgets/state?budget_id=${budget}`],
  ['GET', ({ key }) => `/api/admin/budgets/state?budget_id=${key}`],
  ['GET', ({ workspace }) => `/api/admin/budgets/state?subject=${workspace}`],
  ['GET', () => '/api/admin/limits?limit=100'],
  ['GET', ({ organisation }) => `/api/admin/limits?organisation_id=${organisation}`],
  ['GET', () => '/api/admin/cache'],
  ['GET', () => '/api/admin/config'],
  ['GET', ({ organisation }) => `/api/admin/usage?organisation_id=${organisation}&group_by=key_id,workspace_id`],
  ['GET', ({ key }) => `/api/admin/usage/records?key_id=${key}`],
  ['GET', ({ workspace }) => `/api/admin/usage/export?format=jsonl&workspace_id=${workspace}`],
  ['POST', ({ organisation: id }) => `/api/admin/workspaces?${id}`],
  ['GET', () => '/v1/files'],
  ['GET', () => '/v1/batches'],
]

const mole = { name: 'mole', per: 'key', requests_per_day: 1 }

/** The same request body for another's id in every place where one can be named. */
const makers: readonly (readonly [path: string, body: (other: Tenant) => object])[] = [
  ['/api/admin/workspaces', ({ organisation }) => ({ organisation_id: organisation, kind: 'team', name: 'mole' })],
  ['/api/admin/users', ({ organisation }) => ({ organisation_id: organisation, name: 'mole' })],
  ['/api/admin/keys', ({ organisation }) => ({ organisation_id: organisation, name: 'mole' })],
  ['/api/admin/keys', ({ workspace }) => ({ workspace_id: workspace, name: 'mole' })],
  ['/api/admin/keys', ({ user }) => ({ user_id: user, name: 'mole' })],
  [
    '/api/admin/budgets',
    ({ organisation }) => ({ organisation_id: organisation, name: 'mole', per: 'key', amount: 0 }),
  ],
  ['/api/admin/budgets', ({ workspace }) => ({ workspace_id: workspace, name: 'mole', per: 'key', amount: 0 })],
  ['/api/admin/limits', ({ organisation }) => ({ organisation_id: organisation, ...mole })],
  ['/api/admin/limits', ({ workspace }) => ({ workspace_id: workspace, ...mole })],
  ['/api/admin/cache/purge', ({ organisation }) => ({ organisation_id: organisation })],
  ['/api/admin/cache/purge', ({ workspace }) => ({ workspace_id: workspace })],
  ['/api/admin/cache/purge', ({ key }) => ({ key_id: key })],
  ['/v1/batches', ({ file }) => ({ input_file_id: file, endpoint: '/v1/chat/completions', completion_window: '24h' })],
  ['/v1/responses', ({ response }) => ({ model: 'small', input: 'go on', previous_response_id: response })],
]

export const keyKinds = [...roles, 'caller'] as const

export function keyOf(tenant: Tenant, kind: (typeof keyKinds)[number]): string {
  return kind === 'caller' ? tenant.caller : tenant.roles[kind]
}

/** A way to reach for what is another's. */
export interface Intrusion {
  readonly name: string
  /** @returns what is wrong with the answer: nothing, as it should be. */
  attempt(key: string, other: Tenant, ask: Ask): Promise<readonly string[]>
}

/** To see, change or remove it by its id: there is no such thing. */
export const byItsId: readonly Intrusion[] = byId.map(([method, pathOf, body]) => ({
  name: `${method} ${pathOf(nobody)}`,
  async attempt(key, other, ask) {
    const path = pathOf(other)
    const [status, text] = await ask(key, method, path, body)
    // Who may not do such a thing at all is told so first, whatever the id.
    const [elsewhere] = await ask(key, method, pathOf(nobody), body)
    const right = status === elsewhere && [403, 404].includes(status)
    return [...(right ? [] : [`${status}, and ${elsewhere} for what is not there`]), ...tells(text, other, path)]
  },
}))

/** To find it in a list. */
export const inLists: readonly Intrusion[] = lists.map(([method, pathOf]) => ({
  name: `${method} ${pathOf(nobody)}`,
  async attempt(key, other, ask) {
    const path = pathOf(other)
    return tells((await ask(key, method, path))[1], other, path)
  },
}))

/** To make something for it, or of it. */
export const byMaking: readonly Intrusion[] = makers.map(([path, bodyOf]) => ({
  name: `POST ${path} ${JSON.stringify(bodyOf(nobody))}`,
  async attempt(key, other, ask) {
    const body = bodyOf(other)
    const [status, text] = await ask(key, 'POST', path, body)
    return [...([400, 403, 404].includes(status) ? [] : [`${status}`]), ...tells(text, other, JSON.stringify(body))]
  },
}))

/** What says something of the other tenant that the question did not say already. */
function tells(text: string, { marks }: Tenant, question: string): readonly string[] {
  return marks.filter((mark) => !question.includes(mark) && text.includes(mark)).map((mark) => `tells ${mark}`)
}

/** What either has lost by all that: nothing, as it should be. */
export async function lossesOf({ gateway, both, ask }: Tenants): Promise<readonly string[]> {
  const root = adminOf(gateway)
  const lost: string[] = []
  for (const tenant of both) {
    if ((await chat(gateway, tenant.caller)).status !== 200) lost.push(`${tenant.name} may not call`)
    for (const path of [
      `/budgets/${tenant.budget}`,
      `/limits/${tenant.limit}`,
      `/organisations/${tenant.organisation}`,
      `/workspaces/${tenant.workspace}`,
      `/users/${tenant.user}`,
      `/keys/${tenant.key}`,
    ]) {
      const { status, body } = await root('GET', path)
      const { name, blocked_at: blocked } = body
      if (status !== 200 || !String(name).includes(tenant.name) || (blocked ?? null) !== null) lost.push(path)
    }
    for (const path of [`/v1/files/${tenant.file}`, `/v1/batches/${tenant.batch}`, `/v1/responses/${tenant.response}`])
      if ((await ask(tenant.caller, 'GET', path))[0] !== 200) lost.push(path)
  }
  if (JSON.stringify((await root('GET', '/keys?limit=100')).body).includes('mole'))
    lost.push('a key that somebody made')
  return lost
}
