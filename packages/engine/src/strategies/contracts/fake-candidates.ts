import type { RouteRequest } from '../../routing/route-request.ts'
import { strategies } from '../../strategies.generated.ts'
import type { Candidate, StrategyContext } from '../strategy.ts'

export interface Figures {
  readonly name: string
  readonly weight?: number
  readonly priority?: number
  readonly active?: number
  readonly firstByte?: number | undefined
  readonly throughput?: number | undefined
  readonly headroom?: number | undefined
  readonly cost?: number | undefined
}

/** A candidate whose figures can be changed. */
export interface FakeCandidate extends Candidate {
  readonly load: {
    active: number
    firstByte: number | undefined
    throughput: number | undefined
    headroom: number | undefined
  }
}

export function fakeCandidate(figures: Figures): FakeCandidate {
  const { name, weight = 1, priority = 0, active = 0, firstByte, throughput, headroom, cost } = figures
  return { name, weight, priority, load: { active, firstByte, throughput, headroom }, estimatedCost: () => cost }
}

export interface Asked {
  readonly stream?: boolean
  readonly session?: string
  readonly params?: RouteRequest['params']
}

export function fakeRequest({ stream = false, session, params = {} }: Asked = {}): RouteRequest {
  const headers = session === undefined ? {} : { 'x-session-id': session }
  return { operation: 'chat', model: 'smart', stream, size: 100, params, headers, principal: 'local' }
}

/** Numbers in [0, 1), the same for the same seed: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}

export function strategyContext(random: () => number): StrategyContext {
  return { random, kind: (name) => strategies.get(name) }
}
