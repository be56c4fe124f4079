import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Config, Engine } from 'sluice'
import { createBudgetEvents, type TellOfBudget } from '../budgets/budget-events.ts'
import { createKnownSpend } from '../budgets/known-spend.ts'
import { createPricing } from '../budgets/pricing.ts'
import type { RedisConnection } from '../counters/connect-redis.ts'
import type { Counters } from '../counters/counters.ts'
import { createGuardedCounters, type GuardedCounters } from '../counters/guarded-counters.ts'
import { createMemoryCounters } from '../counters/memory-counters.ts'
import type { Ledger } from '../ledger/compose-ledger.ts'
import type { Admit } from '../pipeline/admit.ts'
import { createAdmit } from './create-admit.ts'
import { createSpendingAdmit } from './create-spending-admit.ts'
import { createLazyCounters } from './lazy-counters.ts'
import { createRawAdmit, type RawAdmit } from './raw-admit.ts'
import { createRationBook } from './rations.ts'
import { createRationTaker } from './take-rations.ts'

/** What limits and budgets have room for. */
export interface Limits {
  readonly admit: Admit
  /** For what the gateway asks besides, for a request that was let in: only money is looked at. */
  readonly admitSpending: Admit
  /** Of the raw proxy. */
  readonly admitRaw: RawAdmit
  status(): LimitsStatus
  readonly look: Counters['look']
  close(): Promise<void>
}

/** Where limits are counted, for health. */
export interface LimitsStatus {
  /** `lost`: Redis should be asked and cannot be. */
  readonly state: 'ok' | 'lost'
  readonly counted_in: 'memory' | 'redis' | 'first process'
  /** For people; `null` when all is well. */
  readonly reason: string | null
}

export interface LimitsParts {
  readonly config: Pick<Config, 'limits' | 'budgets' | 'server'>
  readonly engine: Pick<Engine, 'registry' | 'facts'>
  readonly ledger: Ledger | undefined
  /** Of all processes of this gateway; absent where this is the only one. */
  readonly counters?: Counters | undefined
  readonly logger: Logger
  /** Unix milliseconds. */
  readonly now: () => number
  readonly tell: (event: 'limits.store_lost' | 'limits.store_back', subject: string, reason: string) => void
  readonly tellOfBudget: TellOfBudget
}

/** Milliseconds that what was settled last gets to reach the counters. */
const lastWords = 1_000

export function composeLimits(parts: LimitsParts): Limits {
  const { config, engine, ledger, logger, now, tell, tellOfBudget } = parts
  const { limits, budgets, server } = config
  const { redisUrl } = server
  const local = parts.counters ?? createMemoryCounters(now)
  let reason: string | null = null
  let guarded: GuardedCounters | undefined
  let redis: RedisConnection | undefined

  const counters =
    redisUrl === undefined
      ? local
      : createLazyCounters(async () => {
          const [{ connectRedis }, { createRedisCounters }] = await Promise.all([
            import('../counters/connect-redis.ts'),
            import('../counters/redis-counters.ts'),
          ])
          const connection = (redis = connectRedis(redisUrl, logger))
          await connection.ready()
          guarded = createGuardedCounters({
            shared: createRedisCounters({ redis: connection }),
            local,
            whenLost: limits.whenLost,
            replicas: limits.replicas,
            changed(lost, why) {
              reason = lost ? why : null
              tell(lost ? 'limits.store_lost' : 'limits.store_back', 'redis', why)
            },
          })
          return guarded
        })
  const taker = createRationTaker({
    counters,
    knownSpend: createKnownSpend(ledger && (() => ledger.store())),
    failOpen: limits.whenLost === 'fail-open',
    events: createBudgetEvents(tellOfBudget),
  })
  const book = createRationBook({ limits: limits.rules, budgets: budgets.rules, now })
  const admission = { book, taker, pricing: createPricing(engine), budgets }
  return {
    admit: createAdmit(admission),
    admitSpending: createSpendingAdmit({
      ...admission,
      book: createRationBook({ limits: [], budgets: budgets.rules, now }),
    }),
    admitRaw: createRawAdmit(admission),
    status: () => ({
      state: guarded?.lost === true ? 'lost' : 'ok',
      counted_in: redisUrl !== undefined ? 'redis' : parts.counters === undefined ? 'memory' : 'first process',
      reason,
    }),
    look: (spends) => counters.look(spends),
    async close() {
      await Promise.race([taker.close(), sleep(lastWords, undefined, { ref: false })])
      await counters.close()
      await redis?.close()
    },
  }
}
