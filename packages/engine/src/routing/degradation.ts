import type { EndedCall } from './ended-call.ts'

/** When a target is taken for worse than it usually is. */
export interface DegradationOptions {
  /** So many times what is usual is too much. */
  readonly factor: number
  /** At so many times what is usual it is well again; less than `factor`. */
  readonly recovery: number
  /** So many calls in a row must show it. */
  readonly samples: number
  /** Of fewer calls nothing is called usual. */
  readonly minimumCalls: number
  /** Milliseconds over which the usual is learned. */
  readonly memory: number
}

/** Share of the newest call in what is taken for the present. */
const presentShare = 0.2
const failureShare = 0.1
/** Milliseconds without a call after which nothing is known of the present. */
const presentLife = 300_000
/** Answers that begin sooner are never called slow, nor a failure now and then an outage. */
const leastFirstByte = 50
const leastFailureRate = 0.2
/** Milliseconds; the speed of a shorter stream is noise. */
const shortestStream = 50
/** One call says no more than so many times what is usual. */
const mostOfOne = 10

/**
 * Holds a target against its own past: time to the first byte, speed of streams, share of failures. A class for its
 * fields: they are touched with every call. Times in milliseconds on one clock.
 */
export class Degradation {
  readonly #options: DegradationOptions
  readonly #firstByte: Measure
  /** Milliseconds for a byte. */
  readonly #pace: Measure
  #calls = 0
  #usualFailures = 0
  #failures = 0
  #failing = false
  #latest = 0
  #degraded = false
  readonly #changed: ((degraded: boolean) => void) | undefined

  /** @param changed hears when it begins and when it is over. */
  constructor(options: DegradationOptions, changed?: (degraded: boolean) => void) {
    this.#options = options
    this.#firstByte = new Measure(options, leastFirstByte)
    this.#pace = new Measure(options, 0)
    this.#changed = changed
  }

  /** A call is over. */
  end({ outcome, firstByte, streamed, bytes, now }: EndedCall): void {
    if (outcome === 'neutral') return
    const elapsed = this.#latest === 0 ? 0 : Math.max(0, now - this.#latest)
    this.#latest = now
    if (elapsed > presentLife) this.#forgetPresent()
    if (outcome === 'ok') {
      if (firstByte !== undefined) this.#firstByte.add(firstByte, now)
      if (streamed >= shortestStream && bytes > 0) this.#pace.add(streamed / bytes, now)
    }
    this.#count(outcome === 'failed' ? 1 : 0, elapsed)
    const degraded = this.#firstByte.high || this.#pace.high || this.#failing
    if (degraded === this.#degraded) return
    this.#degraded = degraded
    this.#changed?.(degraded)
  }

  /** In what way it is worse than usual, in a few words; empty when it is not, or nobody called it lately. */
  reasons(now: number): readonly string[] {
    if (!this.#degraded || now - this.#latest > presentLife) return []
    const reasons: string[] = []
    const { high, ratio, usual } = this.#firstByte
    if (high) reasons.push(`time to first token ${times(ratio)} its usual ${Math.round(usual)} ms`)
    if (this.#pace.high)
      reasons.push(`streams at ${times(1 / this.#pace.ratio)} their usual ${speed(1 / this.#pace.usual)}`)
    if (this.#failing) reasons.push(`${percent(this.#failures)} of calls fail, usually ${percent(this.#usualFailures)}`)
    return reasons
  }

  #count(failed: 0 | 1, elapsed: number): void {
    const { factor, recovery, minimumCalls, memory } = this.#options
    this.#failures += (failed - this.#failures) * failureShare
    if (this.#calls >= minimumCalls) {
      this.#failing = this.#failing
        ? this.#failures > Math.max(leastFailureRate / 2, this.#usualFailures * recovery)
        : this.#failures >= Math.max(leastFailureRate, this.#usualFailures * factor)
    }
    this.#calls++
    this.#usualFailures += (failed - this.#usualFailures) * learningShare(this.#calls, minimumCalls, elapsed, memory)
  }

  #forgetPresent(): void {
    this.#firstByte.forgetPresent()
    this.#pace.forgetPresent()
    this.#failures = this.#usualFailures
    this.#failing = false
  }
}

/** Something of which more is worse: what is usual, and what is now. */
class Measure {
  usual = 0
  high = false
  #present = 0
  #count = 0
  /** Calls in a row that speak for a change. */
  #row = 0
  #latest = 0
  readonly #least: number
  readonly #options: DegradationOptions

  /** @param least what is never too much. */
  constructor(options: DegradationOptions, least: number) {
    this.#options = options
    this.#least = least
  }

  /** The present, in times of what is usual. */
  get ratio(): number {
    return this.#present / this.usual
  }

  add(given: number, now: number): void {
    const { factor, recovery, samples, minimumCalls, memory } = this.#options
    const known = this.#count >= minimumCalls
    const value = known ? Math.min(given, Math.max(this.usual, this.#least) * mostOfOne) : given
    this.#present = this.#present === 0 ? value : this.#present + (value - this.#present) * presentShare
    if (known) this.#judge(value, this.usual * factor, this.usual * recovery, samples)
    const elapsed = this.#count === 0 ? 0 : Math.max(0, now - this.#latest)
    this.#latest = now
    this.#count++
    this.usual += (value - this.usual) * learningShare(this.#count, minimumCalls, elapsed, memory)
  }

  /** Both the mean and the call itself must speak for it: one odd call echoes in the mean for a while. */
  #judge(value: number, tooMuch: number, enough: number, samples: number): void {
    const present = this.#present
    const speaks = this.high
      ? present <= Math.max(enough, this.#least)
      : present >= tooMuch && present > this.#least && value > enough
    this.#row = speaks ? this.#row + 1 : 0
    if (this.#row < samples) return
    this.high = !this.high
    this.#row = 0
  }

  forgetPresent(): void {
    this.#present = 0
    this.#row = 0
    this.high = false
  }
}

/** A plain mean at first; then by time, so that a burst of calls does not become the usual. */
function learningShare(count: number, minimumCalls: number, elapsed: number, memory: number): number {
  return count <= minimumCalls ? 1 / count : Math.min(1 / minimumCalls, elapsed / memory)
}

function times(ratio: number): string {
  return `${ratio < 1 ? ratio.toFixed(2) : ratio.toFixed(1)} x`
}

function speed(bytesPerMillisecond: number): string {
  return `${Math.round(bytesPerMillisecond * 1000)} bytes/s`
}

function percent(rate: number): string {
  return `${Math.round(rate * 100)} %`
}
