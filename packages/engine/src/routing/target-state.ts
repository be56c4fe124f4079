import type { UpstreamHeaders } from '../transport/transport.ts'
import type { ConcurrencyLimit } from './concurrency-limit.ts'
import type { Degradation } from './degradation.ts'
import type { EndedCall } from './ended-call.ts'
import type { RecentTimes } from './recent-times.ts'

/** Share of a new value in a decayed mean. */
const newShare = 0.2

/**
 * What its own traffic says of one target. Shared by all names and dialects that lead there, and by nothing else: the
 * same model with another key is another target. A class for its fields: they are touched with every call.
 */
export class TargetState {
  /** `provider/model`, with `#2` for the second key. */
  readonly id: string
  /** Calls under way, answers that are still being relayed included. */
  active = 0
  /** Calls that were answered, to the end or as long as the caller stayed. */
  successes = 0
  /** Calls that failed by the target's fault, answers that broke off included. */
  failures = 0
  /** Failures since the last success. */
  failuresInRow = 0
  /** Milliseconds to what an answer begins with, decayed; `undefined` before the first. */
  firstByte: number | undefined
  /** The last of them, where somebody wants to know their tail. */
  recent: RecentTimes | undefined
  /** Bytes per millisecond of streamed answers, decayed; `undefined` before the first. */
  throughput: number | undefined
  /** On the clock of `performance.now`: until then the target asked not to be called. */
  restUntil = 0
  /** Share of its own limits that is left, as its last answer's headers say, 0 to 1; `undefined` when they do not. */
  headroom: number | undefined
  /** What else decides whether it may be called; absent where nothing does. */
  guard: TargetGuard | undefined
  /** Holds it against its own past, where somebody wants to know. */
  degradation: Degradation | undefined
  /** Reads its answers' headers, where somebody wants to know what they say. */
  heard: ((headers: UpstreamHeaders, state: TargetState) => void) | undefined
  /** Its places, where there are only so many. */
  limit: ConcurrencyLimit | undefined

  constructor(id: string) {
    this.id = id
  }

  /** Whether it may be called now. `now` on the clock of `performance.now`. */
  available(now: number): boolean {
    if (now < this.restUntil || this.limit?.full === true) return false
    return this.guard === undefined || this.guard.allows(now)
  }

  begin(now: number): void {
    this.active++
    this.guard?.begin(now)
  }

  /** The answer may be committed to, after so many milliseconds. */
  answered(milliseconds: number): void {
    this.recent?.add(milliseconds)
    this.firstByte =
      this.firstByte === undefined ? milliseconds : this.firstByte + (milliseconds - this.firstByte) * newShare
  }

  /** The call is over. To be called once for each `begin`. */
  end(call: EndedCall): void {
    this.active--
    if (call.outcome === 'failed') {
      this.failures++
      this.failuresInRow++
    } else if (call.outcome === 'ok') {
      this.successes++
      this.failuresInRow = 0
    }
    const { streamed, bytes } = call
    if (streamed > 0 && call.outcome === 'ok') {
      const rate = bytes / streamed
      this.throughput = this.throughput === undefined ? rate : this.throughput + (rate - this.throughput) * newShare
    }
    this.guard?.end(call)
    this.degradation?.end(call)
    this.limit?.leave()
  }
}

/** Why a target may not be called now, in a few words. */
export function unavailability({ restUntil, guard, limit }: TargetState, now: number): string | undefined {
  if (now < restUntil) return `asked to rest for another ${Math.ceil(restUntil - now)} ms`
  return guard?.refusal(now) ?? (limit?.full === true ? 'all its places are taken' : undefined)
}

/** Keeps calls away from a target: a circuit breaker, a limit. */
export interface TargetGuard {
  allows(now: number): boolean
  /** Why not, in a few words; `undefined` when it does. */
  refusal(now: number): string | undefined
  begin(now: number): void
  end(call: EndedCall): void
  /** For reports; absent where there is nothing to tell. */
  describe?(now: number): GuardReport
  /** Something beside traffic says that it is well again: lets a call try it now, if it was left alone. */
  halfOpen?(now: number): void
}

export interface GuardReport {
  readonly state: 'closed' | 'open' | 'half-open'
  readonly reason: string
  /** Times that it opened, also again after a try. */
  readonly opened: number
}

/** `opened` is not told again for a target that fails when it is tried: it was not well in between. */
export type TargetChange = 'opened' | 'closed' | 'degraded' | 'recovered'

/** Hears of changes as they happen, within a call's end: has to be quick and must not throw. */
export type TargetListener = (state: TargetState, change: TargetChange) => void

/** The states of all targets, made when first asked for. */
export interface TargetStates {
  of(id: string): TargetState
  /** Those there are, in the order in which they were asked for. */
  all(): Iterable<TargetState>
  /** From now on the listener hears of every target, for good. */
  listen(listener: TargetListener): void
}

/** What shall keep an eye on each target; absent members: nothing. Each is given whom to tell of changes. */
export interface TargetWatch {
  guard?(tell: (change: TargetChange) => void): TargetGuard | undefined
  degradation?(tell: (change: TargetChange) => void): Degradation | undefined
  /** Hears the headers of every answer. */
  heard?(headers: UpstreamHeaders, state: TargetState): void
}

export function createTargetStates(watch: TargetWatch): TargetStates {
  const states = new Map<string, TargetState>()
  const listeners: TargetListener[] = []

  function create(id: string): TargetState {
    const state = new TargetState(id)
    const tell = (change: TargetChange): void => {
      for (const listener of listeners) listener(state, change)
    }
    state.guard = watch.guard?.(tell)
    state.degradation = watch.degradation?.(tell)
    state.heard = watch.heard
    return state
  }

  return {
    of(id) {
      let state = states.get(id)
      if (state === undefined) {
        if (states.size >= mostStates) forgetIdle(states)
        states.set(id, (state = create(id)))
      }
      return state
    },
    all: () => states.values(),
    listen: (listener) => void listeners.push(listener),
  }
}

/** Callers can make names up that a provider is asked for; those must not fill the memory, nor the reports. */
const mostStates = 1_000

/** Forgets half of them: those called least, as made-up names are. Who holds one still may use it on. */
function forgetIdle(states: Map<string, TargetState>): void {
  const calls = ({ successes, failures }: TargetState): number => successes + failures
  const idle = [...states.values()].filter(({ active }) => active === 0)
  idle.sort((one, other) => calls(one) - calls(other))
  for (const { id } of idle.slice(0, mostStates / 2)) states.delete(id)
}
