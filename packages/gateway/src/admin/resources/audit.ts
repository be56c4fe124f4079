import * as z from 'zod/mini'
import type { AuditRow, KeyRow, OrganisationRow, RuleRow, UserRow, WorkspaceRow } from '../../stores/access-tables.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { id, listOf, momentOf, pageOf, pageQuery, readPage, time, timeOf } from '../shapes.ts'
import { describeKey } from './key-shape.ts'
import { describeOrganisation } from './organisations.ts'
import { describeRule } from './rule-shape.ts'
import { describeAiSettings } from './site-settings.ts'
import { describeUser } from './users.ts'
import { describeWorkspace } from './workspaces.ts'

/** `keys`, `keys.rotate` */
const word = z.string().check(z.regex(/^[a-z-]{1,40}(\.[a-z-]{1,40})?$/, 'expected such as keys or keys.rotate'))

/** What an action begins with. */
const kinds = [
  'organisations',
  'workspaces',
  'users',
  'keys',
  'limits',
  'budgets',
  'ai-settings',
  'sessions',
  'cache',
] as const

const entry = z.object({
  id: z.string(),
  object: z.literal('audit_entry'),
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  resource: z.string(),
  organisation_id: z.nullable(z.string()),
  workspace_id: z.nullable(z.string()),
  before: z.nullable(z.unknown()),
  after: z.nullable(z.unknown()),
  request_id: z.nullable(z.string()),
  address: z.nullable(z.string()),
})

/** Who changed what. It cannot be changed itself. */
export const auditEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/audit',
    permission: 'audit:read',
    summary: 'List changes, the newest first: by who made them, what of (`kind=keys`), and when.',
    query: z.strictObject({
      ...pageQuery('aud'),
      actor: z.optional(id),
      resource: z.optional(id),
      action: z.optional(word),
      kind: z.optional(z.enum(kinds)),
      organisation_id: z.optional(id),
      workspace_id: z.optional(id),
      request_id: z.optional(z.string().check(z.maxLength(128))),
      from: z.optional(time),
      to: z.optional(time),
    }),
    answer: pageOf(entry),
    async handle({ actor, query }, { store }) {
      const { after, limit, from, to, kind, ...wanted } = query
      const where = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
      const times = { from: momentOf(from), to: momentOf(to) }
      const page = await store.audit(actor.reach, { ...readPage({ after, limit }), where, kind, ...times })
      return listOf(page, describeEntry)
    },
  }),
]

function describeEntry(row: AuditRow): object {
  const describe = described[row.action.split('.', 1)[0] ?? ''] ?? ((value: unknown) => value)
  const read = (text: string | null): unknown => (text === null ? null : describe(JSON.parse(text)))
  return {
    id: row.id,
    object: 'audit_entry',
    at: timeOf(row.created_at),
    actor: row.actor,
    action: row.action,
    resource: row.resource,
    organisation_id: row.organisation_id,
    workspace_id: row.workspace_id,
    before: read(row.old_value),
    after: read(row.new_value),
    request_id: row.request_id,
    address: row.address,
  }
}

/** By what an action begins with: rows as their own resource shows them. */
const described: Readonly<Partial<Record<string, (row: unknown) => unknown>>> = {
  organisations: (row) => describeOrganisation(row as OrganisationRow),
  workspaces: (row) => describeWorkspace(row as WorkspaceRow),
  users: (row) => describeUser(row as UserRow),
  limits: (row) => describeRule(row as RuleRow),
  budgets: (row) => describeRule(row as RuleRow),
  keys: (row) => describeKey(row as KeyRow),
  'ai-settings': (row) => describeAiSettings(row as Parameters<typeof describeAiSettings>[0]),
}
