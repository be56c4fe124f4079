import {
  addLatencies,
  addLatency,
  createLatencyCounts,
  forgetLatencies,
  latencyAt,
  type LatencyCounts,
} from './latency-counts.ts'

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
  readonly firstByte: LatencyCounts
  /** Milliseconds to the end of good answers. */
  readonly duration: LatencyCounts
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
      addLatency(slot.firstByte, call.firstByte)
      addLatency(slot.duration, call.duration)
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
  readonly firstByte = createLatencyCounts()
  readonly duration = createLatencyCounts()

  begin(number: number): void {
    this.number = number
    this.ok = this.failed = this.aborted = 0
    this.inputTokens = this.outputTokens = this.nanoDollars = this.unpriced = 0
    this.codes.clear()
    forgetLatencies(this.firstByte)
    forgetLatencies(this.duration)
  }
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
  const { ok, failed, aborted, codes, ...sums } = sumWindows(windows)
  return {
    calls: ok + failed + aborted,
    succeeded: ok,
    failed,
    aborted,
    success_rate: ok + failed === 0 ? null : ok / (ok + failed),
    latency_ms: distribution(sums.duration),
    time_to_first_token_ms: distribution(sums.firstByte),
    tokens: { input: sums.inputTokens, output: sums.outputTokens },
    cost_usd: sums.nanoDollars / 1e9,
    unpriced: sums.unpriced,
    errors: Object.fromEntries(codes),
  }
}

function distribution(all: LatencyCounts): Distribution | null {
  if (all.count === 0) return null
  return {
    average: Math.round((all.sum / all.count) * 100) / 100,
    p50: latencyAt(all, 50),
    p90: latencyAt(all, 90),
    p95: latencyAt(all, 95),
    p99: latencyAt(all, 99),
  }
}

function sumLatencies(counted: readonly LatencyCounts[]): LatencyCounts {
  const all = createLatencyCounts()
  for (const one of counted) addLatencies(all, one)
  return all
}

/** Several windows as one, of data alone. */
export function sumWindows(windows: readonly CallWindow[]): CallWindow {
  const sum = (read: (window: CallWindow) => number): number => windows.reduce((total, one) => total + read(one), 0)
  const codes = new Map<string, number>()
  for (const window of windows)
    for (const [code, count] of window.codes) codes.set(code, (codes.get(code) ?? 0) + count)
  return {
    ok: sum(({ ok }) => ok),
    failed: sum(({ failed }) => failed),
    aborted: sum(({ aborted }) => aborted),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    nanoDollars: sum(({ nanoDollars }) => nanoDollars),
    unpriced: sum(({ unpriced }) => unpriced),
    codes,
    firstByte: sumLatencies(windows.map(({ firstByte }) => firstByte)),
    duration: sumLatencies(windows.map(({ duration }) => duration)),
  }
}
