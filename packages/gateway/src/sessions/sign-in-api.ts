import * as z from 'zod/mini'
import { roles } from '../access/roles.ts'
import { sessionShape } from './describe-session.ts'

const wrong = { description: 'What went wrong.', content: json({ $ref: '#/components/schemas/Error' }) }

/** Signing in and out in OpenAPI: what sets cookies and sends browsers about is no resource. */
export function signInPaths(): Readonly<Record<string, Record<string, object>>> {
  const begun = z.object({ ...sessionShape, role: z.enum(roles), csrf_token: z.string() })
  return {
    '/api/admin/sign-in': {
      get: {
        operationId: 'get-sign-in',
        summary: 'Send a browser to the identity provider.',
        description: 'Answers 404 where there is none (`server.oidc`), 503 where it is away.',
        tags: ['sign-in'],
        security: [],
        parameters: [
          {
            name: 'return_to',
            in: 'query',
            description: 'A path of this gateway: where the browser goes in the end.',
            schema: { type: 'string', maxLength: 2000 },
          },
        ],
        responses: {
          303: { description: 'To the identity provider, with a cookie for the way back.' },
          default: wrong,
        },
      },
      post: {
        operationId: 'post-sign-in',
        summary: 'Sign in by a key that has a role.',
        description: 'Takes any role. Sets the cookies of a session.',
        tags: ['sign-in'],
        security: [{ key: [] }],
        responses: { 201: { description: 'Signed in.', content: json(z.toJSONSchema(begun)) }, default: wrong },
      },
    },
    '/api/admin/sign-in/callback': {
      get: {
        operationId: 'get-sign-in-callback',
        summary: 'Come back from the identity provider.',
        tags: ['sign-in'],
        security: [],
        parameters: ['state', 'code', 'iss', 'error'].map((name) => ({
          name,
          in: 'query',
          schema: { type: 'string' },
        })),
        responses: { 303: { description: 'Signed in; to where the browser began.' }, default: wrong },
      },
    },
    '/api/admin/sign-in/methods': {
      get: {
        operationId: 'get-sign-in-methods',
        summary: 'List how people sign in here.',
        tags: ['sign-in'],
        security: [],
        responses: {
          200: {
            description: 'Which there are.',
            content: json(z.toJSONSchema(z.object({ key: z.boolean(), oidc: z.boolean() }))),
          },
          default: wrong,
        },
      },
    },
    '/api/admin/sign-out': {
      post: {
        operationId: 'post-sign-out',
        summary: 'End the session that this comes by.',
        tags: ['sign-in'],
        security: [{ session: [], csrf: [] }],
        responses: {
          200: {
            description: 'Signed out, or was not signed in any more.',
            content: json(z.toJSONSchema(z.object({ signed_out: z.literal(true) }))),
          },
          default: wrong,
        },
      },
    },
  }
}

/** How people's browsers prove who they are, beside keys. */
export const sessionSecuritySchemes: Readonly<Record<string, object>> = {
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'sluice-session',
    description: 'Of somebody who signed in; by TLS with the prefix `__Host-`.',
  },
  csrf: {
    type: 'apiKey',
    in: 'header',
    name: 'x-sluice-csrf',
    description: "The session's token, for whatever changes something.",
  },
}

function json(schema: object): object {
  return { 'application/json': { schema } }
}
