import type { JsonSchema, StandardIssue } from './standard-schema.ts'

/**
 * Where a value is not what a JSON Schema says, as far as schemas of tools and structured answers go: types, `enum`,
 * `const`, members, items, bounds, lengths, patterns, combinations, local references. Formats and conditions are not
 * looked at.
 */
export function jsonSchemaProblems(schema: JsonSchema, value: unknown): readonly StandardIssue[] {
  const issues: StandardIssue[] = []
  check(schema, value, [], { root: schema, report: (path, message) => issues.push({ path, message }) }, 0)
  return issues
}

type Path = readonly (string | number)[]

interface Check {
  readonly root: JsonSchema
  report(path: Path, message: string): void
}

/** Deeper ones refer to themselves without end. */
const deepest = 64

function check(schema: unknown, value: unknown, path: Path, context: Check, depth: number): void {
  if (schema === false) return context.report(path, 'is not allowed')
  if (!isRecord(schema) || depth > deepest) return
  const under = (below: unknown, member: unknown, step?: string | number): void =>
    check(below, member, step === undefined ? path : [...path, step], context, depth + 1)
  if (typeof schema['$ref'] === 'string') under(resolve(schema['$ref'], context.root), value)
  const { type, enum: options, allOf, anyOf, oneOf } = schema
  const types = Array.isArray(type) ? type : type === undefined ? [] : [type]
  if (types.length > 0 && !types.some((one) => isOf(one, value)))
    return context.report(path, `must be ${types.join(' or ')}, not ${nameOf(value)}`)
  if (Array.isArray(options) && !options.some((option) => same(option, value)))
    context.report(path, `must be one of ${JSON.stringify(options)}`)
  if ('const' in schema && !same(schema['const'], value))
    context.report(path, `must be ${JSON.stringify(schema['const'])}`)
  if (Array.isArray(allOf)) for (const one of allOf) under(one, value)
  for (const choice of [anyOf, oneOf])
    if (Array.isArray(choice) && !choice.some((one) => fits(one, value, context, depth)))
      context.report(path, 'fits none of the forms it may have')
  if (typeof value === 'string') checkText(schema, value, path, context)
  else if (typeof value === 'number') checkNumber(schema, value, path, context)
  else if (Array.isArray(value)) {
    checkLength(schema, 'Items', value.length, path, context)
    const { prefixItems, items } = schema
    const first = Array.isArray(prefixItems) ? prefixItems : []
    value.forEach((item, index) => under(index < first.length ? first[index] : items, item, index))
  } else if (isRecord(value)) {
    const { properties, required, additionalProperties } = schema
    const known = isRecord(properties) ? properties : {}
    if (Array.isArray(required))
      for (const name of required)
        if (!Object.hasOwn(value, name as string)) context.report([...path, name as string], 'is missing')
    for (const [name, member] of Object.entries(value)) {
      if (Object.hasOwn(known, name)) under(known[name], member, name)
      else if (additionalProperties !== undefined) under(additionalProperties, member, name)
    }
  }
}

function fits(schema: unknown, value: unknown, { root }: Check, depth: number): boolean {
  let good = true
  check(schema, value, [], { root, report: () => (good = false) }, depth + 1)
  return good
}

function checkText(schema: JsonSchema, value: string, path: Path, context: Check): void {
  checkLength(schema, 'Length', Array.from(value).length, path, context)
  const { pattern } = schema
  if (typeof pattern === 'string' && readPattern(pattern)?.test(value) === false)
    context.report(path, `must match the pattern ${pattern}`)
}

/** `undefined` for one of another language, which nothing is held to. Unicode's take no escape that is not needed. */
function readPattern(pattern: string): RegExp | undefined {
  for (const flags of ['u', ''])
    try {
      return new RegExp(pattern, flags)
    } catch {
      // Another way to read it, or none.
    }
  return undefined
}

function checkNumber(schema: JsonSchema, value: number, path: Path, context: Check): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema
  if (typeof minimum === 'number' && value < minimum) context.report(path, `must be at least ${minimum}`)
  if (typeof maximum === 'number' && value > maximum) context.report(path, `must be at most ${maximum}`)
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum)
    context.report(path, `must be more than ${exclusiveMinimum}`)
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum)
    context.report(path, `must be less than ${exclusiveMaximum}`)
}

function checkLength(schema: JsonSchema, what: 'Items' | 'Length', length: number, path: Path, context: Check): void {
  const [least, most] = [schema[`min${what}`], schema[`max${what}`]]
  const unit = what === 'Items' ? 'items' : 'characters'
  if (typeof least === 'number' && length < least) context.report(path, `must have at least ${least} ${unit}`)
  if (typeof most === 'number' && length > most) context.report(path, `must have at most ${most} ${unit}`)
}

/** `#/$defs/name`; nothing, where that leads nowhere. */
function resolve(reference: string, root: JsonSchema): unknown {
  if (!reference.startsWith('#')) return undefined
  let found: unknown = root
  for (const step of reference.slice(1).split('/').slice(1)) {
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
    found = isRecord(found) && Object.hasOwn(found, name) ? found[name] : undefined
  }
  return found
}

function isOf(type: unknown, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value)
  return type === nameOf(value)
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function same(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}

function isRecord(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
