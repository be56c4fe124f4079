import type { IncomingMessage } from 'node:http'

/**
 * From `Authorization: Bearer`, `x-api-key` (Anthropic clients), `api-key` (Azure clients), or `x-goog-api-key` and
 * `?key=` (Gemini clients). The admin API takes none from an address, which logs and browsers keep.
 */
export function callerKey(request: IncomingMessage): string | undefined {
  const { headers } = request
  const authorization = headers.authorization
  if (
    authorization !== undefined &&
    authorization.length > 7 &&
    authorization.slice(0, 7).toLowerCase() === 'bearer '
  ) {
    return authorization.slice(7).trim()
  }
  const key = headers['x-api-key'] ?? headers['api-key'] ?? headers['x-goog-api-key'] ?? keyInQuery(request.url ?? '')
  return typeof key === 'string' && key !== '' ? key : undefined
}

/** By Signature Version 4, which can be checked only with the secret that made it. */
export function isSigned({ headers }: IncomingMessage): boolean {
  return headers.authorization?.startsWith('AWS4-') === true
}

function keyInQuery(url: string): string | undefined {
  const query = url.indexOf('?')
  return query < 0 || url.startsWith('/api/admin/')
    ? undefined
    : (new URLSearchParams(url.slice(query)).get('key') ?? undefined)
}
