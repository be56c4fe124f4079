import { RollingCalls } from './rolling-calls.ts'

/** Upper bounds in seconds, as Prometheus' own libraries have them, and some more: models think long. */
export const secondsBounds: readonly number[] = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]

/** What is counted of one operation with one model at one provider, from the start on. */
export interface SeriesFigures {
  readonly provider: string
  readonly model: string
  readonly operation: string
  readonly ok: number
  readonly aborted: number
  /** By error code. */
  readonly failures: ReadonlyMap<string, number>
  /** By class. */
  readonly tokens: Readonly<Record<'input' | 'cacheRead' | 'cacheWrite' | 'output' | 'reasoning', number>>
  readonly nanoDollars: number
  readonly unpriced: number
  readonly firstByte: SecondsFigures
  readonly duration: SecondsFigures
}

/** Seconds, by the upper bounds of `secondsBounds`. */
export interface SecondsFigures {
  /** One more than bounds: what is above all of them. */
  readonly counts: Float64Array
  readonly sum: number
}

/** All that is counted of one operation with one model at one provider. */
export class Series implements SeriesFigures {
  readonly provider: string
  readonly model: string
  readonly operation: string
  readonly recent: RollingCalls = new RollingCalls()
  /** When it was last added to, on the clock of `performance.now`. */
  usedAt = 0
  /** Its place was given to another: what comes is counted elsewhere. */
  dropped = false
  ok = 0
  aborted = 0
  /** By error code. */
  readonly failures: Map<string, number> = new Map()
  /** By class. */
  readonly tokens: Record<'input' | 'cacheRead' | 'cacheWrite' | 'output' | 'reasoning', number> = {
    input: 0,
    cacheRead: 0,
    cacheWrite: 0,
    output: 0,
    reasoning: 0,
  }
  nanoDollars = 0
  unpriced = 0
  readonly firstByte: SecondsHistogram = new SecondsHistogram()
  readonly duration: SecondsHistogram = new SecondsHistogram()

  constructor(provider: string, model: string, operation: string) {
    this.provider = provider
    this.model = model
    this.operation = operation
  }
}

/** Counts by upper bounds, from the start on, as Prometheus wants them. */
export class SecondsHistogram implements SecondsFigures {
  /** One more than bounds: what is above all of them. */
  readonly counts: Float64Array = new Float64Array(secondsBounds.length + 1)
  sum = 0

  add(seconds: number): void {
    let index = 0
    while (index < secondsBounds.length && seconds > secondsBounds[index]!) index++
    this.counts[index] = this.counts[index]! + 1
    this.sum += seconds
  }
}
