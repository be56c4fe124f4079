/**
 * Picks the values of a few top-level members out of a JSON object whose bytes come in pieces. Keeps only
 * those values, up to `limit` bytes each (a longer one counts as absent); trusts the grammar.
 */
export interface MemberReader {
  write(chunk: Uint8Array): void
  /** The value's JSON text, once it was read to its end. */
  value(key: string): string | undefined
  /** Whether the object was read to its closing brace. */
  readonly closed: boolean
}

export function createMemberReader(keys: readonly string[], limit: number): MemberReader {
  const values = new Map<string, string>()
  const decoder = new TextDecoder()
  let depth = 0
  let closed = false
  let inString = false
  let escaped = false
  let readingValue = false
  let key = ''
  /** Bytes of the key or of the wanted value, while one is being read. */
  let held: number[] | undefined

  function take(byte: number): void {
    if (held === undefined) return
    if (held.length < limit) held.push(byte)
    else held = undefined
  }

  function finishKey(): void {
    key = held === undefined ? '' : parse(`"${decoder.decode(Uint8Array.from(held))}"`)
    held = undefined
  }

  function finishValue(): void {
    if (readingValue && held !== undefined) values.set(key, decoder.decode(Uint8Array.from(held)).trim())
    held = undefined
    readingValue = false
  }

  function write(chunk: Uint8Array): void {
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index]!
      if (inString) {
        if (escaped) escaped = false
        else if (byte === 0x5c) escaped = true
        else if (byte === 0x22) {
          inString = false
          if (depth === 1 && !readingValue) {
            finishKey()
            continue
          }
        }
        take(byte)
        continue
      }
      switch (byte) {
        case 0x22: // "
          inString = true
          if (depth === 1 && !readingValue) held = []
          else take(byte)
          continue
        case 0x3a: // :
          if (depth === 1 && !readingValue) {
            readingValue = true
            held = keys.includes(key) ? [] : undefined
            continue
          }
          break
        case 0x7b: // {
        case 0x5b: // [
          depth++
          if (depth === 1) continue
          break
        case 0x7d: // }
        case 0x5d: // ]
          depth--
          if (depth === 0) {
            closed = true
            finishValue()
            continue
          }
          break
        case 0x2c: // ,
          if (depth === 1) {
            finishValue()
            continue
          }
          break
      }
      take(byte)
    }
  }

  return {
    write,
    value: (name) => values.get(name),
    get closed() {
      return closed
    },
  }
}

function parse(text: string): string {
  try {
    return JSON.parse(text) as string
  } catch {
    return ''
  }
}
