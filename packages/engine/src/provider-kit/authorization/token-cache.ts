export interface AccessToken {
  readonly value: string
  /** Milliseconds from its being issued. */
  readonly lifetime: number
}

export interface TokenCache {
  get(): Promise<string>
  /** The token was refused; fetch another next time. */
  forget(): void
}

const longestLead = 5 * 60_000
const longestMargin = 30_000

/**
 * One token for all calls. Some minutes before it expires another is fetched while the old one serves on; only
 * where there is none that is still good do calls wait, all for the same fetch. A failed fetch is not remembered.
 *
 * @param now milliseconds on any steady clock.
 */
export function createTokenCache(fetchToken: () => Promise<AccessToken>, now: () => number): TokenCache {
  let token: { readonly value: string; readonly renewAt: number; readonly usableUntil: number } | undefined
  let fetching: Promise<string> | undefined

  const renew = (): Promise<string> => {
    const askedAt = now()
    const attempt = fetchToken().then(
      ({ value, lifetime }) => {
        const expiresAt = askedAt + lifetime
        token = {
          value,
          renewAt: expiresAt - Math.min(longestLead, lifetime / 2),
          usableUntil: expiresAt - Math.min(longestMargin, lifetime / 10),
        }
        fetching = undefined
        return value
      },
      (error: unknown) => {
        fetching = undefined
        throw error
      },
    )
    fetching = attempt
    return attempt
  }

  return {
    get() {
      const time = now()
      if (token === undefined || time >= token.usableUntil) return fetching ?? renew()
      // It serves on if this fails; the next call tries again.
      if (time >= token.renewAt && fetching === undefined) renew().catch(() => undefined)
      return Promise.resolve(token.value)
    },
    forget() {
      token = undefined
    },
  }
}
