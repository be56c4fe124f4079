import type * as z from 'zod/v4/core'
import type { ConfigPath } from './config-problem.ts'

/** The schema that a value at `path` must satisfy, or `undefined` where there is none. */
export function schemaAt(schema: z.$ZodType, path: ConfigPath): z.$ZodType | undefined {
  let current: z.$ZodType | undefined = groupIn(unwrap(schema))
  for (const part of path) {
    if (current === undefined) return undefined
    const next: z.$ZodType | undefined = memberOf(current, part)
    current = next === undefined ? undefined : groupIn(unwrap(next))
  }
  return current
}

/** The keys that an object of this schema may have. */
export function schemaKeys(schema: z.$ZodType | undefined): readonly string[] {
  const def = schema === undefined ? undefined : definition(schema)
  return def?.type === 'object' ? Object.keys(def.shape) : []
}

/**
 * Every option below `schema` in its written form, in order: `server.port`, `providers.<id>.base_url`,
 * `models[].id`. Groups stand before their members; what may have several forms is not entered.
 */
export function schemaPaths(schema: z.$ZodType, prefix = ''): readonly string[] {
  const def = definition(unwrap(schema))
  switch (def.type) {
    case 'object':
      return Object.entries(def.shape).flatMap(([key, member]) => {
        const path = prefix === '' ? key : `${prefix}.${key}`
        return [path, ...schemaPaths(member, path)]
      })
    case 'record':
      return definition(unwrap(def.valueType)).type === 'object' ? schemaPaths(def.valueType, `${prefix}.<id>`) : []
    case 'array':
      return definition(unwrap(def.element)).type === 'object' ? schemaPaths(def.element, `${prefix}[]`) : []
    default:
      return []
  }
}

function memberOf(schema: z.$ZodType, part: string | number): z.$ZodType | undefined {
  const def = definition(schema)
  switch (def.type) {
    case 'object':
      return Object.hasOwn(def.shape, part) ? def.shape[part] : undefined
    case 'record':
      return def.valueType
    case 'array':
      return def.element
    default:
      return undefined
  }
}

/** Without what only says that a value may be absent, is read from a text, or when its schema is made. */
function unwrap(schema: z.$ZodType): z.$ZodType {
  const def = definition(schema)
  switch (def.type) {
    case 'optional':
    case 'nullable':
      return unwrap(def.innerType)
    case 'lazy':
      // Made once: zod keeps it.
      return unwrap((schema as z.$ZodLazy)._zod.innerType)
    case 'pipe':
      return unwrap(def.out)
    default:
      return schema
  }
}

/** Of a union, the group of keys in it. */
function groupIn(schema: z.$ZodType): z.$ZodType {
  const def = definition(schema)
  if (def.type !== 'union') return schema
  const options = def.options.map((option) => groupIn(unwrap(option)))
  return options.find((option) => definition(option).type === 'object') ?? schema
}

function definition(schema: z.$ZodType): z.$ZodTypes['_zod']['def'] {
  return (schema as z.$ZodTypes)._zod.def
}
