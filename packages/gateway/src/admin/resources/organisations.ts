import { SluiceError } from '@sluice/protocol'
import * as z from 'zod/mini'
import { createId } from '../../access/create-id.ts'
import type { OrganisationRow } from '../../stores/access-tables.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { listOf, type Metadata, metadata, name, pageOf, pageQuery, readPage, removed, timeOf } from '../shapes.ts'
import { changeBy, found, namedColumns, removeRecord } from './change.ts'

interface Organisation {
  id: string
  object: 'organisation'
  name: string
  metadata: Metadata
  created_at: string
  updated_at: string
}

const organisation: z.ZodMiniType<Organisation> = z.object({
  id: z.string(),
  object: z.literal('organisation'),
  name: z.string(),
  metadata,
  created_at: z.string(),
  updated_at: z.string(),
})

export function describeOrganisation(row: OrganisationRow): Organisation {
  return {
    id: row.id,
    object: 'organisation',
    name: row.name,
    metadata: JSON.parse(row.metadata) as Metadata,
    created_at: timeOf(row.created_at),
    updated_at: timeOf(row.updated_at),
  }
}

/** Whose is everything else: a customer, a company. */
export const organisationEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/organisations',
    permission: 'organisations:read',
    summary: 'List organisations, the newest first.',
    query: z.strictObject({ ...pageQuery('org'), name: z.optional(z.string()) }),
    answer: pageOf(organisation),
    handle: async ({ actor, query }, { store }) =>
      listOf(
        await store.organisations.list(actor.reach, {
          ...readPage(query),
          where: query.name === undefined ? {} : { name: query.name },
        }),
        describeOrganisation,
      ),
  }),
  endpoint({
    method: 'POST',
    path: '/organisations',
    permission: 'organisations:write',
    summary: 'Make an organisation.',
    body: z.strictObject({ name, metadata: z.optional(metadata) }),
    answer: organisation,
    status: 201,
    async handle(call, { store, now }) {
      if (call.actor.reach.organisation !== undefined)
        throw new SluiceError('permission_denied', 'A key that belongs to an organisation cannot make another one.')
      const at = now()
      const row: OrganisationRow = {
        id: createId('org', at),
        name: call.body.name,
        metadata: JSON.stringify(call.body.metadata ?? {}),
        created_at: at,
        updated_at: at,
      }
      await store.organisations.add(row, changeBy(call, 'organisations.create'))
      return describeOrganisation(row)
    },
  }),
  endpoint({
    method: 'GET',
    path: '/organisations/{id}',
    permission: 'organisations:read',
    summary: 'Show an organisation.',
    answer: organisation,
    handle: async ({ actor, id }, { store }) =>
      describeOrganisation(found(await store.organisations.find(id, actor.reach), 'organisation', id)),
  }),
  endpoint({
    method: 'PATCH',
    path: '/organisations/{id}',
    permission: 'organisations:write',
    summary: 'Change what is given of an organisation.',
    body: z.strictObject({ name: z.optional(name), metadata: z.optional(metadata) }),
    answer: organisation,
    async handle(call, { store }) {
      const row = await store.organisations.update(
        call.id,
        namedColumns(call.body),
        changeBy(call, 'organisations.update'),
      )
      return describeOrganisation(found(row, 'organisation', call.id))
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/organisations/{id}',
    permission: 'organisations:write',
    summary: 'Remove an organisation that nothing belongs to any more.',
    answer: removed,
    handle: (call, { store }) => removeRecord(store.organisations, call, 'organisation', 'organisations.delete'),
  }),
]
