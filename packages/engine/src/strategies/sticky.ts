import { SluiceError } from '@sluice/protocol'
import * as z from 'zod/mini'
import { integer, text } from '../config/scalars.ts'
import { readOptions } from './kit/read-options.ts'
import { type KeySource, keySources, stickyKey } from './kit/sticky-key.ts'
import { fingerprint, share } from './kit/rendezvous.ts'
import type { Candidate, StrategyKind } from './strategy.ts'

interface StickyOptions {
  readonly by?: KeySource | readonly KeySource[] | undefined
  readonly header?: string | undefined
  readonly length?: number | undefined
  readonly otherwise?: string | undefined
}

const schema: z.ZodMiniType<StickyOptions> = z.lazy(() => {
  const source = z.enum(keySources)
  return z.strictObject({
    by: z.optional(z.union([source, z.array(source).check(z.minLength(1))])),
    header: z.optional(text),
    length: z.optional(integer(1, 1_000_000)),
    otherwise: z.optional(text),
  })
})

/**
 * The same candidate for the same key, on every machine, as long as it is there: by weighted rendezvous hashing, which moves
 * nothing but the keys of a candidate that is lost. Requests without a key are left to another strategy.
 *
 * Thaler and Ravishankar, "A Name-Based Mapping Scheme for Rendezvous"; weights after Schindelhauer and Schomaker,
 * "Weighted Distributed Hash Tables".
 */
export const sticky: StrategyKind = {
  name: 'sticky',
  create(candidates, context, options) {
    const {
      by = 'session',
      header = 'x-session-id',
      length = 1024,
      otherwise = 'weighted',
    } = readOptions('sticky', schema, options)
    const kind = context.kind(otherwise)
    if (kind === undefined || otherwise === 'sticky')
      throw new SluiceError('invalid_config', `the options of the strategy sticky: otherwise: no strategy ${otherwise}`)
    const rest = kind.create(candidates, context, {})
    const asked = { sources: typeof by === 'string' ? [by] : by, header: header.toLowerCase(), length }
    const prints = new Map(candidates.map((candidate) => [candidate, fingerprint(candidate.name)]))
    const scoreOf = (candidate: Candidate, key: number): number =>
      share(key, prints.get(candidate) ?? 0, candidate.weight)
    return {
      pick(open, request) {
        const key = stickyKey(request, asked)
        if (key === undefined) return rest.pick(open, request)
        const print = fingerprint(key)
        let best = open[0]!
        let least = Infinity
        for (const candidate of open) {
          const score = scoreOf(candidate, print)
          if (score >= least) continue
          best = candidate
          least = score
        }
        return best
      },
      score(candidate, request) {
        const key = stickyKey(request, asked)
        return key === undefined ? (rest.score?.(candidate, request) ?? 0) : scoreOf(candidate, fingerprint(key))
      },
    }
  },
}
