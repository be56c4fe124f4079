/** Characters as people see them: a letter with its accents is one, and so is a flag. */
export function countCharacters(text: string): number {
  const { Segmenter } = Intl as { readonly Segmenter?: typeof Intl.Segmenter }
  // Code points, where the platform cannot tell.
  if (Segmenter === undefined) return Array.from(text).length
  let count = 0
  for (const _segment of new Segmenter().segment(text)) count++
  return count
}
