import { SluiceError } from '@sluice/protocol'
import type { ConfiguredProvider } from '../config/config.ts'
import type { Destination } from '../transport/transport.ts'
import { version } from '../version.generated.ts'
import { authorize } from './auth.ts'

/**
 * Where and with what headers a provider is called: prepared once, so that a request only looks it up.
 *
 * `path` is below the base URL, with or without a slash before it (`/chat/completions`); `../` climbs out of
 * the base URL's own path (`../anthropic/v1/messages`), never out of its host. It comes from a dialect or a
 * provider's declaration, never from a caller. With `query` authentication the result's path holds the key.
 * @throws SluiceError `invalid_config` when base URL, path or a header cannot be sent as they are.
 */
export function destinationFor(
  provider: ConfiguredProvider,
  path: string,
  method: 'GET' | 'POST' = 'POST',
  wireHeaders: Readonly<Record<string, string>> = {},
): Destination {
  const base = readBaseUrl(provider)
  const url = URL.parse(path.replace(/^\//, './'), base)
  if (url === null || url.origin !== base.origin || /^[\\/]{2}|[\\#]|^[a-z][a-z0-9+.-]*:/i.test(path)) {
    throw new SluiceError(
      'invalid_config',
      `Provider "${provider.id}": ${JSON.stringify(path)} is no path below its base URL.`,
    )
  }
  for (const [name, value] of base.searchParams) if (!url.searchParams.has(name)) url.searchParams.append(name, value)
  const { header, query } = authorize(provider.auth, provider.apiKey)
  if (query !== undefined) url.searchParams.set(query[0], query[1])
  return {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    headers: headersOf(provider, method, wireHeaders, header),
    ...(provider.identity !== undefined && { identity: provider.identity }),
  }
}

/** The list of models, or `undefined` where the provider has none. */
export function modelsDestination(provider: ConfiguredProvider): Destination | undefined {
  const path = provider.preset.modelsPath === undefined ? '/models' : provider.preset.modelsPath
  return path === null ? undefined : destinationFor(provider, path, 'GET')
}

/** A call that costs nothing and tells whether provider and key are good, or `undefined` where there is none. */
export function healthDestination(provider: ConfiguredProvider): Destination | undefined {
  const path = provider.preset.healthPath
  return path === undefined ? modelsDestination(provider) : destinationFor(provider, path, 'GET')
}

function readBaseUrl(provider: ConfiguredProvider): URL {
  const placeholder = /\{([^}]*)\}/.exec(provider.baseUrl)?.[1]
  if (placeholder !== undefined) {
    const variables = provider.preset.env?.settings?.[placeholder]?.join(' or ')
    throw new SluiceError(
      'invalid_config',
      `Provider "${provider.id}": {${placeholder}} of its base URL has no value${variables ? `; set ${variables}` : ''}.`,
    )
  }
  const url = URL.parse(provider.baseUrl)
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.password !== '' ||
    url.hash !== ''
  ) {
    throw new SluiceError(
      'invalid_config',
      `Provider "${provider.id}": its base URL must be an http or https URL without user name, password and fragment.`,
    )
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

/** Set by Sluice or the transport: another value would break the framing, or bring answers that cannot be read. */
export const ownHeaders: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

function headersOf(
  provider: ConfiguredProvider,
  method: 'GET' | 'POST',
  wireHeaders: Readonly<Record<string, string>>,
  authorization?: [string, string],
): string[] {
  const headers = new Map<string, string>()
  if (method === 'POST') headers.set('content-type', 'application/json')
  else headers.set('accept', 'application/json')
  // Answers are relayed and read as they pass, which a compressed one would not allow.
  headers.set('accept-encoding', 'identity')
  headers.set('user-agent', `sluice/${version}`)
  for (const [name, value] of Object.entries(wireHeaders)) headers.set(name, value)
  if (authorization !== undefined) {
    const [name, value] = authorization
    checkHeader(name, value, `Provider "${provider.id}": its key`)
    headers.set(name, value)
  }
  for (const [written, value] of Object.entries(provider.headers)) {
    const name = written.toLowerCase()
    checkHeader(name, value, `Provider "${provider.id}": header ${JSON.stringify(written)}`)
    if (ownHeaders.has(name)) {
      throw new SluiceError(
        'invalid_config',
        `Provider "${provider.id}": header "${name}" is set by Sluice; leave it out.`,
      )
    }
    headers.set(name, value)
  }
  return [...headers].flat()
}

// RFC 9110, sections 5.1 and 5.5. The value may be secret, so it is not shown.
function checkHeader(name: string, value: string, what: string): void {
  const valid =
    /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value) && value.trim() === value
  if (valid) return
  throw new SluiceError(
    'invalid_config',
    `${what} has characters that no header can carry (a line break, or a space at an end?).`,
  )
}
