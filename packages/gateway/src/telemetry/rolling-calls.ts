import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'

/** How the calls of one model at one provider went, lately: sums of what may be added up. */
export interface CallWindow {
  readonly ok: number
  readonly failed: number
  /** Given up: the caller went away, or another target answered first. */
  readonly aborted: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly nanoDollars: number
  /** Calls with usage whose price is not known. */
  readonly unpriced: number
  readonly codes: ReadonlyMap<string, number>
  /** Milliseconds to the first meaningful byte of good answers. */
  readonly firstByte: RecordableHistogram
  /** Milliseconds to the end of good answers. */
  readonly duration: RecordableHistogram
}

export interface EndedCall {
  readonly outcome: 'ok' | 'failed' | 'aborted'
  /** Of a failure. */
  readonly code?: string | undefined
  /** Milliseconds. */
  readonly firstByte?: number
  readonly duration?: number
}

const slotCount = 5
/** Milliseconds that are looked back to, all slots together. */
export const windowLength = 300_000
const slotLength = windowLength / slotCount
/** Milliseconds; what takes longer counts as so much. */
const longest = 3_600_000

/** Counts for the last five minutes, to a minute. */
export class RollingCalls {
  readonly #slots: (Slot | undefined)[] = Array.from({ length: slotCount }, () => undefined)

  /** @param now milliseconds on any clock that goes on. */
  add(call: EndedCall, now: number): void {
    const slot = this.#slotAt(now)
    if (call.outcome === 'aborted') slot.aborted++
    else if (call.outcome === 'failed') {
      slot.failed++
      const { code = 'unknown' } = call
      slot.codes.set(code, (slot.codes.get(code) ?? 0) + 1)
    } else {
      slot.ok++
      slot.firstByte.record(milliseconds(call.firstByte))
      slot.duration.record(milliseconds(call.duration))
    }
  }

  /** What was used by a call that has been counted. */
  addUsage(inputTokens: number, outputTokens: number, nanoDollars: number | null, now: number): void {
    const slot = this.#slotAt(now)
    slot.inputTokens += inputTokens
    slot.outputTokens += outputTokens
    if (nanoDollars === null) slot.unpriced++
    else slot.nanoDollars += nanoDollars
  }

  /** The slots that still count. */
  slots(now: number): readonly CallWindow[] {
    const newest = Math.floor(now / slotLength)
    return this.#slots.filter((slot) => slot !== undefined && slot.number > newest - slotCount) as CallWindow[]
  }

  #slotAt(now: number): Slot {
    const number = Math.floor(now / slotLength)
    const index = number % slotCount
    let slot = this.#slots[index]
    if (slot?.number !== number) {
      if (slot === undefined) this.#slots[index] = slot = new Slot()
      slot.begin(number)
    }
    return slot
  }
}

class Slot implements CallWindow {
  number = -1
  ok = 0
  failed = 0
  aborted = 0
  inputTokens = 0
  outputTokens = 0
  nanoDollars = 0
  unpriced = 0
  readonly codes = new Map<string, number>()
  readonly firstByte = createHistogram({ lowest: 1, highest: longest, figures: 2 })
  readonly duration = createHistogram({ lowest: 1, highest: longest, figures: 2 })

  begin(number: number): void {
    this.number = number
    this.ok = this.failed = this.aborted = 0
    this.inputTokens = this.outputTokens = this.nanoDollars = this.unpriced = 0
    this.codes.clear()
    this.firstByte.reset()
    this.duration.reset()
  }
}

/** A histogram takes whole numbers from 1. */
function milliseconds(value = 0): number {
  return Math.min(longest, Math.max(1, Math.round(value)))
}

/** What several windows say together, as the API tells it. */
export interface CallSummary {
  readonly calls: number
  readonly succeeded: number
  readonly failed: number
  readonly aborted: number
  /** 0 to 1, of those that succeeded or failed; `null` without any. */
  readonly success_rate: number | null
  readonly latency_ms: Distribution | null
  readonly time_to_first_token_ms: Distribution | null
  readonly tokens: { readonly input: number; readonly output: number }
  readonly cost_usd: number
  /** Calls that are not in the cost, because their price is not known. */
  readonly unpriced: number
  readonly errors: Readonly<Record<string, number>>
}

export interface Distribution {
  readonly average: number
  readonly p50: number
  readonly p90: number
  readonly p95: number
  readonly p99: number
}

export function summarise(windows: readonly CallWindow[]): CallSummary {
  const sum = (read: (window: CallWindow) => number): number => windows.reduce((total, one) => total + read(one), 0)
  const [succeeded, failed, aborted] = [sum(({ ok }) => ok), sum((one) => one.failed), sum((one) => one.aborted)]
  const errors: Record<string, number> = {}
  for (const { codes } of windows) for (const [code, count] of codes) errors[code] = (errors[code] ?? 0) + count
  return {
    calls: succeeded + failed + aborted,
    succeeded,
    failed,
    aborted,
    success_rate: succeeded + failed === 0 ? null : succeeded / (succeeded + failed),
    latency_ms: distribution(windows.map(({ duration }) => duration)),
    time_to_first_token_ms: distribution(windows.map(({ firstByte }) => firstByte)),
    tokens: { input: sum((one) => one.inputTokens), output: sum((one) => one.outputTokens) },
    cost_usd: sum((one) => one.nanoDollars) / 1e9,
    unpriced: sum((one) => one.unpriced),
    errors,
  }
}

function distribution(histograms: readonly RecordableHistogram[]): Distribution | null {
  const all = createHistogram({ lowest: 1, highest: longest, figures: 2 })
  for (const histogram of histograms) if (histogram.count > 0) all.add(histogram)
  if (all.count === 0) return null
  return {
    average: Math.round(all.mean * 100) / 100,
    p50: all.percentile(50),
    p90: all.percentile(90),
    p95: all.percentile(95),
    p99: all.percentile(99),
  }
}
