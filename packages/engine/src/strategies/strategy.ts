import type { RouteRequest } from '../routing/route-request.ts'
import type { TargetState } from '../routing/target-state.ts'

/**
 * How a route chooses among its candidates. Made anew for each route, so that it may remember. It is asked only for
 * what is really to be chosen: all candidates it is given may be called now and fulfil their conditions.
 */
export interface Strategy {
  /** @param candidates at least two. @returns one of them. */
  pick(candidates: readonly Candidate[], request: RouteRequest): Candidate
  /** What the candidate counted in the choice, the lower the better; for traces only. */
  score?(candidate: Candidate, request: RouteRequest): number
}

/** What a strategy sees of the things it may choose. */
export interface Candidate {
  /** For traces: `groq/llama-4`, or a route's name. */
  readonly name: string
  /** Share of the traffic, relative to the others'; > 0. */
  readonly weight: number
  /** Lower goes first. */
  readonly priority: number
  /** What its traffic says; of a route, of all that is below. */
  readonly load: CandidateLoad
  /** Pico-dollars that a request would cost, as far as that can be told before; `undefined` when the price is not known. */
  estimatedCost(request: RouteRequest): number | undefined
}

/** The part of `TargetState` that strategies read. */
export type CandidateLoad = Readonly<Pick<TargetState, 'active' | 'firstByte' | 'throughput' | 'headroom'>>

/** One strategy by its name in config. */
export interface StrategyKind {
  /** `least-busy`. */
  readonly name: string
  /**
   * Also called to check a config, for what it throws, with candidates that have no traffic.
   *
   * @param candidates all there are; `pick` is given any of them.
   * @param options what config says beside the name.
   * @throws SluiceError `invalid_config` naming the option that is wrong.
   */
  create(candidates: readonly Candidate[], context: StrategyContext, options: StrategyOptions): Strategy
}

/** What a strategy may use of the engine. */
export interface StrategyContext {
  /** In [0, 1). */
  random(): number
  /** Another strategy by its name, for one that leaves some requests to it. */
  kind(name: string): StrategyKind | undefined
}

/** Of config's `strategy: { name: sticky, by: session }`. */
export type StrategyOptions = Readonly<Record<string, unknown>>
