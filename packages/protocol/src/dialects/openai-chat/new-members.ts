import type { WireObject } from './wire.ts'

/** Unknown members that have a value and a new one, which `seen` holds from now on. */
export function newMembers(
  wire: WireObject,
  known: ReadonlySet<string>,
  seen: Map<string, unknown>,
): WireObject | undefined {
  let found: [string, unknown][] | undefined
  for (const name in wire) {
    const value = wire[name]
    if (known.has(name) || value === null || seen.get(name) === value) continue
    seen.set(name, value)
    ;(found ??= []).push([name, value])
  }
  return found === undefined ? undefined : Object.fromEntries(found)
}
