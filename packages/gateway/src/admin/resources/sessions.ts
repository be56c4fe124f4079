import { SluiceError } from '@sluice/protocol'
import * as z from 'zod/mini'
import { roles } from '../../access/roles.ts'
import { csrfToken } from '../../sessions/csrf.ts'
import { describeSession, sessionShape } from '../../sessions/describe-session.ts'
import { createSessionStore } from '../../sessions/session-store.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { listOf, pageOf, pageQuery, readPage, removed } from '../shapes.ts'
import { found } from './change.ts'

const session = z.object(sessionShape)
const ownSession = z.object({
  ...sessionShape,
  role: z.enum(roles),
  // For the header `x-sluice-csrf` of whatever changes something.
  csrf_token: z.string(),
})

/** Where somebody is signed in. */
export const sessionEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/session',
    permission: 'sessions:own',
    summary: 'Show the session that this comes by, and its token for changes.',
    answer: ownSession,
    async handle({ actor }, { database, pepper, now }) {
      if (actor.session === undefined)
        throw new SluiceError('resource_not_found', 'This request comes by a key, and not by a session.')
      const row = await createSessionStore(database, now).get(actor.session)
      const shown = describeSession(found(row, 'session', actor.session))
      return { ...shown, role: actor.role, csrf_token: csrfToken(shown.id, pepper) }
    },
  }),
  endpoint({
    method: 'GET',
    path: '/sessions',
    permission: 'sessions:own',
    summary: 'List your sessions that go on, the newest first.',
    query: z.strictObject(pageQuery('ses')),
    answer: pageOf(session),
    async handle({ actor, query }, { database, config, now }) {
      const idleSince = now() - config.server.sessionIdleTimeout
      return listOf(await createSessionStore(database, now).list(actor.id, idleSince, readPage(query)), describeSession)
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/sessions/{id}',
    permission: 'sessions:own',
    summary: 'End one of your sessions.',
    answer: removed,
    async handle({ actor, id, requestId, address }, { database, now }) {
      const ended = await createSessionStore(database, now).end(id, actor.id, {
        action: 'sessions.revoke',
        actor: actor.id,
        organisation: actor.reach.organisation,
        resource: id,
        value: {},
        requestId,
        address,
      })
      found(ended || undefined, 'session', id)
      return { id, deleted: true }
    },
  }),
]
