/**
 * Whether a model name fits a list of patterns: `*` stands for any characters, a leading `!` takes names out
 * again, case does not matter. `['gpt-*', '!gpt-oss*']` fits `gpt-6-sol` and not `gpt-oss-120b`.
 */
export function fitsPatterns(name: string, patterns: readonly string[]): boolean {
  const lower = name.toLowerCase()
  let fits = false
  for (const pattern of patterns) {
    const excludes = pattern.startsWith('!')
    if (fitsPattern(lower, (excludes ? pattern.slice(1) : pattern).toLowerCase())) {
      if (excludes) return false
      fits = true
    }
  }
  return fits
}

// The first place where each part occurs is as good as any later one, so there is no backtracking.
function fitsPattern(name: string, pattern: string): boolean {
  const parts = pattern.split('*')
  const first = parts[0] ?? ''
  if (parts.length === 1) return name === first
  const last = parts.at(-1) ?? ''
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false
  let position = first.length
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, position)
    if (found === -1) return false
    position = found + part.length
  }
  return position <= name.length - last.length
}
