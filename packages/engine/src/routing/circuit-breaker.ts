import type { ErrorCategory, SluiceError } from '@sluice/protocol'
import type { EndedCall } from './ended-call.ts'
import type { GuardReport, TargetGuard } from './target-state.ts'

/**
 * When a target is taken for broken. Times in milliseconds, rates from 0 to 1.
 * https://martinfowler.com/bliki/CircuitBreaker.html
 */
export interface BreakerOptions {
  /** Calls that ended within so much time count. */
  readonly window: number
  /** Rates say nothing of fewer calls. */
  readonly minimumCalls: number
  readonly failureRate: number
  /** So many failures in a row are enough, whatever the rate. */
  readonly consecutiveFailures: number
  /** A call whose answer begins later is slow; 0: none is. */
  readonly slowCall: number
  readonly slowRate: number
  /** How long it is left alone; doubled each time that the call which tries it fails too. */
  readonly openFor: number
  readonly longestOpen: number
}

export type BreakerState = 'closed' | 'open' | 'half-open'

/**
 * Keeps calls away from a target that fails: `open` until a time, then `half-open`, when one call at a time tries it,
 * whose success closes it again. A class for its fields: they are touched with every call.
 */
export class CircuitBreaker implements TargetGuard {
  readonly #options: BreakerOptions
  readonly #calls: RollingCount
  readonly #failures: RollingCount
  readonly #slow: RollingCount
  #inRow = 0
  /** 0 while closed. */
  #openUntil = 0
  #openFor: number
  /** When the call began that tries it: by that it is told from those that were under way before. */
  #trying: number | undefined
  #reason = ''
  #opened = 0
  readonly #changed: ((change: 'opened' | 'closed') => void) | undefined

  /** @param changed hears when it opens, and when it closes again. */
  constructor(options: BreakerOptions, changed?: (change: 'opened' | 'closed') => void) {
    this.#options = options
    this.#changed = changed
    this.#calls = new RollingCount(options.window)
    this.#failures = new RollingCount(options.window)
    this.#slow = new RollingCount(options.window)
    this.#openFor = options.openFor
  }

  state(now: number): BreakerState {
    if (this.#openUntil === 0) return 'closed'
    return now < this.#openUntil ? 'open' : 'half-open'
  }

  describe(now: number): GuardReport {
    const state = this.state(now)
    return { state, reason: state === 'closed' ? '' : this.#reason, opened: this.#opened }
  }

  halfOpen(now: number): void {
    if (this.#openUntil > now) this.#openUntil = now
  }

  allows(now: number): boolean {
    return this.#openUntil === 0 || (now >= this.#openUntil && this.#trying === undefined)
  }

  refusal(now: number): string | undefined {
    if (this.allows(now)) return undefined
    return now < this.#openUntil
      ? `its circuit is open for another ${Math.ceil(this.#openUntil - now)} ms: ${this.#reason}`
      : `its circuit is half open, and a call is trying it: ${this.#reason}`
  }

  begin(now: number): void {
    if (this.#openUntil > 0 && now >= this.#openUntil) this.#trying ??= now
  }

  end({ outcome, error, firstByte, startedAt, now }: EndedCall): void {
    const tried = this.#trying === startedAt
    if (tried) this.#trying = undefined
    if (outcome === 'neutral') return
    const { slowCall, consecutiveFailures } = this.#options
    this.#calls.add(now)
    if (outcome === 'ok') {
      this.#inRow = 0
      if (slowCall > 0 && firstByte !== undefined && firstByte > slowCall) this.#slow.add(now)
      // Also a call that was made in spite of it shows that the target works.
      if (this.#openUntil > 0) this.#close()
      else this.#judge(now)
      return
    }
    // A target that only asks for a rest is heeded elsewhere and is not broken.
    if (error?.code === 'rate_limit_exceeded' && error.retryAfterMs !== undefined) return
    this.#failures.add(now)
    this.#inRow++
    if (tried) {
      this.#openFor = Math.min(this.#options.longestOpen, this.#openFor * 2)
      this.#open(now, 'it failed again when it was tried')
    } else if (this.#openUntil > 0) return
    else if (isLasting(error)) this.#open(now, `${error?.code}`, this.#options.longestOpen)
    else if (this.#inRow >= consecutiveFailures) this.#open(now, `${this.#inRow} failures in a row`)
    else this.#judge(now)
  }

  #judge(now: number): void {
    const { minimumCalls, failureRate, slowRate } = this.#options
    const calls = this.#calls.total(now)
    if (calls < minimumCalls) return
    const failures = this.#failures.total(now)
    if (failures / calls >= failureRate) return this.#open(now, `${failures} of ${calls} calls failed`)
    const slow = this.#slow.total(now)
    if (slow > 0 && slow / calls >= slowRate) this.#open(now, `${slow} of ${calls} calls were slow`)
  }

  #open(now: number, reason: string, milliseconds: number = this.#openFor): void {
    const wasClosed = this.#openUntil === 0
    this.#openUntil = now + milliseconds
    this.#reason = reason
    this.#opened++
    if (wasClosed) this.#changed?.('opened')
  }

  #close(): void {
    this.#openUntil = 0
    this.#trying = undefined
    this.#openFor = this.#options.openFor
    this.#calls.clear()
    this.#failures.clear()
    this.#slow.clear()
    this.#changed?.('closed')
  }
}

/** What does not pass by itself within seconds: a wrong key, an empty account, a model that is not there. */
function isLasting(error: SluiceError | undefined): boolean {
  return error !== undefined && (lastingCategories.has(error.category) || lastingCodes.has(error.code))
}

const lastingCategories: ReadonlySet<ErrorCategory> = new Set(['billing'])
const lastingCodes: ReadonlySet<string> = new Set([
  'upstream_authentication_failed',
  'upstream_permission_denied',
  'upstream_model_not_found',
])

const slots = 10

/** Counts what happened within a window, to a tenth of it. */
class RollingCount {
  readonly #width: number
  readonly #counts = new Uint32Array(slots)
  /** The number of the newest slot since the clock's zero. */
  #newest = 0

  constructor(window: number) {
    this.#width = window / slots
  }

  add(now: number): void {
    this.#advance(now)
    const index = this.#newest % slots
    this.#counts[index] = this.#counts[index]! + 1
  }

  total(now: number): number {
    this.#advance(now)
    let sum = 0
    for (const count of this.#counts) sum += count
    return sum
  }

  clear(): void {
    this.#counts.fill(0)
  }

  #advance(now: number): void {
    const slot = Math.floor(now / this.#width)
    if (slot <= this.#newest) return
    if (slot - this.#newest >= slots) this.#counts.fill(0)
    else for (let passed = this.#newest + 1; passed <= slot; passed++) this.#counts[passed % slots] = 0
    this.#newest = slot
  }
}
