/** As much of a browser as signing in takes: it keeps cookies by origin, and follows redirects. */
export interface Browser {
  /** Goes somewhere and wherever that leads. @param before is asked before each step; `false` stops there. */
  visit(
    url: string,
    options?: { readonly stopBefore?: (url: string) => boolean; readonly accept?: string },
  ): Promise<Visit>
  /** As a page of the origin does, with its cookies; the token of the session too where `csrf` is not said otherwise. */
  fetch(url: string, request?: PageRequest): Promise<Response>
  cookie(origin: string, name: string): string | undefined
  setCookie(origin: string, name: string, value: string): void
}

export interface PageRequest {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Default: what the cookie says. */
  readonly csrf?: string | null
  /** Default: that of the page. */
  readonly origin?: string | null
}

export interface Visit {
  /** Where it ended, or would have gone on to. */
  readonly url: string
  /** Absent where it was stopped. */
  readonly response: Response | undefined
  /** `set-cookie` of all answers. */
  readonly cookies: readonly string[]
}

export function openBrowser(): Browser {
  const jars = new Map<string, Map<string, string>>()

  function jarOf(url: string): Map<string, string> {
    const { origin } = new URL(url)
    let jar = jars.get(origin)
    if (jar === undefined) jars.set(origin, (jar = new Map()))
    return jar
  }

  async function send(url: string, init: RequestInit): Promise<Response> {
    const jar = jarOf(url)
    const headers = new Headers(init.headers)
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '))
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';')
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]
      const gone = attributes.some((attribute) => /^\s*max-age=0$|^\s*expires=Thu, 01 Jan 1970/i.test(attribute))
      if (gone) jar.delete(name)
      else jar.set(name, value)
    }
    return response
  }

  return {
    async visit(start, { stopBefore, accept = 'application/json' } = {}) {
      let url = start
      const cookies: string[] = []
      for (;;) {
        if (stopBefore?.(url) === true) return { url, response: undefined, cookies }
        const response = await send(url, { headers: { accept } })
        cookies.push(...response.headers.getSetCookie())
        const location = response.headers.get('location')
        if (location === null) return { url, response, cookies }
        await response.body?.cancel()
        url = new URL(location, url).href
      }
    },
    fetch(url, { method = 'GET', body, headers, csrf, origin } = {}) {
      const all = new Headers(headers)
      const here = new URL(url).origin
      const token = csrf === undefined ? jarOf(url).get('sluice-csrf') : csrf
      if (method !== 'GET' && token !== undefined && token !== null) all.set('x-sluice-csrf', token)
      if (method !== 'GET' && origin !== null) all.set('origin', origin ?? here)
      if (body !== undefined) all.set('content-type', 'application/json')
      return send(url, { method, headers: all, ...(body !== undefined && { body: JSON.stringify(body) }) })
    },
    cookie: (origin, name) => jarOf(origin).get(name),
    setCookie: (origin, name, value) => void jarOf(origin).set(name, value),
  }
}
