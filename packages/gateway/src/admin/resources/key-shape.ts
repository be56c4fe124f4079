import type { BudgetAmount, LimitAmounts } from 'sluice'
import * as z from 'zod/mini'
import { isAddressRange } from '../../access/addresses.ts'
import { type Role, roles } from '../../access/roles.ts'
import type { KeyRow } from '../../stores/access-tables.ts'
import { id, type Metadata, metadata, name, optionalTimeOf, time, timeOf } from '../shapes.ts'
import { budgetAmount, limitAmounts } from './key-limits-shape.ts'

/** A key as the API shows it. */
export interface Key {
  id: string
  object: 'key'
  name: string
  /** The key itself: only in the answer that makes it. */
  key?: string | undefined
  prefix: string
  organisation_id: string | null
  workspace_id: string | null
  user_id: string | null
  role: Role | null
  models: readonly string[] | null
  providers: readonly string[] | null
  operations: readonly string[] | null
  addresses: readonly string[] | null
  sites: readonly string[] | null
  default_route: string | null
  limits: LimitAmounts | null
  budget: BudgetAmount | null
  tags: readonly string[]
  metadata: Metadata
  expires_at: string | null
  blocked_at: string | null
  rotated_at: string | null
  previous_expires_at: string | null
  created_at: string
  updated_at: string
}

/** What may be said of a key when it is made, and changed later. */
export interface KeySettings {
  name?: string | undefined
  role?: Role | null | undefined
  models?: string[] | null | undefined
  providers?: string[] | null | undefined
  operations?: string[] | null | undefined
  addresses?: string[] | null | undefined
  sites?: string[] | null | undefined
  default_route?: string | null | undefined
  limits?: LimitAmounts | null | undefined
  budget?: BudgetAmount | null | undefined
  tags?: string[] | undefined
  metadata?: Metadata | undefined
  expires_at?: string | null | undefined
}

const role = z.enum(roles)
const pattern = z.string().check(z.regex(/^!?[^\s!]{1,200}$/, 'expected a pattern such as gpt-*, openai/* or !*-pro'))
/** Exclusions alone would leave nothing. */
const patterns = z.array(pattern).check(
  z.minLength(1, 'expected at least one pattern; null for no limit'),
  z.maxLength(200),
  z.refine((list) => list.some((one) => !one.startsWith('!')), 'only takes out: add "*" to begin with everything'),
)
const operation = z.enum([
  'chat',
  'complete',
  'embed',
  'moderate',
  'image',
  'speech',
  'transcribe',
  'rerank',
  'count-tokens',
  'models',
  'raw',
])
const address = z
  .string()
  .check(z.refine(isAddressRange, 'expected an address or a range such as 203.0.113.7 or 10.0.0.0/8'))
const addresses = z
  .array(address)
  .check(z.minLength(1, 'expected at least one address; null for no limit'), z.maxLength(200))
const tag = z
  .string()
  .check(z.regex(/^[\w.:/@-]{1,64}$/, 'expected a tag of at most 64 letters, digits and . : / @ _ -'))

const settings = {
  role: z.optional(z.nullable(role)),
  models: z.optional(z.nullable(patterns)),
  providers: z.optional(z.nullable(patterns)),
  operations: z.optional(z.nullable(z.array(operation).check(z.minLength(1)))),
  addresses: z.optional(z.nullable(addresses)),
  sites: z.optional(z.nullable(z.array(id).check(z.maxLength(200)))),
  default_route: z.optional(z.nullable(z.string().check(z.minLength(1), z.maxLength(256)))),
  limits: z.optional(z.nullable(limitAmounts)),
  budget: z.optional(z.nullable(budgetAmount)),
  tags: z.optional(z.array(tag).check(z.maxLength(32))),
  metadata: z.optional(metadata),
  expires_at: z.optional(z.nullable(time)),
}

export interface NewKey extends KeySettings {
  name: string
  organisation_id?: string | undefined
  workspace_id?: string | undefined
  user_id?: string | undefined
}

