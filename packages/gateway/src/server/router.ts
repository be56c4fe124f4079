import { SluiceError } from '@sluice/protocol'
import type { Handler } from './call.ts'

/**
 * A path and what answers it, by method. `*` in a path takes whatever is there; of several that fit, the one with the
 * longest end after its `*` answers.
 */
export interface Route {
  /** `*` takes any. */
  readonly method: 'GET' | 'POST' | 'DELETE' | '*'
  /** Without `/v1`: every route is served with and without it. */
  readonly path: string
  readonly handler: Handler
}

/** A route whose path has a `*`. */
interface OpenRoute {
  readonly route: Route
  readonly start: string
  readonly end: string
}

export interface Router {
  /** @throws SluiceError `path_not_found`; the handler does so for `method_not_allowed`. */
  find(method: string, path: string): Handler
}

export function createRouter(routes: readonly Route[]): Router {
  const exact = new Map<string, Handler>()
  const open: OpenRoute[] = []
  for (const route of routes) {
    const [start, end] = route.path.split('*')
    if (start !== undefined && end !== undefined) open.push({ route, start, end })
    else exact.set(`${route.method} ${route.path}`, route.handler)
  }
  open.sort((one, other) => other.end.length - one.end.length)
  return {
    find(method, path) {
      // Whatever can be got has a head (RFC 9110, section 9.1); Node leaves the body out.
      const verb = method === 'HEAD' ? 'GET' : method
      const handler =
        exact.get(`${verb} ${path}`) ??
        open.find(({ route, start, end }) => {
          const { method: taken } = route
          return (taken === verb || taken === '*') && path.startsWith(start) && path.endsWith(end)
        })?.route.handler
      return handler ?? refuse(routes, method, path)
    },
  }
}

/** @returns what refuses the method, where others are served. @throws SluiceError `path_not_found` */
function refuse(routes: readonly Route[], method: string, path: string): Handler {
  const methods = routes
    .filter((route) => fits(route, path))
    .flatMap((route) => (route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]))
  if (methods.length > 0) {
    return ({ response }) => {
      response.setHeader('allow', methods.join(', '))
      throw new SluiceError('method_not_allowed', `${printable(path)} takes ${methods.join(', ')}, not ${method}.`)
    }
  }
  const served = routes.map((route) => `${route.method} ${route.path}`).join(', ')
  throw new SluiceError(
    'path_not_found',
    `Nothing is served at ${method} ${printable(path)}. Served, with or without /v1: ${served}.`,
  )
}

function fits({ path: pattern }: Route, path: string): boolean {
  const [start = '', end] = pattern.split('*')
  return pattern === path || (end !== undefined && path.startsWith(start) && path.endsWith(end))
}

/** A path comes from the caller and goes into a message. */
function printable(path: string): string {
  return path.slice(0, 100).replaceAll(/[^\x21-\x7e]/g, '?')
}

/** What users put before the path when each SDK gets a base URL of its own: `http://…/anthropic`. */
const prefixes = ['/openai/', '/anthropic/', '/gemini/', '/ollama/', '/cohere/', '/bedrock/']

/** The path without its query, without an SDK's prefix and without `/v1`, so that any usual base URL works. */
export function routePath(url: string): string {
  const query = url.indexOf('?')
  let path = query < 0 ? url : url.slice(0, query)
  if (path.startsWith('/v1/')) return path.slice(3)
  const prefix = prefixes.find((candidate) => path.startsWith(candidate))
  if (prefix === undefined) return path
  path = path.slice(prefix.length - 1)
  return path.startsWith('/v1/') ? path.slice(3) : path
}
