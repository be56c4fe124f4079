/**
 * Insertions, deletions, replacements and swaps of neighbours (optimal string alignment) that turn one word
 * into the other; `Infinity` when more than `limit`. Looks only between the words' common start and end, and
 * there only at the band around the diagonal that can stay within the limit.
 */
export function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return Infinity
  const shorter = Math.min(left.length, right.length)
  let start = 0
  while (start < shorter && left.charCodeAt(start) === right.charCodeAt(start)) start += 1
  let tail = 0
  while (
    tail < shorter - start &&
    left.charCodeAt(left.length - 1 - tail) === right.charCodeAt(right.length - 1 - tail)
  )
    tail += 1
  const rows = left.length - start - tail
  const columns = right.length - start - tail
  if (rows === 0 || columns === 0) return Math.max(rows, columns)

  let beforePrevious: number[] = []
  let previous: number[] = []
  for (let column = 0; column <= columns; column += 1) previous.push(column)
  for (let row = 1; row <= rows; row += 1) {
    const current: number[] = [row]
    const code = left.charCodeAt(start + row - 1)
    const first = Math.max(1, row - limit)
    const last = Math.min(columns, row + limit)
    for (let column = 1; column < first; column += 1) current.push(Infinity)
    let least = first === 1 ? row : Infinity
    for (let column = first; column <= last; column += 1) {
      const other = right.charCodeAt(start + column - 1)
      let distance = (previous[column - 1] ?? Infinity) + (code === other ? 0 : 1)
      distance = Math.min(distance, (previous[column] ?? Infinity) + 1, (current[column - 1] ?? Infinity) + 1)
      const isSwap =
        row > 1 &&
        column > 1 &&
        code === right.charCodeAt(start + column - 2) &&
        left.charCodeAt(start + row - 2) === other
      if (isSwap) distance = Math.min(distance, (beforePrevious[column - 2] ?? Infinity) + 1)
      current.push(distance)
      least = Math.min(least, distance)
    }
    if (least > limit) return Infinity
    beforePrevious = previous
    previous = current
  }
  const distance = previous[columns] ?? Infinity
  return distance > limit ? Infinity : distance
}
