import type { Tool } from '@sluice/protocol'

/**
 * Functions as the models read them: types of a TypeScript namespace. The form is known from counting, not from
 * documentation, so counts of requests with tools are estimates.
 */
export function toolDefinitions(tools: readonly Tool[]): string {
  const types = tools.flatMap((tool) => {
    if (tool.type === 'provider') return [JSON.stringify(tool.extensions), '']
    const comment = tool.description === undefined ? [] : [`// ${tool.description}`]
    const members = tool.type === 'function' ? membersOf(tool.parameters, 0) : []
    const signature =
      members.length === 0
        ? [`type ${tool.name} = () => any;`]
        : [`type ${tool.name} = (_: {`, ...members, '}) => any;']
    return [...comment, ...signature, '']
  })
  return ['namespace functions {', '', ...types, '} // namespace functions'].join('\n')
}

function membersOf(schema: unknown, indent: number): string[] {
  if (!isRecord(schema) || !isRecord(schema['properties'])) return []
  const required = Array.isArray(schema['required']) ? new Set<unknown>(schema['required']) : new Set()
  const space = ' '.repeat(indent)
  return Object.entries(schema['properties']).flatMap(([name, member]) => {
    const description = isRecord(member) && indent < 2 ? member['description'] : undefined
    const line = `${space}${name}${required.has(name) ? '' : '?'}: ${typeOf(member, indent)},`
    return typeof description === 'string' ? [`${space}// ${description}`, line] : [line]
  })
}

function typeOf(schema: unknown, indent: number): string {
  // Deeper than any schema that a provider takes.
  if (!isRecord(schema) || indent > 64) return 'any'
  const { type, enum: values, items } = schema
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(' | ')
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type
    case 'integer':
    case 'number':
      return 'number'
    case 'array':
      return items === undefined ? 'any[]' : `${typeOf(items, indent + 1)}[]`
    case 'object':
      return ['{', ...membersOf(schema, indent + 2), `${' '.repeat(indent)}}`].join('\n')
    default:
      return 'any'
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
