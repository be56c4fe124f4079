import * as z from 'zod/mini'
import { timeOf } from '../admin/shapes.ts'
import type { SessionRow } from '../stores/session-tables.ts'

/** A session as the admin API shows it. */
export interface SessionObject {
  id: string
  object: 'session'
  owner: string
  method: string
  organisation_id: string | null
  address: string | null
  user_agent: string | null
  created_at: string
  seen_at: string
  expires_at: string
}

export const sessionShape: { readonly [Member in keyof SessionObject]: z.ZodMiniType<SessionObject[Member]> } = {
  id: z.string(),
  object: z.literal('session'),
  owner: z.string(),
  method: z.string(),
  organisation_id: z.nullable(z.string()),
  address: z.nullable(z.string()),
  user_agent: z.nullable(z.string()),
  created_at: z.string(),
  seen_at: z.string(),
  expires_at: z.string(),
}

export function describeSession(row: SessionRow): SessionObject {
  return {
    id: row.id,
    object: 'session',
    owner: row.owner,
    method: row.method,
    organisation_id: row.organisation_id,
    address: row.address,
    user_agent: row.user_agent,
    created_at: timeOf(row.created_at),
    seen_at: timeOf(row.seen_at),
    expires_at: timeOf(row.expires_at),
  }
}
