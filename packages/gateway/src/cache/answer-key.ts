import { hash } from 'node:crypto'
import type { Exchange } from 'sluice'

const decoder = new TextDecoder()

/**
 * What requests that mean the same have in common: the order of an object's members and white space do not count, all
 * else does. A digest: keys say nothing about what was asked. Throws for a body that is not JSON.
 *
 * @param route what its model's name led to
 * @param scope whose answers may be given; others never meet the same key.
 */
export function answerKey(exchange: Exchange, route: string, scope: string): string {
  const { dialect, peek, forwardedHeaders, strict } = exchange
  const circumstances = [
    scope,
    dialect.id,
    route,
    peek.model ?? null,
    peek.stream,
    peek.framing?.contentType ?? null,
    forwardedHeaders ?? null,
    strict ?? null,
  ]
  return hash('sha256', `${JSON.stringify(circumstances)}\n${canonicalText(exchange.body)}`, 'base64url')
}

/** Numbers stay as they were written: 20 digits are not rounded to the same. */
function canonicalText(body: Uint8Array): string {
  const value: unknown = JSON.parse(decoder.decode(body), (_, value: unknown, ...rest: readonly Source[]) => {
    const source = rest[0]?.source
    return typeof value === 'number' && source !== undefined && String(value) !== source
      ? { 'number as written': source }
      : sorted(value)
  })
  return JSON.stringify(value)
}

interface Source {
  readonly source?: string
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value)
  if (entries.every(([name], index) => index === 0 || entries[index - 1]![0] < name)) return value
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}
