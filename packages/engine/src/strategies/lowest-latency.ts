import * as z from 'zod/mini'
import { decimal } from '../config/scalars.ts'
import { LastPicks } from './kit/last-picks.ts'
import { readOptions } from './kit/read-options.ts'
import type { Candidate, StrategyKind } from './strategy.ts'

const schema: z.ZodMiniType<{ readonly answer_bytes?: number | undefined }> = z.lazy(() =>
  z.strictObject({ answer_bytes: z.optional(decimal(0)) }),
)

/** About a hundred tokens, as OpenAI streams them. */
const usualAnswer = 16_384

/**
 * Of two drawn at random the one that would have answered first: by its decayed time to the first token, for streams also
 * by its throughput, times the calls that it would then have under way. Two and not all, so that requests which know the
 * same do not all run to the same target. One without figures is tried.
 *
 * Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing"; Finagle's "peak EWMA".
 */
export const lowestLatency: StrategyKind = {
  name: 'lowest-latency',
  create(all, { random }, options) {
    const { answer_bytes: answerBytes = usualAnswer } = readOptions('lowest-latency', schema, options)
    const picks = new LastPicks(all.length)
    return {
      pick(candidates, { stream }) {
        const count = candidates.length
        const first = Math.floor(random() * count)
        const other = Math.floor(random() * (count - 1))
        const a = candidates[first]!
        const b = candidates[other < first ? other : other + 1]!
        if (picks.neglected(a) || picks.neglected(b)) return picks.add(picks.of(a) <= picks.of(b) ? a : b)
        return picks.add(isFaster(b, a, stream ? answerBytes : 0) ? b : a)
      },
      score: (candidate, { stream }) => timeOf(candidate, stream ? answerBytes : 0) * crowding(candidate),
    }
  },
}

function isFaster(one: Candidate, other: Candidate, answerBytes: number): boolean {
  // What is not known of one of them does not count for either.
  if (one.load.firstByte === undefined || other.load.firstByte === undefined) return crowding(one) < crowding(other)
  const known = one.load.throughput !== undefined && other.load.throughput !== undefined
  const bytes = known ? answerBytes : 0
  return timeOf(one, bytes) * crowding(one) < timeOf(other, bytes) * crowding(other)
}

/** Milliseconds to a whole answer of so many bytes; one more, so that crowding counts among the fastest too. */
function timeOf({ load: { firstByte = 0, throughput } }: Candidate, bytes: number): number {
  return 1 + firstByte + (throughput === undefined || bytes === 0 ? 0 : bytes / throughput)
}

function crowding({ load, weight }: Candidate): number {
  return (load.active + 1) / weight
}
