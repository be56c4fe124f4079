import { SluiceError } from '@sluice/protocol'
import { describeIssues, formatPath } from 'sluice'
import type * as z from 'zod/mini'
import { permissions } from '../access/roles.ts'
import { isOddText } from '../ledger/well-formed-entry.ts'
import type { AdminParts } from './admin-parts.ts'
import type { AdminAnswer, AdminRequest } from './admin-request.ts'
import type { Endpoint } from './endpoint.ts'
import type { IdempotentAnswers } from './idempotent-answers.ts'

/** The admin API without HTTP around it: the command line asks it in its own process. */
export interface Admin {
  /** Rejects with a `SluiceError`. */
  handle(request: AdminRequest): Promise<AdminAnswer>
}

export interface AdminOptions {
  readonly endpoints: readonly Endpoint[]
  readonly parts: AdminParts
  readonly answers: IdempotentAnswers
  /** Told of every request that may have changed something. */
  readonly changed: () => void
}

export function createAdmin({ endpoints, parts, answers, changed }: AdminOptions): Admin {
  async function run(endpoint: Endpoint, pathId: string, request: AdminRequest): Promise<AdminAnswer> {
    const query = read(endpoint.query, queryOf(request.query), 'query')
    const body = read(endpoint.body, request.body ?? {}, 'body')
    const { actor, requestId, address } = request
    try {
      const answer = await endpoint.handle({ actor, id: pathId, query, body, requestId, address }, parts)
      return { status: endpoint.status ?? 200, body: answer, replayed: false }
    } finally {
      if (endpoint.method !== 'GET') changed()
    }
  }

  return {
    async handle(request) {
      const { endpoint, id } = find(endpoints, request)
      const { actor, idempotencyKey } = request
      if (!permissions[actor.role].has(endpoint.permission)) {
        throw new SluiceError(
          'permission_denied',
          `The role ${actor.role} may not do this: it takes one with the permission ${endpoint.permission}.`,
        )
      }
      const ask = (): Promise<AdminAnswer> => run(endpoint, id, request)
      return idempotencyKey === undefined || endpoint.method !== 'POST'
        ? ask()
        : answers.once(idempotencyKey, request, ask)
    },
  }
}

/** @throws SluiceError `path_not_found`, `method_not_allowed` */
function find(
  endpoints: readonly Endpoint[],
  { method, path }: AdminRequest,
): { readonly endpoint: Endpoint; readonly id: string } {
  const at = endpoints.flatMap((endpoint) => {
    const id = idIn(endpoint.path, path)
    return id === undefined ? [] : [{ endpoint, id }]
  })
  const found = at.find(({ endpoint }) => endpoint.method === method)
  if (found !== undefined) return found
  if (at.length > 0) {
    const methods = at.map(({ endpoint }) => endpoint.method).join(', ')
    throw new SluiceError('method_not_allowed', `This path of the admin API takes ${methods}, not ${method}.`)
  }
  throw new SluiceError(
    'path_not_found',
    'The admin API has nothing at this path. GET /openapi.json describes all that it has.',
  )
}

/** What a path has where the pattern has braces, empty where it has none; `undefined` when it does not fit. */
function idIn(pattern: string, path: string): string | undefined {
  const start = pattern.indexOf('{')
  if (start < 0) return pattern === path ? '' : undefined
  const end = pattern.slice(pattern.indexOf('}') + 1)
  if (!path.startsWith(pattern.slice(0, start)) || !path.endsWith(end)) return undefined
  const id = path.slice(start, path.length - end.length)
  return id === '' || id.includes('/') ? undefined : id
}

/** @throws SluiceError `invalid_request` where something is said twice */
function queryOf(query: URLSearchParams): Readonly<Record<string, string>> {
  for (const name of query.keys()) {
    if (query.getAll(name).length > 1)
      throw new SluiceError('invalid_request', `\`${printable(name)}\`: given more than once.`, {
        param: printable(name),
      })
  }
  return Object.fromEntries(query)
}

/** @throws SluiceError `invalid_request` naming what is wrong */
function read(schema: z.ZodMiniType | undefined, given: unknown, place: 'query' | 'body'): unknown {
  if (schema === undefined) return undefined
  // PostgreSQL has no such texts, so no database is given them.
  if (hasOddText(given))
    throw new SluiceError('invalid_request', `The ${place} has a text with a zero byte, or with half of a character.`)
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const [problem] = describeIssues(result.error.issues, schema, given, () => false)
  // A query has nothing but texts: what is in one has no name of its own.
  const path = printable(formatPath((problem?.path ?? []).slice(0, place === 'query' ? 1 : undefined)))
  const message = problem?.message ?? 'not as it should be'
  throw new SluiceError('invalid_request', `${path === '' ? `The ${place}` : `\`${path}\``}: ${message}.`, {
    ...(path !== '' && { param: path }),
  })
}

function hasOddText(value: unknown): boolean {
  if (typeof value === 'string') return isOddText(value)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([name, member]) => isOddText(name) || hasOddText(member))
}

function printable(text: string): string {
  return text.slice(0, 100).replaceAll(/[^\x20-\x7e]/g, '?')
}
