type Schema = Readonly<Record<string, unknown>>

/**
 * A value that a JSON Schema accepts, the same each time. Understands what tools and structured outputs are
 * written with: types, `properties`, `enum`, `const`, `anyOf`/`oneOf`/`allOf`, local `$ref`, bounds, formats.
 * Patterns, negations and conditions are not looked at.
 */
export function schemaExample(schema: unknown): unknown {
  return example(schema, schema, 0)
}

/** Recursive schemas end here: optional members are left out, lists stay as short as they may. */
const depthLimit = 6

function example(schema: unknown, root: unknown, depth: number): unknown {
  if (!isSchema(schema)) return null
  const reference = schema['$ref']
  if (typeof reference === 'string')
    return depth > 4 * depthLimit ? null : example(resolve(reference, root), root, depth + 1)
  if ('const' in schema) return schema['const']
  if (Array.isArray(schema['enum']) && schema['enum'].length > 0) return schema['enum'][0]
  if ('default' in schema) return schema['default']
  if (Array.isArray(schema['examples']) && schema['examples'].length > 0) return schema['examples'][0]

  const choice = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(choice)) {
    // Past the limit a way out of recursion is `null`, where it is offered.
    const option = depth >= depthLimit ? (choice.find((entry) => typeOf(entry) === 'null') ?? choice[0]) : choice[0]
    return example(option, root, depth + 1)
  }
  if (Array.isArray(schema['allOf'])) return example(merge(schema, root), root, depth + 1)

  switch (typeOf(schema)) {
    case 'object':
      return objectExample(schema, root, depth)
    case 'array':
      return arrayExample(schema, root, depth)
    case 'string':
      return stringExample(schema)
    case 'integer':
    case 'number':
      return numberExample(schema)
    case 'boolean':
      return true
    default:
      return null
  }
}

function objectExample(schema: Schema, root: unknown, depth: number): Schema {
  const properties = isSchema(schema['properties']) ? schema['properties'] : {}
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const names =
    depth >= depthLimit ? Object.keys(properties).filter((name) => required.includes(name)) : Object.keys(properties)
  return Object.fromEntries(names.map((name) => [name, example(properties[name], root, depth + 1)]))
}

function arrayExample(schema: Schema, root: unknown, depth: number): readonly unknown[] {
  if (Array.isArray(schema['prefixItems'])) return schema['prefixItems'].map((item) => example(item, root, depth + 1))
  const least = count(schema['minItems']) ?? (depth >= depthLimit ? 0 : 1)
  const length = Math.min(Math.max(least, 0), count(schema['maxItems']) ?? Infinity, 1000)
  return Array.from({ length }, () => example(schema['items'] ?? { type: 'string' }, root, depth + 1))
}

const formats: Readonly<Record<string, string>> = {
  'date-time': '2026-01-02T03:04:05Z',
  date: '2026-01-02',
  time: '03:04:05Z',
  duration: 'PT1H',
  email: 'someone@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
}

function stringExample(schema: Schema): string {
  const format = schema['format']
  const text = (typeof format === 'string' ? formats[format] : undefined) ?? 'example'
  return text
    .padEnd(Math.min(count(schema['minLength']) ?? 0, 10_000), '.')
    .slice(0, count(schema['maxLength']) ?? Infinity)
}

function numberExample(schema: Schema): number {
  const integer = typeOf(schema) === 'integer'
  const least = number(schema['minimum'])
  const above = number(schema['exclusiveMinimum'])
  const most = number(schema['maximum'])
  const below = number(schema['exclusiveMaximum'])
  const low = Math.max(least ?? -Infinity, above === undefined ? -Infinity : above + (integer ? 1 : 0.5))
  const high = Math.min(most ?? Infinity, below === undefined ? Infinity : below - (integer ? 1 : 0.5))
  const step = number(schema['multipleOf'])
  const wanted = Math.min(Math.max(1, low), high)
  if (step !== undefined && step > 0) return Math.ceil(wanted / step) * step
  return integer ? Math.ceil(wanted) : wanted
}

/** The schemas of `allOf` laid over each other; enough for objects put together from parts. */
function merge(schema: Schema, root: unknown): Schema {
  const { allOf, ...own } = schema
  const merged: Record<string, unknown> = { ...own }
  for (let part of allOf as readonly unknown[]) {
    if (isSchema(part) && typeof part['$ref'] === 'string') part = resolve(part['$ref'], root)
    if (!isSchema(part)) continue
    const properties = {
      ...(merged['properties'] as object | undefined),
      ...(part['properties'] as object | undefined),
    }
    const required = [...((merged['required'] as unknown[]) ?? []), ...((part['required'] as unknown[]) ?? [])]
    Object.assign(merged, part, Object.keys(properties).length > 0 ? { properties, required } : {})
  }
  return merged
}

function typeOf(schema: unknown): string | undefined {
  if (!isSchema(schema)) return undefined
  const type = schema['type']
  if (typeof type === 'string') return type
  if (Array.isArray(type)) return type.find((name) => name !== 'null') ?? type[0]
  if ('properties' in schema) return 'object'
  if ('items' in schema || 'prefixItems' in schema) return 'array'
  return undefined
}

/** A JSON pointer within the document: `#/$defs/Name`. */
function resolve(reference: string, root: unknown): unknown {
  if (!reference.startsWith('#')) return undefined
  return reference
    .slice(1)
    .split('/')
    .filter((part) => part !== '')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, part) => (isSchema(value) ? value[part] : undefined), root)
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? Math.floor(value) : undefined
}
