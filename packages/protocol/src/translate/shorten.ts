/** What providers allow of names and ids, in characters: less than this none of them does. */
const limit = 64

/** A text of at most 64 characters, the same for the same text and another for another. */
export function shorten(text: string): string {
  return text.length <= limit ? text : withHash(text, text)
}

/** The beginning of `stem`, and a hash of what it stands for. */
export function withHash(stem: string, whole: string): string {
  const hash = fnv1a(whole).toString(16).padStart(8, '0')
  return `${stem.slice(0, limit - hash.length - 1)}_${hash}`
}

/** 32 bits: there are few names in a request, and no one gains by making two alike. */
function fnv1a(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value >>> 0
}
