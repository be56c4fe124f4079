import type { Provider } from './provider.ts'

/**
 * Whose API a base URL is, told by its host alone, which must equal a known host or be a subdomain of one: other
 * parts of a URL are not proof (`https://evil.test/?openrouter.ai`). Local servers are told by host and port.
 * The most exact host wins. `undefined` when none is known, or the text is no http(s) URL.
 */
export function detectProvider(baseUrl: string, providers: readonly Provider[]): Provider | undefined {
  const url = readUrl(baseUrl)
  if (url === undefined) return undefined
  let best: Provider | undefined
  let bestLength = 0
  for (const provider of providers) {
    if (provider.generic) continue
    for (const host of hostsOf(provider)) {
      if (host.length > bestLength && isAt(url, host)) {
        best = provider
        bestLength = host.length
      }
    }
  }
  return best
}

/** The display name for a base URL: `OpenRouter`, `Groq`, …, else `OpenAI Compatible`. */
export function detectProviderName(baseUrl: string, providers: readonly Provider[]): string {
  return detectProvider(baseUrl, providers)?.name ?? 'OpenAI Compatible'
}

/** Every host by which a provider is recognised; with a port where it runs on the user's machine. */
export function hostsOf(provider: Provider): readonly string[] {
  const url = provider.generic || provider.baseUrl === undefined ? undefined : readUrl(provider.baseUrl)
  const own = url === undefined ? [] : [provider.local ? `${url.hostname}:${url.port}` : url.hostname]
  return [...own, ...(provider.hosts ?? [])]
}

interface Address {
  readonly hostname: string
  readonly port: string
}

function readUrl(text: string): Address | undefined {
  // A placeholder would not parse inside a host; a path is not looked at anyway.
  const url = URL.parse(text.trim().replaceAll(/\{[^}]*\}/g, 'x'))
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined
  const hostname = url.hostname.replace(/\.$/, '')
  return { hostname: /^(?:127\.0\.0\.1|\[::1\])$/.test(hostname) ? 'localhost' : hostname, port: url.port }
}

function isAt(url: Address, host: string): boolean {
  if (host.includes(':')) return `${url.hostname}:${url.port}` === host
  return url.hostname === host || url.hostname.endsWith(`.${host}`)
}
