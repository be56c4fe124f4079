/**
 * The candidates that a mistyped or half-written model name most likely meant, nearest first. The part after
 * the last slash is compared too, so that `gpt-4o` is near `openai/gpt-4o`. Bounded work for any name.
 */
export function nearMatches(name: string, candidates: Iterable<string>, count = 3): readonly string[] {
  if (name.length > longest) return []
  const wanted = name.toLowerCase()
  const wantedEnd = lastPart(wanted)
  const limit = Math.min(4, Math.floor(wantedEnd.length / 3))
  const found: { readonly candidate: string; readonly distance: number }[] = []
  for (const candidate of new Set(candidates)) {
    const lower = candidate.toLowerCase()
    const end = lastPart(lower)
    const distance = Math.min(editDistance(wanted, lower, limit), editDistance(wantedEnd, end, limit) + 0.25)
    if (distance <= limit + 0.25) found.push({ candidate, distance })
    else if (wantedEnd.length >= 3 && (end.includes(wantedEnd) || (end.length >= 3 && wantedEnd.includes(end)))) {
      found.push({ candidate, distance: limit + 1 + Math.abs(end.length - wantedEnd.length) / longest })
    }
  }
  found.sort((left, right) => left.distance - right.distance || (left.candidate < right.candidate ? -1 : 1))
  return found.slice(0, count).map(({ candidate }) => candidate)
}

const longest = 100

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1)
}

/**
 * Insertions, deletions, replacements and swaps of neighbours (optimal string alignment) between two words;
 * more than `limit` is told as `Infinity`. Looks only at the band around the diagonal that can stay within it.
 */
function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return Infinity
  let beforePrevious: number[] = []
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row += 1) {
    const current: number[] = []
    let least = Infinity
    if (row <= limit) least = current[0] = row
    const last = Math.min(right.length, row + limit)
    for (let column = Math.max(1, row - limit); column <= last; column += 1) {
      const replaced = (previous[column - 1] ?? Infinity) + (left[row - 1] === right[column - 1] ? 0 : 1)
      let distance = Math.min(replaced, (previous[column] ?? Infinity) + 1, (current[column - 1] ?? Infinity) + 1)
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        distance = Math.min(distance, (beforePrevious[column - 2] ?? Infinity) + 1)
      }
      current[column] = distance
      least = Math.min(least, distance)
    }
    if (least > limit) return Infinity
    beforePrevious = previous
    previous = current
  }
  const distance = previous[right.length] ?? Infinity
  return distance > limit ? Infinity : distance
}
