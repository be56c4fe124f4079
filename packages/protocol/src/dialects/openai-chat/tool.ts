import type { CodecContext } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import type { Tool } from '../../ir/chat.ts'
import { formOf, inner, isBoolean, isRecord, isString, keep, kept, nest, WireFields, type WireObject } from './wire.ts'

export function decodeTool(wire: unknown, path: string): Tool {
  if (!isRecord(wire)) throw new SluiceError('invalid_request', `\`${path}\` must be an object.`, { param: path })
  const fields = new WireFields(wire)
  const definition = fields.take('function', isRecord)
  if (definition !== undefined && (wire['type'] === 'function' || wire['type'] === undefined)) {
    fields.skip('type')
    const form = wire['type'] === undefined ? { typed: false } : undefined
    return decodeFunctionTool(definition, `${path}.function`, fields.rest(), form)
  }
  const custom = fields.take('custom', isRecord)
  if (custom !== undefined && fields.takeExact('type', 'custom')) {
    const details = new WireFields(custom)
    const name = requireName(details, `${path}.custom`)
    const description = details.take('description', isString)
    details.skip('format')
    return {
      type: 'custom',
      name,
      ...(description === undefined ? undefined : { description }),
      ...('format' in custom ? { format: custom['format'] } : undefined),
      ...keep(nest(fields.rest(), 'custom', details.rest())),
    }
  }
  return { type: 'provider', extensions: keep(wire).extensions ?? {} }
}

/** Also for entries of the deprecated `functions`, which are a function tool without its wrapping. */
export function decodeFunctionTool(wire: WireObject, path: string, outer?: WireObject, form?: WireObject): Tool {
  const details = new WireFields(wire)
  const name = requireName(details, path)
  const description = details.take('description', isString)
  const strict = details.take('strict', isBooleanOrNull)
  details.skip('parameters')
  return {
    type: 'function',
    name,
    ...(description === undefined ? undefined : { description }),
    ...('parameters' in wire ? { parameters: wire['parameters'] } : undefined),
    ...(strict === undefined ? undefined : { strict }),
    ...keep(nest(outer, 'function', details.rest()), form),
  }
}

function requireName(fields: WireFields, path: string): string {
  const name = fields.take('name', isString)
  if (name !== undefined) return name
  throw new SluiceError('invalid_request', `\`${path}.name\` must be a string.`, { param: `${path}.name` })
}

export const isBooleanOrNull = (value: unknown): value is boolean | null => value === null || isBoolean(value)

/** `undefined`, with a warning, for a tool that only another dialect knows. */
export function encodeTool(tool: Tool, context: CodecContext, path: string): WireObject | undefined {
  const rest = kept(tool.extensions, context, path)
  if (tool.type === 'provider') {
    if (rest === undefined) {
      context.warn({ code: 'unsupported', path, message: 'This tool is run by another provider and was left out.' })
    }
    return rest
  }
  if (tool.type === 'function') {
    const typed = formOf(tool.extensions)?.['typed'] !== false
    return { ...(typed ? { type: 'function' } : undefined), ...rest, function: encodeDefinition(tool, rest) }
  }
  const { name, description, format } = tool
  return {
    type: 'custom',
    ...rest,
    custom: {
      ...inner(rest, 'custom'),
      name,
      ...(description === undefined ? undefined : { description }),
      ...(format === undefined ? undefined : { format }),
    },
  }
}

function encodeDefinition(tool: Tool & { type: 'function' }, rest: WireObject | undefined): WireObject {
  const { name, description, parameters, strict } = tool
  return {
    ...inner(rest, 'function'),
    name,
    ...(description === undefined ? undefined : { description }),
    ...(parameters === undefined ? undefined : { parameters }),
    ...(strict === undefined ? undefined : { strict }),
  }
}

/** An entry of the deprecated `functions`. */
export function encodeFunction(tool: Tool & { type: 'function' }, context: CodecContext, path: string): WireObject {
  return encodeDefinition(tool, kept(tool.extensions, context, path))
}
