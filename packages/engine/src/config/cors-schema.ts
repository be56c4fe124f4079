import * as z from 'zod/mini'
import type { CorsConfig } from './config.ts'
import { integer, type Shape } from './scalars.ts'
import { settingsBelow } from './settings.ts'
import type { Origin } from './sourced.ts'

/** `server.cors:`, for web pages of other origins. */
export interface CorsSettings {
  /** Scheme, host and port of each; `*` for all, but never for the admin API. */
  readonly origins: '*' | readonly string[]
  /** Of requests, besides those that are always allowed. */
  readonly headers?: readonly string[] | undefined
  /** Seconds that a browser need not ask again. Default 3600. */
  readonly max_age?: number | undefined
}

/** Not only of the web: desktop and mobile shells have schemes of their own, as `tauri://localhost`. */
const pageOrigin = () =>
  z
    .string()
    .check(
      z.regex(
        /^[a-z][a-z\d+.-]*:\/\/[^\s/?#@*\\]+$/i,
        'expected scheme and host of a page, such as https://app.example.com, or origins: "*"',
      ),
    )

const headerName = () => z.string().check(z.regex(/^[!#$%&'*+.^`|~\w-]+$/, "expected a header's name"))

export const corsSchema = (): z.ZodMiniType<CorsSettings> =>
  z.strictObject({
    origins: z.union([z.literal('*'), z.array(pageOrigin()).check(z.minLength(1))]),
    headers: z.optional(z.array(headerName())),
    max_age: z.optional(integer(0, 86_400)),
  } satisfies Shape<CorsSettings>)

export function buildCors(
  said: CorsSettings | null | undefined,
  origin: Origin,
  origins: Map<string, string>,
): CorsConfig | undefined {
  if (said === null || said === undefined) return undefined
  const value = settingsBelow(['server', 'cors'], origin, origins)
  const pages = value('origins', said.origins, [])
  return Object.freeze({
    origins: pages === '*' ? pages : Object.freeze(pages.map((page) => page.toLowerCase())),
    headers: Object.freeze(value('headers', said.headers, []).map((name) => name.toLowerCase())),
    maxAge: value('max_age', said.max_age, 3600),
  })
}
