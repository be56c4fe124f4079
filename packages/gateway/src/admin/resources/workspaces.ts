import * as z from 'zod/mini'
import { createId } from '../../access/create-id.ts'
import type { WorkspaceKind } from '../../pipeline/principal.ts'
import type { WorkspaceRow } from '../../stores/access-tables.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { id, listOf, type Metadata, metadata, name, pageOf, pageQuery, readPage, removed, timeOf } from '../shapes.ts'
import { changeBy, found, namedColumns, removeRecord } from './change.ts'
import { ownerOf } from './owners.ts'

interface Workspace {
  id: string
  object: 'workspace'
  organisation_id: string
  kind: WorkspaceKind
  name: string
  metadata: Metadata
  created_at: string
  updated_at: string
}

const kind = z.enum(['team', 'site', 'project'])
const workspace: z.ZodMiniType<Workspace> = z.object({
  id: z.string(),
  object: z.literal('workspace'),
  organisation_id: z.string(),
  kind,
  name: z.string(),
  metadata,
  created_at: z.string(),
  updated_at: z.string(),
})

export function describeWorkspace(row: WorkspaceRow): Workspace {
  return {
    id: row.id,
    object: 'workspace',
    organisation_id: row.organisation_id,
    kind: row.kind as WorkspaceKind,
    name: row.name,
    metadata: JSON.parse(row.metadata) as Metadata,
    created_at: timeOf(row.created_at),
    updated_at: timeOf(row.updated_at),
  }
}

/** Teams, sites and projects: what keys of an organisation are grouped by. */
export const workspaceEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/workspaces',
    permission: 'workspaces:read',
    summary: 'List workspaces, the newest first.',
    query: z.strictObject({
      ...pageQuery('ws'),
      organisation_id: z.optional(id),
      kind: z.optional(kind),
      name: z.optional(z.string()),
    }),
    answer: pageOf(workspace),
    async handle({ actor, query }, { store }) {
      const { after, limit, ...wanted } = query
      const where = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined))
      return listOf(
        await store.workspaces.list(actor.reach, { ...readPage({ after, limit }), where }),
        describeWorkspace,
      )
    },
  }),
  endpoint({
    method: 'POST',
    path: '/workspaces',
    permission: 'workspaces:write',
    summary: 'Make a team, a site or a project.',
    body: z.strictObject({ organisation_id: z.optional(id), kind, name, metadata: z.optional(metadata) }),
    answer: workspace,
    status: 201,
    async handle(call, { store, now }) {
      const at = now()
      const row: WorkspaceRow = {
        id: createId('ws', at),
        organisation_id: await ownerOf(call.actor, call.body.organisation_id, store),
        kind: call.body.kind,
        name: call.body.name,
        metadata: JSON.stringify(call.body.metadata ?? {}),
        created_at: at,
        updated_at: at,
      }
      await store.workspaces.add(row, changeBy(call, 'workspaces.create'))
      return describeWorkspace(row)
    },
  }),
  endpoint({
    method: 'GET',
    path: '/workspaces/{id}',
    permission: 'workspaces:read',
    summary: 'Show a workspace.',
    answer: workspace,
    handle: async (call, { store }) =>
      describeWorkspace(found(await store.workspaces.find(call.id, call.actor.reach), 'workspace', call.id)),
  }),
  endpoint({
    method: 'PATCH',
    path: '/workspaces/{id}',
    permission: 'workspaces:write',
    summary: 'Change what is given of a workspace.',
    body: z.strictObject({ name: z.optional(name), metadata: z.optional(metadata) }),
    answer: workspace,
    async handle(call, { store }) {
      const row = await store.workspaces.update(call.id, namedColumns(call.body), changeBy(call, 'workspaces.update'))
      return describeWorkspace(found(row, 'workspace', call.id))
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/workspaces/{id}',
    permission: 'workspaces:write',
    summary: 'Remove a workspace that has no keys any more.',
    answer: removed,
    handle: (call, { store }) => removeRecord(store.workspaces, call, 'workspace', 'workspaces.delete'),
  }),
]
