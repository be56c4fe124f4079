import * as z from 'zod/mini'
import type { OutboundConfig } from './config.ts'
import { boolean, integer, type Shape } from './scalars.ts'
import { settingsBelow } from './settings.ts'
import type { Origin } from './sourced.ts'

/** `server.outbound:` where addresses that tenants name may lead. */
export interface OutboundSettings {
  /** Besides what is public: hosts, addresses, ranges of them, and origins, which are free of the other rules too. */
  readonly allow?: readonly string[] | undefined
  /** Without TLS too. Default `false`. */
  readonly http?: boolean | undefined
  /** Default 443, and 80 with `http`. */
  readonly ports?: readonly number[] | undefined
}

const allowed = () =>
  z
    .string()
    .check(
      z.regex(
        /^(?:https?:\/\/)?(?:[\w-]+(?:\.[\w-]+)*|\[?[\da-f:.]+\]?)(?:\/\d{1,3}|:\d{1,5})?$/i,
        'expected a host, an address, a range such as 10.1.0.0/16, or an origin such as http://models.internal:8000',
      ),
    )

export const outboundSchema = (): z.ZodMiniType<OutboundSettings> =>
  z.strictObject({
    allow: z.optional(z.array(allowed())),
    http: z.optional(boolean),
    ports: z.optional(z.array(integer(1, 65_535)).check(z.minLength(1))),
  } satisfies Shape<OutboundSettings>)

export function buildOutbound(
  settings: OutboundSettings | null | undefined,
  origin: Origin,
  origins: Map<string, string>,
): OutboundConfig {
  const value = settingsBelow(['server', 'outbound'], origin, origins)
  const said = settings ?? {}
  const http = value('http', said.http, false)
  return Object.freeze({
    allow: Object.freeze(value('allow', said.allow, [])),
    http,
    ports: Object.freeze(value('ports', said.ports, http ? [443, 80] : [443])),
  })
}