export const newKey: z.ZodMiniType<NewKey> = z.strictObject({
  name,
  organisation_id: z.optional(id),
  workspace_id: z.optional(id),
  user_id: z.optional(id),
  ...settings,
})

export const keyChanges: z.ZodMiniType<KeySettings> = z.strictObject({ name: z.optional(name), ...settings })

const texts = z.nullable(z.array(z.string()))

export const keyShape: z.ZodMiniType<Key> = z.object({
  id: z.string(),
  object: z.literal('key'),
  name: z.string(),
  key: z.optional(z.string()),
  prefix: z.string(),
  organisation_id: z.nullable(z.string()),
  workspace_id: z.nullable(z.string()),
  user_id: z.nullable(z.string()),
  role: z.nullable(role),
  models: texts,
  providers: texts,
  operations: texts,
  addresses: texts,
  sites: texts,
  default_route: z.nullable(z.string()),
  limits: z.nullable(limitAmounts),
  budget: z.nullable(budgetAmount),
  tags: z.array(z.string()),
  metadata,
  expires_at: z.nullable(z.string()),
  blocked_at: z.nullable(z.string()),
  rotated_at: z.nullable(z.string()),
  previous_expires_at: z.nullable(z.string()),
  created_at: z.string(),
  updated_at: z.string(),
})

/** @param key the key itself, for the one answer that gives it. */
export function describeKey(row: KeyRow, key?: string): Key {
  const list = (text: string | null): readonly string[] | null =>
    text === null ? null : (JSON.parse(text) as readonly string[])
  return {
    id: row.id,
    object: 'key',
    name: row.name,
    ...(key !== undefined && { key }),
    prefix: row.prefix,
    organisation_id: row.organisation_id,
    workspace_id: row.workspace_id,
    user_id: row.user_id,
    role: row.role as Role | null,
    models: list(row.models),
    providers: list(row.providers),
    operations: list(row.operations),
    addresses: list(row.addresses),
    sites: list(row.sites),
    default_route: row.default_route,
    limits: row.limits === null ? null : (JSON.parse(row.limits) as LimitAmounts),
    budget: row.budget === null ? null : (JSON.parse(row.budget) as BudgetAmount),
    tags: list(row.tags) ?? [],
    metadata: JSON.parse(row.metadata) as Metadata,
    expires_at: optionalTimeOf(row.expires_at),
    blocked_at: optionalTimeOf(row.blocked_at),
    rotated_at: optionalTimeOf(row.rotated_at),
    previous_expires_at: optionalTimeOf(row.previous_expires_at),
    created_at: timeOf(row.created_at),
    updated_at: timeOf(row.updated_at),
  }
}

type Column =
  | 'name'
  | 'role'
  | 'models'
  | 'providers'
  | 'operations'
  | 'addresses'
  | 'sites'
  | 'default_route'
  | 'limits'
  | 'budget'

/** What was given, as columns; what was not is absent. */
export function keyColumns(given: KeySettings): Partial<Pick<KeyRow, Column | 'tags' | 'metadata' | 'expires_at'>> {
  const list = (value: object | null): string | null => (value === null ? null : JSON.stringify(value))
  return {
    ...(given.name !== undefined && { name: given.name }),
    ...(given.role !== undefined && { role: given.role }),
    ...(given.models !== undefined && { models: list(given.models) }),
    ...(given.providers !== undefined && { providers: list(given.providers) }),
    ...(given.operations !== undefined && { operations: list(given.operations) }),
    ...(given.addresses !== undefined && { addresses: list(given.addresses) }),
    ...(given.sites !== undefined && { sites: list(given.sites) }),
    ...(given.default_route !== undefined && { default_route: given.default_route }),
    ...(given.limits !== undefined && { limits: list(given.limits) }),
    ...(given.budget !== undefined && { budget: list(given.budget) }),
    ...(given.tags !== undefined && { tags: JSON.stringify([...new Set(given.tags)]) }),
    ...(given.metadata !== undefined && { metadata: JSON.stringify(given.metadata) }),
    ...(given.expires_at !== undefined && {
      expires_at: given.expires_at === null ? null : Date.parse(given.expires_at),
    }),
  }
}
