import type { WireObject } from './wire.ts'

/**
 * Those of a chunk's members that are not `known` and have a value, and one that they did not have before.
 *
 * @param seen the values that they had, by `prefix` and name.
 */
export function unknownMembers(
  wire: WireObject,
  known: ReadonlySet<string>,
  seen: Map<string, unknown>,
  prefix = '',
): WireObject | undefined {
  let found: [string, unknown][] | undefined
  for (const name in wire) {
    const value = wire[name]
    if (known.has(name) || value === null) continue
    const key = prefix + name
    if (seen.get(key) === value) continue
    seen.set(key, value)
    ;(found ??= []).push([name, value])
  }
  return found === undefined ? undefined : Object.fromEntries(found)
}
