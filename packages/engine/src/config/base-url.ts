import type { Provider } from '../provider-kit/provider.ts'

/** Either the base URL as it is used, without a trailing slash, or what is wrong with it. */
export type BaseUrlCheck = { readonly url: string } | { readonly problem: string }

/** Checks a base URL: http or https, no credentials or fragment, and no dialect's own path at its end. */
export function checkBaseUrl(text: string): BaseUrlCheck {
  const trimmed = text.trim()
  if (!/^https?:\/\//i.test(trimmed)) return { problem: 'expected a URL that starts with http:// or https://' }
  let url: URL
  try {
    url = new URL(trimmed)
  } catch {
    return { problem: 'expected a URL' }
  }
  if (url.username !== '' || url.password !== '') {
    return { problem: 'a base URL holds no user name or password; use api_key or headers' }
  }
  if (url.hash !== '') return { problem: 'a base URL has no fragment (#)' }
  const path = url.pathname.replace(/\/+$/, '')
  const endpoint = /\/(?:chat\/completions|completions|responses|embeddings|models)$/.exec(path)
  if (endpoint !== null) return { problem: `a base URL ends before ${endpoint[0]}; leave that part out` }
  return { url: `${url.origin}${path}${url.search}` }
}

/** Whether an address has no path, and the preset gives it one: `https://name.openai.azure.com`. */
export function isBareFor({ completesBaseUrl }: Provider, text: string): boolean {
  return completesBaseUrl === true && /^\s*https?:\/\/[^/?#]+\/*\s*$/i.test(text)
}

/** Such an address with the path and query of the preset's; any other as it is. */
export function completeBaseUrl(text: string, preset: Provider): string {
  if (!isBareFor(preset, text) || preset.baseUrl === undefined) return text
  return text.trim().replace(/\/+$/, '') + preset.baseUrl.replace(/^https?:\/\/[^/?]+/, '')
}

/**
 * Fills in what a local server's address leaves out, from the preset's own base URL: `192.168.1.7` and
 * `http://gpu:9999` become `http://192.168.1.7:11434/v1` and `http://gpu:9999/v1`. The address of all interfaces
 * (`0.0.0.0`), which a server listens on and no client can call, becomes that of this machine.
 */
export function completeLocalUrl(text: string, preset: string): string {
  const trimmed = text.trim()
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed)
  const model = new URL(preset)
  let url: URL
  try {
    url = new URL(hasScheme ? trimmed : `${model.protocol}//${trimmed}`)
  } catch {
    return trimmed
  }
  if (!hasScheme && !/:\d+(?:\/|$)/.test(trimmed)) url.port = model.port
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1'
  if (url.hostname === '[::]') url.hostname = '[::1]'
  if (url.pathname === '/') url.pathname = model.pathname
  return url.href
}
