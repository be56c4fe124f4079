import type { CodecContext } from '../../dialect.ts'
import type { Tool, ToolChoice } from '../../ir/chat.ts'
import { fromLegacySchema, takesNothing, toGeminiSchema } from './schema.ts'
import { drop, formOf, invalid, isArray, isRecord, isString, keep, kept, WireFields, type WireObject } from './wire.ts'

/** Reads `tools`: entries that declare functions, and tools that Google runs itself. */
export function decodeTools(wires: readonly unknown[]): Tool[] {
  return wires.flatMap((wire, entry): Tool[] => {
    const path = `tools[${entry}]`
    if (!isRecord(wire)) throw invalid(path, 'must be an object')
    const fields = new WireFields(wire)
    const declarations = isArray(wire['functionDeclarations']) && wire['functionDeclarations'].length > 0
    const declared = declarations ? (fields.take('functionDeclarations', isArray) ?? []) : []
    const tools = declared.map((item, at) => decodeDeclaration(item, entry, `${path}.functionDeclarations[${at}]`))
    const rest = fields.rest()
    if (rest === undefined && tools.length > 0) return tools
    return [...tools, { type: 'provider', extensions: keep(rest ?? {}, { entry }).extensions ?? {} }]
  })
}

function decodeDeclaration(wire: unknown, entry: number, path: string): Tool {
  if (!isRecord(wire)) throw invalid(path, 'must be an object')
  const fields = new WireFields(wire)
  const name = fields.take('name', isString)
  if (name === undefined) throw invalid(`${path}.name`, 'must be a string')
  const description = fields.take('description', isString)
  const legacy = 'parametersJsonSchema' in wire ? undefined : wire['parameters']
  if (legacy === undefined) fields.skip('parametersJsonSchema')
  else fields.skip('parameters')
  const parameters = legacy === undefined ? wire['parametersJsonSchema'] : fromLegacySchema(legacy)
  return {
    type: 'function',
    name,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
    ...keep(fields.rest(), { entry, ...(legacy !== undefined && { legacy }) }),
  }
}

/** All functions of another dialect's request are declared in one entry; those of this one where they were. */
export function encodeTools(tools: readonly Tool[], context: CodecContext): readonly WireObject[] {
  const entries = new Map<unknown, Record<string, unknown>>()
  for (const [index, tool] of tools.entries()) {
    const path = `tools[${index}]`
    const form = formOf(tool.extensions)
    const rest = kept(tool.extensions, context, path)
    if (tool.type === 'provider' && rest === undefined) {
      context.warn({ code: 'unsupported', path, message: 'This tool is run by another provider and was left out.' })
      continue
    }
    const key = form?.['entry']
    let entry = entries.get(key)
    if (entry === undefined) entries.set(key, (entry = {}))
    if (tool.type === 'provider') Object.assign(entry, rest)
    else
      ((entry['functionDeclarations'] ??= []) as unknown[]).push({
        ...encodeDeclaration(tool, form, context, path),
        ...rest,
      })
  }
  return [...entries.values()]
}

function encodeDeclaration(
  tool: Exclude<Tool, { type: 'provider' }>,
  form: WireObject | undefined,
  context: CodecContext,
  path: string,
): WireObject {
  const base = { name: tool.name, ...(tool.description !== undefined && { description: tool.description }) }
  if (tool.type === 'custom') {
    const message = 'A tool of free text is declared as a function with one text, `input`.'
    context.warn({ code: 'value-changed', path, message })
    const input = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] }
    return { ...base, parametersJsonSchema: input }
  }
  const { parameters, strict } = tool
  if (form !== undefined) {
    const { legacy } = form
    const unchanged = legacy !== undefined && JSON.stringify(fromLegacySchema(legacy)) === JSON.stringify(parameters)
    if (unchanged) return { ...base, parameters: legacy }
    return { ...base, ...(parameters !== undefined && { parametersJsonSchema: parameters }) }
  }
  if (strict === true) drop(context, `${path}.strict`, "'strict' has no counterpart in this dialect")
  return { ...base, ...(!takesNothing(parameters) && { parametersJsonSchema: toGeminiSchema(parameters) }) }
}

/** Reads `functionCallingConfig`; a form that others have no words for is kept whole. */
export function decodeToolChoice(wire: WireObject): ToolChoice {
  return decodeKnown(wire) ?? { type: 'other', extensions: keep({ functionCallingConfig: wire }).extensions ?? {} }
}

function decodeKnown(wire: WireObject): ToolChoice | undefined {
  const { mode, allowedFunctionNames: names } = wire
  const members = Object.keys(wire).length
  if (members === 1)
    return mode === 'AUTO'
      ? { type: 'auto' }
      : mode === 'NONE'
        ? { type: 'none' }
        : mode === 'ANY'
          ? { type: 'required' }
          : undefined
  if (members !== 2 || mode !== 'ANY' || !isArray(names) || !names.every(isString)) return undefined
  const [first] = names
  if (first === undefined) return undefined
  if (names.length === 1) return { type: 'tool', kind: 'function', name: first }
  return { type: 'allowed', mode: 'required', tools: names.map((name) => ({ type: 'function', function: { name } })) }
}

/** `undefined` for a choice that only another dialect knows. */
export function encodeToolChoice(choice: ToolChoice, context: CodecContext): unknown {
  switch (choice.type) {
    case 'auto':
      return { mode: 'AUTO' }
    case 'none':
      return { mode: 'NONE' }
    case 'required':
      return { mode: 'ANY' }
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [choice.name] }
    case 'allowed':
      // Names are taken with these two modes only.
      return {
        mode: choice.mode === 'required' ? 'ANY' : 'VALIDATED',
        allowedFunctionNames: choice.tools.map(nameOf).filter(isString),
      }
    case 'other':
      return kept(choice.extensions, context, 'tool_choice')?.['functionCallingConfig']
  }
}

function nameOf(tool: unknown): unknown {
  if (!isRecord(tool)) return undefined
  const nested = tool['function'] ?? tool['custom']
  return isRecord(nested) ? nested['name'] : tool['name']
}
