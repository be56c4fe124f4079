import * as z from 'zod/mini'
import { permissions, roles } from '../../access/roles.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { pageOf } from '../shapes.ts'

/** What keys and users may be. */
export const roleEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/roles',
    permission: 'keys:read',
    summary: 'List the roles of keys and users, the mightiest first, and what each may.',
    answer: pageOf(z.object({ object: z.literal('role'), name: z.enum(roles), permissions: z.array(z.string()) })),
    handle: () =>
      Promise.resolve({
        object: 'list',
        data: roles.map((name) => ({ object: 'role', name, permissions: [...permissions[name]] })),
        has_more: false,
        next: null,
      }),
  }),
]
