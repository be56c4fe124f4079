import type { CodecContext } from '../../dialect.ts'
import type { Tool, ToolChoice } from '../../ir/chat.ts'
import {
  change,
  formOf,
  inner,
  invalid,
  isRecord,
  isString,
  keep,
  kept,
  nest,
  WireFields,
  type WireObject,
} from './wire.ts'

/** @param strict what `strict_tools` says of all of them. */
export function decodeTool(wire: unknown, strict: boolean | undefined, path: string): Tool {
  if (!isRecord(wire)) throw invalid(path, 'must be an object')
  const fields = new WireFields(wire)
  const definition = fields.take('function', isRecord)
  const typed = wire['type'] !== undefined
  if (definition === undefined || (typed && wire['type'] !== 'function')) {
    return { type: 'provider', extensions: keep(wire).extensions ?? {} }
  }
  fields.skip('type')
  const details = new WireFields(definition)
  const name = details.take('name', isString)
  if (name === undefined) throw invalid(`${path}.function.name`, 'must be a string')
  const description = details.take('description', isString)
  details.skip('parameters')
  return {
    type: 'function',
    name,
    ...(description !== undefined && { description }),
    ...('parameters' in definition && { parameters: definition['parameters'] }),
    ...(strict !== undefined && { strict }),
    ...keep(nest(fields.rest(), 'function', details.rest()), { typed }),
  }
}

/** `undefined`, with a warning, for a tool that only another dialect knows. */
export function encodeTool(tool: Tool, context: CodecContext, path: string): WireObject | undefined {
  const rest = kept(tool.extensions, context, path)
  const form = formOf(tool.extensions)
  if (tool.type === 'provider') {
    if (rest === undefined) {
      context.warn({ code: 'unsupported', path, message: 'This tool is run by another provider and was left out.' })
    }
    return rest
  }
  return {
    ...(form?.['typed'] !== false && { type: 'function' }),
    ...rest,
    function: {
      ...inner(rest, 'function'),
      name: tool.name,
      ...(tool.description !== undefined && { description: tool.description }),
      ...parametersOf(tool, form !== undefined, context, path),
    },
  }
}

function parametersOf(
  tool: Exclude<Tool, { type: 'provider' }>,
  own: boolean,
  context: CodecContext,
  path: string,
): WireObject | undefined {
  if (tool.type === 'custom') {
    change(context, path, 'A tool of free text is declared as a function with one text, `input`.')
    return { parameters: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] } }
  }
  if (own) return tool.parameters === undefined ? undefined : { parameters: tool.parameters }
  // Cohere wants a schema in any case.
  return { parameters: tool.parameters ?? { type: 'object', properties: {} } }
}

/** One switch holds all of them to their schemas. */
export function strictTools(tools: readonly Tool[], context: CodecContext): true | undefined {
  const strict = tools.filter((tool) => tool.type === 'function' && tool.strict === true)
  if (strict.length === 0) return undefined
  if (strict.length < tools.length) change(context, 'tools', 'All tools are held to their schemas, or none: all are.')
  return true
}

export function decodeToolChoice(word: unknown): ToolChoice | undefined {
  if (word === 'REQUIRED') return { type: 'required' }
  return word === 'NONE' ? { type: 'none' } : undefined
}

/** What is left to the model is not said; a choice among some tools is made by sending no others. */
export function encodeToolChoice(
  choice: ToolChoice,
  context: CodecContext,
): { readonly word?: 'REQUIRED' | 'NONE'; readonly names?: readonly string[] } {
  switch (choice.type) {
    case 'auto':
      return {}
    case 'none':
      return { word: 'NONE' }
    case 'required':
      return { word: 'REQUIRED' }
    case 'tool':
      return { word: 'REQUIRED', names: [choice.name] }
    case 'allowed': {
      const names = choice.tools.map(nameOf).filter(isString)
      return { ...(choice.mode === 'required' && { word: 'REQUIRED' }), names }
    }
    case 'other':
      kept(choice.extensions, context, 'tool_choice')
      return {}
  }
}

function nameOf(tool: unknown): unknown {
  if (!isRecord(tool)) return undefined
  const nested = tool['function'] ?? tool['custom']
  return isRecord(nested) ? nested['name'] : tool['name']
}
