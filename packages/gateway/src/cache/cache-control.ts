import type { IncomingHttpHeaders } from 'node:http'
import { SluiceError } from '@sluice/protocol'

/** What a request wants of the cache. */
export interface CacheControl {
  /** Whether a kept answer will do. */
  readonly read: boolean
  /** Whether the answer may be kept. */
  readonly write: boolean
  /** Milliseconds: the oldest answer that will do. */
  readonly maxAge: number
  /** No provider is to be asked. */
  readonly onlyIfCached: boolean
  /** Whether an answer to a question like it will do; `undefined`: as config says. */
  readonly alike?: boolean
}

/** What config says, where a request does not. */
export interface UsualControl {
  readonly byDefault: boolean
  /** Answers to questions that are alike can be had. */
  readonly semantic: boolean
}

const on: CacheControl = Object.freeze({ read: true, write: true, maxAge: Infinity, onlyIfCached: false })
const off: CacheControl = Object.freeze({ ...on, read: false, write: false })
const refresh: CacheControl = Object.freeze({ ...on, read: false })

/** What a word in `x-sluice-cache` stands for. */
const words: Readonly<Record<string, CacheControl>> = { on, off, refresh, 'no-store': off }
const semanticWords: typeof words = {
  ...words,
  exact: Object.freeze({ ...on, alike: false }),
  semantic: Object.freeze({ ...on, alike: true }),
}

/**
 * From `x-sluice-cache: on | off | refresh`, and `exact | semantic` where the latter can be had, and from `Cache-Control` as HTTP means
 * it (RFC 9111): `no-store`, `no-cache`, `max-age=SECONDS`, `only-if-cached`; else by default. What either forbids is forbidden.
 *
 * @throws SluiceError `invalid_request` for another word in `x-sluice-cache`; of `Cache-Control` what is unknown is passed over.
 */
export function readCacheControl(headers: IncomingHttpHeaders, { byDefault, semantic }: UsualControl): CacheControl {
  const own = ownWord(headers['x-sluice-cache'], semantic)
  const standard = headers['cache-control']
  if (standard === undefined) return own ?? (byDefault ? on : off)
  const directives = new Map(
    standard
      .toLowerCase()
      .split(',')
      .map((directive) => {
        const [name = '', value = ''] = directive.split('=')
        return [name.trim(), value.trim().replaceAll('"', '')] as const
      }),
  )
  if (directives.has('no-store')) return off
  const noCache = directives.has('no-cache')
  const maxAge = directives.get('max-age')
  const onlyIfCached = directives.has('only-if-cached')
  const asksForKept = !noCache && (maxAge !== undefined || onlyIfCached)
  const usual = own ?? (byDefault || asksForKept ? on : off)
  if (noCache) return { ...usual, read: false, onlyIfCached }
  if (maxAge === undefined) return { ...usual, onlyIfCached }
  // A number that is none makes whatever is kept stale (section 4.2.1).
  const isNumber = /^\d+$/.test(maxAge)
  return {
    ...usual,
    read: usual.read && isNumber,
    maxAge: isNumber ? Number(maxAge) * 1000 : usual.maxAge,
    onlyIfCached,
  }
}

function ownWord(said: string | readonly string[] | undefined, semantic: boolean): CacheControl | undefined {
  if (typeof said !== 'string') return undefined
  const known = semantic ? semanticWords : words
  const word = said.trim().toLowerCase()
  if (Object.hasOwn(known, word)) return known[word]!
  throw new SluiceError('invalid_request', `x-sluice-cache: expected one of ${Object.keys(known).join(', ')}.`, {
    param: 'x-sluice-cache',
  })
}
