import type { CorsConfig } from 'sluice'
import type { Call } from './call.ts'

/**
 * Says on an answer what a page of another origin may see of it, and answers the question that its browser asks first
 * (the preflight). Never lets cookies be sent: callers have keys.
 * https://fetch.spec.whatwg.org/#http-cors-protocol
 *
 * @returns whether the call was answered.
 */
export type Cors = (call: Call) => boolean

/** What callers may send; besides these, whatever begins as `allowedPrefixes` say. */
const allowedHeaders = [
  'api-key',
  'authorization',
  'content-type',
  'idempotency-key',
  'user-agent',
  'x-api-key',
  'x-request-id',
  'x-session-id',
]
/** Of the official SDKs (`x-stainless-` is whatever they tell of themselves), and our own. */
const allowedPrefixes = ['anthropic-', 'openai-', 'x-goog-', 'x-sluice-', 'x-stainless-']

/** Browsers take no patterns here, and `*` would be more than is meant. */
const exposedHeaders = [
  'retry-after',
  'retry-after-ms',
  'x-request-id',
  'x-should-retry',
  ...['limit', 'remaining', 'reset'].flatMap((figure) =>
    ['requests', 'tokens'].map((unit) => `x-ratelimit-${figure}-${unit}`),
  ),
  ...['attempts', 'cache', 'estimate', 'model', 'overhead-ms', 'provider', 'trace', 'warnings'].map(
    (name) => `x-sluice-${name}`,
  ),
].join(', ')

const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE'

/** `undefined` where pages of other origins may do nothing. */
export function createCors(config: CorsConfig | undefined): Cors | undefined {
  if (config === undefined) return undefined
  const { origins, maxAge } = config
  const named = origins === '*' ? undefined : new Set(origins)
  const headers = new Set([...allowedHeaders, ...config.headers])
  const isAllowed = (name: string): boolean =>
    headers.has(name) || allowedPrefixes.some((prefix) => name.startsWith(prefix))

  return ({ request, response, path }) => {
    const { origin, 'access-control-request-method': asked } = request.headers
    // What is kept on the way for one page must not be given to another.
    if (named !== undefined) response.setHeader('vary', 'Origin')
    if (origin === undefined) return false
    if (named === undefined ? isAdministration(path) : !named.has(origin.toLowerCase())) return false
    response.setHeader('access-control-allow-origin', named === undefined ? '*' : origin)
    if (request.method !== 'OPTIONS' || asked === undefined) {
      response.setHeader('access-control-expose-headers', exposedHeaders)
      return false
    }
    const wanted = (request.headers['access-control-request-headers'] ?? '').toLowerCase().split(',')
    response.writeHead(204, {
      'access-control-allow-methods': methods,
      'access-control-allow-headers': wanted
        .map((name) => name.trim())
        .filter(isAllowed)
        .join(', '),
      'access-control-max-age': String(maxAge),
    })
    response.end()
    return true
  }
}

function isAdministration(path: string): boolean {
  return path === '/api/admin' || path.startsWith('/api/admin/')
}
