import { SluiceError } from '@sluice/protocol'
import * as z from 'zod/mini'
import type { Reach } from '../../access/actor.ts'
import type { CacheOutcome } from '../../cache/answer-cache.ts'
import type { AdminParts } from '../admin-parts.ts'
import { endpoint, type Endpoint } from '../endpoint.ts'
import { id } from '../shapes.ts'
import { changeBy, found } from './change.ts'
import { checkWholeGateway } from './whole-gateway.ts'

const count = z.int().check(z.minimum(0))
const text = z.optional(z.string().check(z.minLength(1), z.maxLength(256)))

/** Answers that are given again. */
export const cacheEndpoints: readonly Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/cache',
    permission: 'gateway:read',
    summary: 'Show what the cache keeps, and how often it had an answer, since this process began.',
    answer: z.object({
      object: z.literal('cache'),
      enabled: z.boolean(),
      kept_in: z.nullable(z.enum(['memory', 'database', 'redis'])),
      entries: z.nullable(count),
      bytes: z.nullable(count),
      max_bytes: z.nullable(count),
      ttl_seconds: z.nullable(z.number()),
      share: z.nullable(z.enum(['key', 'workspace', 'organisation', 'all'])),
      requests: z.nullable(z.object({ hit: count, semantic: count, shared: count, miss: count, off: count })),
      hit_rate: z.nullable(z.number()),
    }),
    async handle({ actor }, { cache, config }) {
      checkWholeGateway(actor)
      const settings = config.cache
      if (settings === undefined) return { ...nothing, enabled: false }
      const { keptIn, outcomes, contents } = running(cache)
      const { entries, bytes } = await contents()
      const of = (outcome: CacheOutcome): number => outcomes.get(outcome) ?? 0
      const requests = {
        hit: of('hit'),
        semantic: of('semantic'),
        shared: of('shared'),
        miss: of('miss'),
        off: of('off'),
      }
      const given = requests.hit + requests.semantic + requests.shared
      const looked = given + requests.miss
      return {
        object: 'cache',
        enabled: true,
        kept_in: keptIn,
        entries,
        bytes,
        max_bytes: keptIn === 'redis' ? null : settings.maxBytes,
        ttl_seconds: settings.ttl / 1000,
        share: settings.share,
        requests,
        hit_rate: looked === 0 ? null : given / looked,
      }
    },
  }),
  endpoint({
    method: 'POST',
    path: '/cache/purge',
    permission: 'cache:write',
    summary: 'Forget kept answers: all, or those of a model, a provider, or whose requests they first were.',
    body: z.strictObject({
      provider: text,
      model: text,
      organisation_id: z.optional(id),
      workspace_id: z.optional(id),
      key_id: text,
    }),
    answer: z.object({ object: z.literal('cache_purge'), enabled: z.boolean(), purged: count }),
    async handle(call, parts) {
      const { body, actor } = call
      const { provider, model, key_id: key } = body
      const owners = await ownersWithin(actor.reach, body, parts)
      const which = Object.fromEntries(
        Object.entries({ provider, model, key, ...owners }).filter(([, value]) => value !== undefined),
      )
      const enabled = parts.config.cache !== undefined
      const purged = enabled ? await running(parts.cache).purge(which) : 0
      await parts.store.note({ resource: 'cache', ...owners, told: { ...body, purged } }, changeBy(call, 'cache.purge'))
      return { object: 'cache_purge', enabled, purged }
    },
  }),
]

const nothing = {
  object: 'cache',
  kept_in: null,
  entries: null,
  bytes: null,
  max_bytes: null,
  ttl_seconds: null,
  share: null,
  requests: null,
  hit_rate: null,
}

interface Owners {
  readonly organisation?: string | undefined
  readonly workspace?: string | undefined
}

/** What is named must be within reach; what is not is the actor's own. @throws SluiceError `resource_not_found` */
async function ownersWithin(
  reach: Reach,
  named: {
    readonly organisation_id?: string | undefined
    readonly workspace_id?: string | undefined
    readonly key_id?: string | undefined
  },
  { store }: AdminParts,
): Promise<Owners> {
  const { organisation_id: organisation, workspace_id: workspace, key_id: key } = named
  const limited = Object.keys(reach).length > 0
  if (organisation !== undefined)
    found(await store.organisations.find(organisation, reach), 'organisation', organisation)
  if (workspace !== undefined) found(await store.workspaces.find(workspace, reach), 'workspace', workspace)
  // Keys of the config are of no organisation.
  if (key !== undefined && limited) found(await store.keys.find(key, reach), 'key', key)
  return { organisation: reach.organisation ?? organisation, workspace: reach.workspace ?? workspace }
}

function running(cache: AdminParts['cache']): NonNullable<AdminParts['cache']> {
  if (cache !== undefined) return cache
  throw new SluiceError('invalid_request', 'Only a gateway that runs knows its cache: ask it, by `--url`.')
}
