import * as z from 'zod/mini'
import { permissions, roles } from '../access/roles.ts'
import { sessionSecuritySchemes, signInPaths } from '../sessions/sign-in-api.ts'
import type { Endpoint } from './endpoint.ts'
import { exportOperation } from './export-api.ts'

/** The admin API in OpenAPI 3.1, made of what its endpoints are checked by. https://spec.openapis.org/oas/v3.1.0 */
export function openApi(endpoints: readonly Endpoint[], version: string): object {
  const paths: Record<string, Record<string, object>> = { ...signInPaths() }
  for (const endpoint of endpoints) {
    const methods = (paths[`/api/admin${endpoint.path}`] ??= {})
    methods[endpoint.method.toLowerCase()] = operation(endpoint)
  }
  const records = endpoints.find(({ method, path }) => method === 'GET' && path === '/usage/records')
  if (records !== undefined) {
    const paged = ['limit', 'after']
    const given = parameters(records).filter(({ name }) => !paged.includes(name))
    paths['/api/admin/usage/export'] = { get: exportOperation(given, otherwise) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sluice admin API',
      version,
      description:
        'Everything that is managed while the gateway runs: keys and whose they are, limits, budgets, usage, cache, and what was changed. Each call takes a key that has a role.',
    },
    security: [{ key: [] }, { session: [], csrf: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer' }, ...sessionSecuritySchemes },
      schemas: { Error: errorSchema },
      responses: Object.fromEntries(
        Object.values(refusals).map(({ name, description }) => [name, failure(description)]),
      ),
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
      requestBody: {
        // As the API reads it, no body is an empty one.
        required: !body.safeParse({}).success,
        content: json(z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' })),
      },
    }),
    responses: {
      [status]: {
        description: 'Done.',
        content: json(z.toJSONSchema(endpoint.answer, { unrepresentable: 'any' })),
      },
      ...refusalsOf(endpoint),
      default: otherwise,
    },
  }
}

/** By status. */
const refusals = {
  400: { name: 'BadRequest', description: 'Something in the request is not as it should be; `param` says what.' },
  401: { name: 'Unauthorized', description: 'No key, or one that is not known, or expired.' },
  403: { name: 'Forbidden', description: 'The role of the key does not permit it.' },
  404: { name: 'NotFound', description: 'There is none, or it is beyond what the key reaches.' },
  409: {
    name: 'Conflict',
    description:
      'Something stands against it: another of the same, what belongs to it, or the configuration, which owns it.',
  },
} as const

function refusalsOf({ method, path, query, body }: Endpoint): object {
  const reads = query !== undefined || body !== undefined
  const names = path.includes('{') || Object.hasOwn(propertiesOf(body), 'organisation_id')
  const statuses = [
    ...(reads ? ([400] as const) : []),
    ...([401, 403] as const),
    ...(names ? ([404] as const) : []),
    ...(method === 'GET' ? [] : ([409] as const)),
  ]
  const entries = statuses.map((status) => [status, { $ref: `#/components/responses/${refusals[status].name}` }])
  return Object.fromEntries(entries) as object
}

function propertiesOf(schema: Endpoint['body']): Readonly<Record<string, unknown>> {
  if (schema === undefined) return {}
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }).properties ?? {}
}

const otherwise = failure('What else went wrong.')

function failure(description: string): object {
  return { description, content: json({ $ref: '#/components/schemas/Error' }) }
}

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: true
  readonly description?: string
  readonly schema: object
}

function parameters({ method, path, query }: Endpoint): readonly Parameter[] {
  const list: Parameter[] = []
  const inPath = /\{(\w+)\}/.exec(path)?.[1]
  if (inPath !== undefined) list.push({ name: inPath, in: 'path', required: true, schema: { type: 'string' } })
  if (query !== undefined) {
    for (const [name, schema] of Object.entries(propertiesOf(query)))
      list.push({ name, in: 'query', schema: schema as object })
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
