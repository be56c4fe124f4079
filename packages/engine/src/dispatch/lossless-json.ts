/** Where the platform can write a number as it was read (ECMAScript's JSON.parse source text access). */
const { rawJSON } = JSON as { rawJSON?: (text: string) => unknown }

/**
 * As `JSON.parse`, but numbers that would be written differently (`1.0`, `-0`, `1e400`, 20 digits) become objects
 * that `JSON.stringify` writes as they were.
 */
export function parseLossless(text: string): unknown {
  if (rawJSON === undefined) return JSON.parse(text)
  return JSON.parse(text, (_, value: unknown, ...[context]: readonly { source?: string }[]) => {
    const source = context?.source
    return typeof value === 'number' && source !== undefined && String(value) !== source ? rawJSON(source) : value
  })
}
