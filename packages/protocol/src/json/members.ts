import { SluiceError } from '../errors/sluice-error.ts'

/**
 * A JSON object one level deep: decoded keys, and values as the text they were written in, so that `1.0`, `-0`,
 * `1e400` and 20-digit integers survive being parsed and written again.
 */
export type Members = Map<string, string>

/** @throws SluiceError `invalid_json`, `invalid_utf8`, `invalid_request`. Of a repeated key the last value counts, as in `JSON.parse`. */
export function parseMembers(bytes: Uint8Array): Members {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new SluiceError('invalid_utf8', 'The body is not valid UTF-8.', { cause })
  }
  const members: Members = new Map()
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
      throw new SluiceError('invalid_request', 'The body must be a JSON object.')
    }
  } catch (cause) {
    if (cause instanceof SluiceError) throw cause
    throw new SluiceError('invalid_json', 'The body is not valid JSON.', { cause })
  }
  // The text is valid from here on, so that walking it needs to know strings and brackets only.
  let index = text.indexOf('{') + 1
  for (;;) {
    const keyStart = text.indexOf('"', index)
    if (keyStart < 0) return members
    const keyEnd = endOfString(text, keyStart)
    const valueStart = text.indexOf(':', keyEnd) + 1
    index = endOfValue(text, valueStart)
    members.set(JSON.parse(text.slice(keyStart, keyEnd)) as string, text.slice(valueStart, index).trim())
    if (text[index] !== ',') return members
  }
}

export function serializeMembers(members: Members): Uint8Array {
  const parts: string[] = []
  for (const [key, value] of members) parts.push(`${JSON.stringify(key)}:${value}`)
  return new TextEncoder().encode(`{${parts.join(',')}}`)
}

function endOfString(text: string, start: number): number {
  let index = start + 1
  for (;;) {
    index = text.indexOf('"', index) + 1
    let slashes = 0
    while (text[index - 2 - slashes] === '\\') slashes++
    if (slashes % 2 === 0) return index
  }
}

/** @returns the offset of the comma or brace that ends the value. */
function endOfValue(text: string, start: number): number {
  let depth = 0
  for (let index = start; ;) {
    switch (text[index]) {
      case '"':
        index = endOfString(text, index)
        continue
      case '{':
      case '[':
        depth++
        break
      case '}':
      case ']':
        if (depth === 0) return index
        depth--
        break
      case ',':
        if (depth === 0) return index
        break
    }
    index++
  }
}
