import type { CodecContext } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import type { Tool, ToolChoice } from '../../ir/chat.ts'
import type { Extensions } from '../../ir/extensions.ts'
import {
  formOf,
  inner,
  isBoolean,
  isRecord,
  isString,
  keep,
  kept,
  warnChanged,
  warnDropped,
  WireFields,
  type WireObject,
} from './wire.ts'

export function decodeTool(wire: unknown, path: string): Tool {
  if (!isRecord(wire)) throw new SluiceError('invalid_request', `\`${path}\` must be an object.`, { param: path })
  const fields = new WireFields(wire)
  const typed = fields.takeExact('type', 'custom')
  const name = fields.take('name', isString)
  // Tools that Anthropic defines, or runs itself, have a dated type and no schema.
  if (name === undefined || (!typed && wire['type'] !== undefined)) {
    return { type: 'provider', extensions: keep(wire).extensions ?? {} }
  }
  const description = fields.take('description', isString)
  const strict = fields.take('strict', isBoolean)
  fields.skip('input_schema')
  return {
    type: 'function',
    name,
    ...(description === undefined ? undefined : { description }),
    ...('input_schema' in wire ? { parameters: wire['input_schema'] } : undefined),
    ...(strict === undefined ? undefined : { strict }),
    ...keep(fields.rest(), { typed }),
  }
}

/**
 * `undefined`, with a warning, for a tool that only another dialect knows.
 *
 * @param strictSchemas whether the model can hold its arguments to the schema.
 */
export function encodeTool(
  tool: Tool,
  strictSchemas: boolean,
  context: CodecContext,
  path: string,
): WireObject | undefined {
  if (tool.type === 'provider') {
    const wire = kept(tool.extensions, context, path)
    if (wire === undefined) {
      context.warn({ code: 'unsupported', path, message: 'This tool is run by another provider and was left out.' })
    }
    return wire
  }
  const { name, description } = tool
  const said = { name, ...(description === undefined ? undefined : { description }) }
  const form = formOf(tool.extensions)
  if (tool.type === 'custom') {
    if (tool.format !== undefined) warnDropped(context, `${path}.format`, 'The grammar of a custom tool')
    warnChanged(context, path, 'The free text that this tool takes is asked for as the string `input`.')
    const input_schema = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] }
    return { ...said, ...kept(tool.extensions, context, path), input_schema }
  }
  const strict = tool.strict === true && form === undefined && !strictSchemas ? undefined : tool.strict
  if (tool.strict === true && strict === undefined) warnDropped(context, `${path}.strict`, "'strict' for this model")
  const own = form !== undefined
  return {
    ...(form?.['typed'] === true ? { type: 'custom' } : undefined),
    ...kept(own ? tool.extensions : withLiftedMark(tool.extensions), context, path),
    ...said,
    ...(own && tool.parameters === undefined
      ? undefined
      : { input_schema: own ? tool.parameters : objectSchema(tool.parameters) }),
    ...(strict === undefined || strict === null || (!own && !strict) ? undefined : { strict }),
  }
}

/** Some callers put `cache_control` inside the function's definition. */
function withLiftedMark(extensions: Extensions | undefined): Extensions | undefined {
  if (extensions === undefined) return undefined
  const lifted = Object.entries(extensions).map(([id, members]) => {
    const { cache_control: mark, ...others } = inner(members, 'function') ?? {}
    if (mark === undefined) return [id, members]
    const { function: _, ...rest } = members
    return [
      id,
      { ...rest, ...(Object.keys(others).length === 0 ? undefined : { function: others }), cache_control: mark },
    ]
  })
  return Object.fromEntries(lifted)
}

/** Anthropic wants `type: "object"` in any case. */
function objectSchema(parameters: unknown): WireObject {
  if (!isRecord(parameters)) return { type: 'object', properties: {} }
  const { type: _, ...others } = parameters
  return { type: 'object', properties: {}, ...others }
}

/** What `tool_choice` says; the choice is kept whole where it says more. */
export function decodeToolChoice(wire: WireObject): { toolChoice: ToolChoice; parallelToolCalls?: boolean } {
  const fields = new WireFields(wire)
  fields.skip('type')
  const disabled = fields.take('disable_parallel_tool_use', isBoolean)
  const name = wire['type'] === 'tool' ? fields.take('name', isString) : undefined
  const choice = fields.rest() === undefined ? knownChoice(wire['type'], name) : undefined
  if (choice === undefined) {
    return { toolChoice: { type: 'other', extensions: keep({ tool_choice: wire }).extensions ?? {} } }
  }
  return { toolChoice: choice, ...(disabled === undefined ? undefined : { parallelToolCalls: !disabled }) }
}

function knownChoice(type: unknown, name: string | undefined): ToolChoice | undefined {
  switch (type) {
    case 'auto':
    case 'none':
      return { type }
    case 'any':
      return { type: 'required' }
    case 'tool':
      return name === undefined ? undefined : { type: 'tool', kind: 'function', name }
    default:
      return undefined
  }
}

/** `undefined` for a choice that only another dialect knows. */
export function encodeToolChoice(choice: ToolChoice, context: CodecContext): WireObject | undefined {
  switch (choice.type) {
    case 'none':
    case 'auto':
      return { type: choice.type }
    case 'required':
      return { type: 'any' }
    case 'tool':
      return { type: 'tool', name: choice.name }
    case 'allowed':
      warnChanged(context, 'tool_choice', 'The choice among some of the tools is sent as a choice among all of them.')
      return { type: choice.mode === 'required' ? 'any' : 'auto' }
    case 'other': {
      const wire = kept(choice.extensions, context, 'tool_choice')?.['tool_choice']
      return isRecord(wire) ? wire : undefined
    }
  }
}
