import { isArray, isRecord } from './wire.ts'

/** Members whose keys are the caller's own, not the wire's. */
const opaque: ReadonlySet<string> = new Set([
  'args',
  'response',
  'parameters',
  'parametersJsonSchema',
  'responseSchema',
  'responseJsonSchema',
  'labels',
  'partMetadata',
])

/**
 * The request with the wire's keys in camelCase: Google's JSON takes `inline_data` for `inlineData` (ProtoJSON).
 * Where both are there the camelCase one counts. A request with nothing to rename is returned as it is.
 */
export function toCamelCase(wire: unknown): unknown {
  if (isArray(wire)) {
    const items = wire.map(toCamelCase)
    return items.some((item, index) => item !== wire[index]) ? items : wire
  }
  if (!isRecord(wire)) return wire
  const members: [string, unknown][] = []
  let changed = false
  for (const [name, value] of Object.entries(wire)) {
    const key = camelCaseOf(name)
    if (key !== name && Object.hasOwn(wire, key)) {
      changed = true
      continue
    }
    const inner = opaque.has(key) ? value : toCamelCase(value)
    changed ||= key !== name || inner !== value
    members.push([key, inner])
  }
  return changed ? Object.fromEntries(members) : wire
}

export function camelCaseOf(name: string): string {
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)+$/.test(name)) return name
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
