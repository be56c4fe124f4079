import type * as z from 'zod/mini'
import type { Actor } from '../access/actor.ts'
import type { Permission } from '../access/roles.ts'
import type { AdminParts } from './admin-parts.ts'

/**
 * One method at one path of the admin API: what it takes and answers, and who may. The API's checks and its OpenAPI
 * document are both made of this.
 */
export interface Endpoint<Query = unknown, Body = unknown> {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below `/api/admin`; at most one segment in braces: `/keys/{id}/rotate`. */
  readonly path: string
  readonly permission: Permission
  /** One sentence. */
  readonly summary: string
  /** Absent where there is no query; each member is read from a text. */
  readonly query?: z.ZodMiniType<Query>
  /** Absent where no body is read. */
  readonly body?: z.ZodMiniType<Body>
  readonly answer: z.ZodMiniType
  /** Default 200. */
  readonly status?: 201
  /** Rejects with a `SluiceError`. */
  handle(call: AdminCall<Query, Body>, parts: AdminParts): Promise<unknown>
}

/** A call that was let in and read. */
export interface AdminCall<Query = unknown, Body = unknown> {
  readonly actor: Actor
  /** What stands in the braces of the path; empty where there are none. */
  readonly id: string
  readonly query: Query
  readonly body: Body
  readonly requestId: string | undefined
  /** Where the caller is; absent for the command line. */
  readonly address: string | undefined
}

/** Checks an endpoint's parts against each other, then forgets what its query and body are. */
export function endpoint<Query, Body>(given: Endpoint<Query, Body>): Endpoint {
  return given
}
