import type { CodecContext } from '../../dialect.ts'
import type { Tool, ToolChoice } from '../../ir/chat.ts'
import type { Extensions } from '../../ir/extensions.ts'
import { cachePoints, readCachePoint } from './cache-point.ts'
import {
  formOf,
  inner,
  invalid,
  isBoolean,
  isRecord,
  isString,
  keep,
  kept,
  warnChanged,
  warnDropped,
  WireFields,
  withMark,
  type WireObject,
} from './wire.ts'

/** Reads `toolConfig.tools`. A `cachePoint` marks the tool before it; a tool that Bedrock runs itself is kept whole. */
export function decodeTools(wires: readonly unknown[]): readonly Tool[] {
  const tools: Tool[] = []
  for (const [index, wire] of wires.entries()) {
    const mark = readCachePoint(wire)
    const last = tools.at(-1)
    if (mark !== undefined && last !== undefined && cachePoints(last.extensions).length === 0)
      tools[tools.length - 1] = withMark(last, mark)
    else tools.push(decodeTool(wire, `toolConfig.tools[${index}]`))
  }
  return tools
}

function decodeTool(wire: unknown, path: string): Tool {
  if (!isRecord(wire)) throw invalid(path, 'must be an object with one member')
  const provided: Tool = { type: 'provider', extensions: keep(wire).extensions ?? {} }
  const spec = wire['toolSpec']
  if (!isRecord(spec) || Object.keys(wire).length !== 1) return provided
  const fields = new WireFields(spec)
  const name = fields.take('name', isString)
  if (name === undefined) return provided
  const description = fields.take('description', isString)
  const strict = fields.take('strict', isBoolean)
  const schema = fields.take('inputSchema', isJsonSchema)
  return {
    type: 'function',
    name,
    ...(description !== undefined && { description }),
    ...(schema !== undefined && { parameters: schema.json }),
    ...(strict !== undefined && { strict }),
    ...keep(fields.rest(), {}),
  }
}

const isJsonSchema = (value: unknown): value is { readonly json: unknown } =>
  isRecord(value) && 'json' in value && Object.keys(value).length === 1

export function encodeTools(tools: readonly Tool[], context: CodecContext): WireObject[] {
  return tools.flatMap((tool, index) => {
    const wire = encodeTool(tool, context, `tools[${index}]`)
    return wire === undefined ? [] : [wire, ...cachePoints(lifted(tool.extensions))]
  })
}

/** `undefined`, with a warning, for a tool that only another dialect knows. */
function encodeTool(tool: Tool, context: CodecContext, path: string): WireObject | undefined {
  const rest = kept(lifted(tool.extensions), context, path)
  if (tool.type === 'provider') {
    if (rest === undefined)
      context.warn({ code: 'unsupported', path, message: 'This tool is run by another provider and was left out.' })
    return rest
  }
  const { name, description } = tool
  const said = { ...rest, name, ...(description !== undefined && { description }) }
  if (tool.type === 'custom') {
    if (tool.format !== undefined) warnDropped(context, `${path}.format`, 'The grammar of a custom tool')
    warnChanged(context, path, 'The free text that this tool takes is asked for as the string `input`.')
    const json = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] }
    return { toolSpec: { ...said, inputSchema: { json } } }
  }
  const own = formOf(tool.extensions) !== undefined
  const { parameters, strict } = tool
  const schema = own && parameters === undefined ? undefined : { json: own ? parameters : objectSchema(parameters) }
  const strictly = own ? strict !== undefined && strict !== null : strict === true
  return { toolSpec: { ...said, ...(schema && { inputSchema: schema }), ...(strictly && { strict }) } }
}

/** A tool takes an object in any case. */
function objectSchema(parameters: unknown): WireObject {
  if (!isRecord(parameters)) return { type: 'object', properties: {} }
  const { type: _, ...others } = parameters
  return { type: 'object', properties: {}, ...others }
}

/** Some callers put the mark of a cache inside the function's definition. */
function lifted(extensions: Extensions | undefined): Extensions | undefined {
  if (extensions === undefined) return undefined
  const entries = Object.entries(extensions).map(([id, members]): [string, WireObject] => {
    const { cache_control: mark, ...others } = inner(members, 'function') ?? {}
    if (mark === undefined) return [id, members]
    const { function: _, ...rest } = members
    return [id, { ...rest, ...(Object.keys(others).length > 0 && { function: others }), cache_control: mark }]
  })
  return Object.fromEntries(entries)
}

/** `{auto: {}}`, `{any: {}}` or `{tool: {name}}`; kept whole where it says more. */
export function decodeToolChoice(wire: WireObject): ToolChoice {
  const [kind = '', ...others] = Object.keys(wire)
  const value = wire[kind]
  if (others.length === 0 && isRecord(value)) {
    const { name, ...more } = value
    if (kind === 'tool' && isString(name) && Object.keys(more).length === 0)
      return { type: 'tool', kind: 'function', name }
    if (Object.keys(value).length === 0 && kind === 'auto') return { type: 'auto' }
    if (Object.keys(value).length === 0 && kind === 'any') return { type: 'required' }
  }
  return { type: 'other', extensions: keep({ toolChoice: wire }).extensions ?? {} }
}

/** `undefined` for `none`, which this wire has no word for, and for a choice that only another dialect knows. */
export function encodeToolChoice(choice: ToolChoice, context: CodecContext): WireObject | undefined {
  switch (choice.type) {
    case 'none':
      return undefined
    case 'auto':
      return { auto: {} }
    case 'required':
      return { any: {} }
    case 'tool':
      return { tool: { name: choice.name } }
    case 'allowed':
      warnChanged(context, 'tool_choice', 'The choice among some of the tools is sent as a choice among all of them.')
      return choice.mode === 'required' ? { any: {} } : { auto: {} }
    case 'other':
      return inner(kept(choice.extensions, context, 'tool_choice'), 'toolChoice')
  }
}
