import * as z from 'zod/mini'
import { permissions, roles } from '../access/roles.ts'
import { sessionSecuritySchemes, signInPaths } from '../sessions/sign-in-api.ts'
import type { Endpoint } from './endpoint.ts'

/** The admin API in OpenAPI 3.1, made of what its endpoints are checked by. https://spec.openapis.org/oas/v3.1.0 */
export function openApi(endpoints: readonly Endpoint[], version: string): object {
  const paths: Record<string, Record<string, object>> = { ...signInPaths() }
  for (const endpoint of endpoints) {
    const methods = (paths[`/api/admin${endpoint.path}`] ??= {})
    methods[endpoint.method.toLowerCase()] = operation(endpoint)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sluice admin API',
      version,
      description:
        'Organisations, workspaces, users, keys and what was changed. Each call takes a key that has a role.',
    },
    security: [{ key: [] }, { session: [], csrf: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer' }, ...sessionSecuritySchemes },
      schemas: { Error: errorSchema },
    },
  }
}

function operation(endpoint: Endpoint): object {
  const { method, path, summary, permission, body, status = 200 } = endpoint
  const allowed = roles.filter((role) => permissions[role].has(permission))
  return {
    operationId: operationId(method, path),
    summary,
    description: `Takes the permission \`${permission}\`: ${allowed.join(', ')}.`,
    tags: [path.split('/')[1]],
    parameters: parameters(endpoint),
    ...(body !== undefined && {
      requestBody: { required: true, content: json(z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' })) },
    }),
    responses: {
      [status]: {
        description: 'Done.',
        content: json(z.toJSONSchema(endpoint.answer, { unrepresentable: 'any' })),
      },
      default: { description: 'What went wrong.', content: json({ $ref: '#/components/schemas/Error' }) },
    },
  }
}

function parameters({ method, path, query }: Endpoint): readonly object[] {
  const list: object[] = []
  const inPath = /\{(\w+)\}/.exec(path)?.[1]
  if (inPath !== undefined) list.push({ name: inPath, in: 'path', required: true, schema: { type: 'string' } })
  if (query !== undefined) {
    const { properties = {} } = z.toJSONSchema(query, { io: 'input', unrepresentable: 'any' })
    for (const [name, schema] of Object.entries(properties)) list.push({ name, in: 'query', schema })
  }
  if (method === 'POST') {
    const description = 'The same request with the same value is answered as before, for a day, and changes nothing.'
    list.push({ name: 'idempotency-key', in: 'header', description, schema: { type: 'string', maxLength: 255 } })
  }
  return list
}

/** `GET /keys/{id}` → `get-keys-id` */
function operationId(method: string, path: string): string {
  return `${method.toLowerCase()}${path.replaceAll(/[{}]/g, '').replaceAll('/', '-')}`
}

function json(schema: object): object {
  return { 'application/json': { schema } }
}

const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['message', 'type', 'code'],
      properties: {
        message: { type: 'string', description: 'What is wrong and the way out.' },
        type: { type: 'string' },
        code: { type: ['string', 'null'], description: 'Stable; docs/errors.md lists them.' },
        param: { type: ['string', 'null'], description: 'What the error is about.' },
      },
    },
  },
}
