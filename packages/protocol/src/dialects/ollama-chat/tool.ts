import type { CodecContext } from '../../dialect.ts'
import type { ChatRequest, Tool, ToolChoice } from '../../ir/chat.ts'
import {
  drop,
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

/** Reads `{type: "function", function: {name, description, parameters}}`. */
export function decodeTool(wire: unknown, path: string): Tool {
  if (!isRecord(wire)) throw invalid(path, 'must be an object')
  const fields = new WireFields(wire)
  const definition = fields.take('function', isRecord)
  if (definition === undefined) throw invalid(`${path}.function`, 'must be an object')
  const typed = fields.takeExact('type', 'function')
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
    ...keep(nest(fields.rest(), 'function', details.rest()), { typed }),
  }
}

/** Those of the tools that can be said, and that the choice leaves: Ollama has no tool choice. */
export function encodeTools(request: ChatRequest, context: CodecContext): readonly WireObject[] | undefined {
  const { tools, toolChoice } = request
  if (tools === undefined) return undefined
  const chosen = chooseTools(tools, toolChoice, context)
  return chosen?.map((tool) => encodeTool(tool, context, `tools[${tools.indexOf(tool)}]`)).filter(isRecord)
}

function encodeTool(tool: Tool, context: CodecContext, path: string): WireObject | undefined {
  const rest = kept(tool.extensions, context, path)
  if (tool.type === 'provider') {
    context.warn({ code: 'unsupported', path, message: 'This tool is run by another provider and was left out.' })
    return undefined
  }
  const typed = formOf(tool.extensions)?.['typed'] !== false
  const { name, description } = tool
  return {
    ...(typed && { type: 'function' }),
    ...rest,
    function: {
      ...inner(rest, 'function'),
      name,
      ...(description !== undefined && { description }),
      ...parametersOf(tool, context, path),
    },
  }
}

function parametersOf(
  tool: Exclude<Tool, { type: 'provider' }>,
  context: CodecContext,
  path: string,
): { parameters?: unknown } {
  if (tool.type === 'function') {
    if (tool.strict === true) drop(context, `${path}.strict`, "'strict' has no counterpart in this dialect")
    return tool.parameters === undefined ? {} : { parameters: tool.parameters }
  }
  const message = 'A tool of free text is declared as a function with one text, `input`.'
  context.warn({ code: 'value-changed', path, message })
  return { parameters: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] } }
}

/** `undefined`: no tool may be called. */
function chooseTools(
  tools: readonly Tool[],
  choice: ToolChoice | undefined,
  context: CodecContext,
): readonly Tool[] | undefined {
  switch (choice?.type) {
    case 'none':
      return undefined
    case 'required':
      drop(context, 'tool_choice', 'The demand for a tool call has no counterpart in this dialect')
      return tools
    case 'tool':
      context.warn({
        code: 'value-changed',
        path: 'tool_choice',
        message: 'A tool cannot be demanded in this dialect; it is the only one that is offered.',
      })
      return tools.filter((tool) => tool.type !== 'provider' && tool.name === choice.name)
    case 'allowed': {
      if (choice.mode === 'required')
        drop(context, 'tool_choice', 'The demand for a tool call has no counterpart in this dialect')
      const names = new Set(choice.tools.map(nameOf))
      return tools.filter((tool) => tool.type !== 'provider' && names.has(tool.name))
    }
    case 'other':
      kept(choice.extensions, context, 'tool_choice')
      return tools
    default:
      return tools
  }
}

function nameOf(tool: unknown): unknown {
  if (!isRecord(tool)) return undefined
  const nested = tool['function'] ?? tool['custom']
  return isRecord(nested) ? nested['name'] : tool['name']
}
