import { SluiceError } from '@sluice/protocol'
import pg from 'pg'
import { describePlace } from './place.ts'

/**
 * SQLSTATEs, or their classes, that are the server's or the operator's, not the statement's.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const waysOut: readonly (readonly [code: RegExp, wayOut: string])[] = [
  [/^28/, 'Check user and password in server.database_url (DATABASE_URL).'],
  [/^3D000/, 'Create the database, or check its name in server.database_url (DATABASE_URL).'],
  [/^42501/, 'Give its user the right to create and change tables in its schema.'],
  [/^25006/, 'Point server.database_url (DATABASE_URL) to the primary, not to a read-only replica.'],
  [/^53300/, 'Raise its max_connections, or lower server.database_connections.'],
  [/^53/, 'Give the server more room.'],
  // A statement that took too long, or waited for another in vain: the same may work the next time.
  [/^(?:57014|55P03|40)/, 'Try again.'],
  [/^(?:08|57P|58|XX|F0)/, 'The next request tries again.'],
]

const unreachable = 'Check that it runs and that server.database_url (DATABASE_URL) is right.'

/**
 * What a failure at PostgreSQL is for whoever waits for its answer: `store_unavailable` where the statement is not to
 * blame, else what it was.
 */
export function postgresError(error: unknown, url: string): unknown {
  const wayOut = wayOutOf(error)
  if (wayOut === undefined) return error
  return new SluiceError(
    'store_unavailable',
    `T${describePlace(url).slice(1)} cannot be used: ${reasonOf(error)}. ${wayOut}`,
    {
      cause: error,
    },
  )
}

function wayOutOf(error: unknown): string | undefined {
  if (error instanceof pg.DatabaseError) return waysOut.find(([code]) => code.test(error.code ?? ''))?.[1]
  // What else the client throws is about the connection, but for our own mistakes.
  if (error instanceof SluiceError || error instanceof TypeError || error instanceof RangeError) return undefined
  return unreachable
}

function reasonOf(error: unknown): string {
  // Of several addresses of one name each fails for itself, and all together without a word.
  const first = error instanceof AggregateError ? (error.errors as readonly unknown[])[0] : error
  const message = first instanceof Error ? first.message : ''
  return message.replace(/\.$/, '') || 'it does not answer'
}
