export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2
}

/**
 * How many times the other a series is: the median of the ratios round by round, as what disturbs one round disturbs
 * both. Series of different lengths are compared by their medians.
 */
export function ratioOf(own: readonly number[], other: readonly number[]): number {
  if (own.length !== other.length) return median(own) / median(other)
  return median(own.map((value, round) => value / other[round]!))
}
