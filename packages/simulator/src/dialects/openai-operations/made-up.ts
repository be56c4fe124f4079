import { createHash } from 'node:crypto'

/** `length` bytes that are always the same for the same text. */
export function bytesOf(text: string, length: number): Buffer {
  const blocks: Buffer[] = []
  for (let block = 0; block * 32 < length; block++)
    blocks.push(createHash('sha256').update(`${block}:${text}`).digest())
  return Buffer.concat(blocks, length)
}

/** Words that both texts have, of all that the first has: 0 to 1. */
export function overlap(query: string, text: string): number {
  const asked = wordsOf(query)
  if (asked.size === 0) return 0
  const there = wordsOf(text)
  return [...asked].filter((word) => there.has(word)).length / asked.size
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])
}
