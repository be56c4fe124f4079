/** Characters of one kind in a row; a multiple of three, by which encodings part digits. */
const longest = 255
// To signs belong the line breaks and slashes after them, in any order.
const runs = /[\p{L}\p{M}]{1,255}|\p{N}{1,255}|\s{1,255}|[^\s\p{L}\p{N}]{1,255}[\r\n/]{0,255}/gu
const gap = /\s/

/**
 * A text in parts that can be counted one by one. Encodings merge the characters of a word, of a gap and of a row of
 * signs pair by pair, which takes more than the square of its length: what has no end is cut. Most texts are one part.
 */
export function cutLongRuns(text: string): readonly string[] {
  if (!mayHaveLongRun(text)) return [text]
  const parts: string[] = []
  let start = 0
  for (const { 0: run, index } of text.matchAll(runs)) {
    if (run.length < longest) continue
    const end = index + run.length
    parts.push(text.slice(start, end))
    start = end
  }
  if (start < text.length) parts.push(text.slice(start))
  return parts
}

/** Whether so many characters follow each other with no gap among them, or so many of a gap, or of what ends signs. Cheap. */
function mayHaveLongRun(text: string): boolean {
  let start = 0
  let inGap = false
  let endings = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    // Spaces that are not ASCII go on with whatever they stand in.
    const isGap: boolean =
      code === 0x20 || (code >= 0x09 && code <= 0x0d) || (inGap && code > 0x7f && gap.test(text[index]!))
    if (isGap !== inGap) {
      inGap = isGap
      start = index
    }
    endings = code === 0x2f || code === 0x0a || code === 0x0d ? endings + 1 : 0
    if (index - start >= longest || endings >= longest) return true
  }
  return false
}
