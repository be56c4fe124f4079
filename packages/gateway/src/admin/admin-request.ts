import type { Actor } from '../access/actor.ts'

export interface AdminRequest {
  readonly method: string
  /** Below `/api/admin`, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  /** Parsed JSON; `undefined` where there was none. */
  readonly body: unknown
  readonly actor: Actor
  /** By which the same request is known when it comes again. */
  readonly idempotencyKey?: string | undefined
  readonly requestId?: string | undefined
  readonly address?: string | undefined
}

export interface AdminAnswer {
  readonly status: number
  readonly body: unknown
  /** Whether this is what the same request was answered before. */
  readonly replayed: boolean
}
