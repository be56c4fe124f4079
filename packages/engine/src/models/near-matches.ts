import { editDistance } from './edit-distance.ts'

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
    const ends = editDistance(wantedEnd, end, limit)
    // Whole names differ at least as much as their last parts do, unless the slash itself is what is mistyped.
    const whole =
      ends === Infinity && wanted.includes('/') === lower.includes('/') ? Infinity : editDistance(wanted, lower, limit)
    const distance = Math.min(whole, ends + 0.25)
    if (distance !== Infinity) found.push({ candidate, distance })
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
