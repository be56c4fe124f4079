import * as z from 'zod/mini'
import type { ReportRoute } from './build-routes.ts'
import type { CacheConfig, CacheShare, CacheStore, SemanticCacheConfig, ServerConfig } from './config.ts'
import { boolean, decimal, integer, type Shape, text } from './scalars.ts'
import { settingsBelow } from './settings.ts'
import type { Origin } from './sourced.ts'

/** `cache:` */
export interface CacheSettings {
  /** Where answers are kept. Default: `redis` where `server.redis_url` is given, else `memory`. */
  readonly store?: CacheStore | undefined
  /** Seconds that an answer is kept. Default 3600. */
  readonly ttl?: number | undefined
  /** Of all answers together. Default 64 MiB. */
  readonly max_bytes?: number | undefined
  /** Of one answer; longer ones are not kept. Default 1 MiB. */
  readonly max_entry_bytes?: number | undefined
  /** Whose answers a caller may be given: those of the same key, workspace or organisation, or everybody's. Default `key`. */
  readonly share?: CacheShare | undefined
  /** Whether requests that do not say so are answered from it. Default `true`. */
  readonly by_default?: boolean | undefined
  /** Give answers to questions that are alike too. Off where it is not written. */
  readonly semantic?: SemanticCacheSettings | null | undefined
}

interface SemanticCacheSettings {
  /** A model for embeddings, or a route that leads to one. */
  readonly model: string
  /** Cosine of two questions from which on one's answer will do for the other. Default 0.97. */
  readonly threshold?: number | undefined
  /** Default: as `cache.share`. */
  readonly share?: CacheShare | undefined
  /** Whether requests that do not say so are answered like that. Default `false`. */
  readonly by_default?: boolean | undefined
  /** Requests with a higher one are asked; one that says none counts as 1. Default 1. */
  readonly max_temperature?: number | undefined
  /** Questions that are remembered in a process. Default 5000. */
  readonly max_entries?: number | undefined
  /** Seconds that a caller may wait for an embedding. Default 2. */
  readonly timeout?: number | undefined
}

const share = (): z.ZodMiniType<CacheShare> => z.enum(['key', 'workspace', 'organisation', 'all'])

export const cacheSchema = (): z.ZodMiniType<CacheSettings> =>
  z.strictObject({
    store: z.optional(z.enum(['memory', 'database', 'redis'])),
    ttl: z.optional(integer(1, 315_360_000)),
    max_bytes: z.optional(integer(1)),
    max_entry_bytes: z.optional(integer(1)),
    share: z.optional(share()),
    by_default: z.optional(boolean),
    semantic: z.nullish(
      z.strictObject({
        model: text,
        threshold: z.optional(decimal(0.5, 1)),
        share: z.optional(share()),
        by_default: z.optional(boolean),
        max_temperature: z.optional(decimal(0, 2)),
        max_entries: z.optional(integer(1, 1_000_000)),
        timeout: z.optional(decimal(0.01, 60)),
      } satisfies Shape<SemanticCacheSettings>),
    ),
  } satisfies Shape<CacheSettings>)

export interface BuildCacheParts {
  readonly server: ServerConfig
  readonly origin: Origin
  readonly origins: Map<string, string>
  readonly report: ReportRoute
}

export function buildCache(
  settings: CacheSettings,
  { server: { redisUrl }, origin, origins, report }: BuildCacheParts,
): CacheConfig {
  const value = settingsBelow(['cache'], origin, origins)
  if (settings.store === 'redis' && redisUrl === undefined)
    report(
      ['cache', 'store'],
      'redis needs the address of one: set server.redis_url (REDIS_URL), or choose memory or database',
    )
  return Object.freeze({
    store: value('store', settings.store, redisUrl === undefined ? 'memory' : 'redis'),
    ttl: value('ttl', settings.ttl, 3600) * 1000,
    maxBytes: value('max_bytes', settings.max_bytes, 64 * 1024 * 1024),
    maxEntryBytes: value('max_entry_bytes', settings.max_entry_bytes, 1024 * 1024),
    share: value('share', settings.share, 'key'),
    byDefault: value('by_default', settings.by_default, true),
    semantic: settings.semantic ? buildSemantic(settings.semantic, origin, origins) : undefined,
  })
}

function buildSemantic(
  settings: SemanticCacheSettings,
  origin: Origin,
  origins: Map<string, string>,
): SemanticCacheConfig {
  const value = settingsBelow(['cache', 'semantic'], origin, origins)
  return Object.freeze({
    model: settings.model,
    threshold: value('threshold', settings.threshold, 0.97),
    share: settings.share,
    byDefault: value('by_default', settings.by_default, false),
    maxTemperature: value('max_temperature', settings.max_temperature, 1),
    maxVectors: value('max_entries', settings.max_entries, 5_000),
    timeout: value('timeout', settings.timeout, 2) * 1000,
  })
}
