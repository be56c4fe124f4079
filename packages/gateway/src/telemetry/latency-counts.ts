/**
 * How often which latencies were met, in milliseconds: exact below 256, then to a hundredth. Data and nothing else, so that
 * other processes can be told.
 */
export interface LatencyCounts {
  /** By `placeOf`. */
  readonly counts: Uint32Array
  count: number
  sum: number
}

/** Milliseconds; what takes longer counts as so much. */
const longest = 3_600_000
/** Places for each doubling. */
const fineness = 128

export function createLatencyCounts(): LatencyCounts {
  return { counts: new Uint32Array(placeOf(longest) + 1), count: 0, sum: 0 }
}

export function addLatency(latencies: LatencyCounts, milliseconds = 0): void {
  const value = Math.min(longest, Math.max(1, Math.round(milliseconds)))
  const place = placeOf(value)
  latencies.counts[place] = latencies.counts[place]! + 1
  latencies.count++
  latencies.sum += value
}

/** Adds what another counted. */
export function addLatencies(latencies: LatencyCounts, other: LatencyCounts): void {
  if (other.count === 0) return
  for (let place = 0; place < latencies.counts.length; place++)
    latencies.counts[place] = latencies.counts[place]! + other.counts[place]!
  latencies.count += other.count
  latencies.sum += other.sum
}

export function forgetLatencies(latencies: LatencyCounts): void {
  latencies.counts.fill(0)
  latencies.count = 0
  latencies.sum = 0
}

/** The latency that so many per cent of all are at or below. */
export function latencyAt(latencies: LatencyCounts, percent: number): number {
  let left = Math.max(1, Math.ceil((percent / 100) * latencies.count))
  for (const [place, count] of latencies.counts.entries()) {
    left -= count
    if (left <= 0) return highestAt(place)
  }
  return 0
}

/** @param value a whole number from 1. */
function placeOf(value: number): number {
  const shift = Math.max(0, 24 - Math.clz32(value))
  return shift * fineness + (value >>> shift)
}

/** The highest value that has a place. */
function highestAt(place: number): number {
  const shift = Math.max(0, Math.floor(place / fineness) - 1)
  const value = place - shift * fineness
  return ((value + 1) << shift) - 1
}
