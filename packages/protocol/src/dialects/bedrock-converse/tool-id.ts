import { crc32 } from '../../framing/crc32.ts'

const longest = 64

/**
 * Ids of calls hold letters, digits, `_` and `-`; others are replaced, each always by the same.
 *
 * @param length of the only ids that the model takes, which then hold letters and digits only.
 */
export function toolUseId(id: string | undefined, length: number | undefined): string {
  const given = id ?? ''
  if (length !== undefined)
    return given.length === length && /^[a-zA-Z0-9]+$/.test(given) ? given : shortened(given, length)
  const written = given.replaceAll(/[^a-zA-Z0-9_-]/g, '_')
  if (written === '') return 'call'
  return written.length <= longest ? written : `${written.slice(0, longest - 9)}_${shortened(given, 8)}`
}

function shortened(id: string, length: number): string {
  const bytes = new TextEncoder().encode(id)
  const digits = crc32(bytes).toString(36) + crc32(Uint8Array.of(1, ...bytes)).toString(36)
  return digits.padEnd(length, '0').slice(0, length)
}
