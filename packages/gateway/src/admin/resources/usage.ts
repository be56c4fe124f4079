import * as z from 'zod/mini'
import type { Reach } from '../../access/actor.ts'
import { createLedgerStore } from '../../ledger/database-ledger-store.ts'
import { listPlace, type UsageFilter, usageIntervals } from '../../ledger/ledger-store.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { cursor, id, pageOf, time } from '../shapes.ts'
import { describeRecord, describeSum, groupNames, recordShape, sumShape } from './usage-shape.ts'

const text = z.string().check(z.minLength(1), z.maxLength(256))

/** Which requests; the same for sums and records. */
const filter = {
  from: z.optional(time),
  to: z.optional(time),
  key_id: z.optional(text),
  organisation_id: z.optional(id),
  workspace_id: z.optional(id),
  user_id: z.optional(id),
  provider: z.optional(text),
  model: z.optional(text),
  operation: z.optional(text),
  tag: z.optional(text),
}

/** Read from a text, from 1 to 1000. */
const limit = z.optional(
  z.pipe(
    z.pipe(z.string().check(z.regex(/^\d{1,4}$/, 'expected a whole number from 1 to 1000')), z.transform(Number)),
    z.number().check(z.minimum(1), z.maximum(1000)),
  ),
)

const groupBy = z.optional(
  z.pipe(
    z.pipe(
      z.string(),
      z.transform((names) => names.split(',').map((name) => name.trim())),
    ),
    z.array(z.enum(Object.keys(groupNames) as (keyof typeof groupNames)[])).check(z.maxLength(4)),
  ),
)

/** What requests used, by the ledger. */
export const usageEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/usage',
    permission: 'usage:read',
    summary: 'Sum up what requests used, by up to four properties and by hour, day or month in UTC.',
    query: z.strictObject({
      ...filter,
      group_by: groupBy,
      interval: z.optional(z.enum(usageIntervals)),
      limit,
      after: cursor(/^\d{1,9}$/),
    }),
    answer: pageOf(sumShape),
    async handle({ actor, query }, { database }) {
      const { group_by: named = [], interval = 'total', limit: most = 100, after = '0', ...wanted } = query
      const groups = named.map((name) => groupNames[name])
      const where = filterOf(wanted, actor.reach)
      if (where === undefined) return listOf([], undefined)
      const offset = Number(after)
      const { rows, count } = await createLedgerStore(database).sum({
        ...where,
        groupBy: [...new Set(groups)],
        interval,
        limit: most,
        offset,
      })
      const next = offset + rows.length < count ? String(offset + rows.length) : undefined
      return listOf(rows.map(describeSum), next)
    },
  }),
  endpoint({
    method: 'GET',
    path: '/usage/records',
    permission: 'usage:read',
    summary: 'List requests with what each used, the newest first.',
    query: z.strictObject({
      ...filter,
      request_id: z.optional(z.string().check(z.regex(/^[\w.:-]{1,128}$/, 'expected the id of a request'))),
      limit,
      after: cursor(listPlace),
    }),
    answer: pageOf(recordShape),
    async handle({ actor, query }, { database }) {
      const { limit: most = 100, after, request_id: requestId, ...wanted } = query
      const where = filterOf(wanted, actor.reach)
      if (where === undefined) return listOf([], undefined)
      const page = await createLedgerStore(database).list({ ...where, requestId }, { limit: most, after })
      return listOf(page.entries.map(describeRecord), page.next)
    },
  }),
]

type Wanted = { readonly [Name in keyof typeof filter]?: string | undefined }

/** `undefined` when nothing can be in both what is asked for and what the actor may see. */
function filterOf(wanted: Wanted, reach: Reach): UsageFilter | undefined {
  const within = (asked: string | undefined, reached: string | undefined): string | undefined | false =>
    reached === undefined || asked === undefined || asked === reached ? (reached ?? asked) : false
  const organisation = within(wanted.organisation_id, reach.organisation)
  const workspace = within(wanted.workspace_id, reach.workspace)
  const user = within(wanted.user_id, reach.user)
  if (organisation === false || workspace === false || user === false) return undefined
  const { from, to, key_id: principal, provider, model, operation, tag } = wanted
  return {
    from: from === undefined ? undefined : Date.parse(from),
    to: to === undefined ? undefined : Date.parse(to),
    principal,
    organisation,
    workspace,
    user,
    provider,
    model,
    operation,
    tag,
  }
}

function listOf(data: readonly unknown[], next: string | undefined): object {
  return { object: 'list', data, has_more: next !== undefined, next: next ?? null }
}
