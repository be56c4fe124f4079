import type { CodecContext } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import type { Tool } from '../../ir/chat.ts'
import { isBooleanOrNull } from '../openai-chat/tool.ts'
import { isRecord, isString, WireFields, type WireObject } from '../../json/wire-object.ts'
import { absentFrom, formOf, keep, kept, wasAbsent } from './wire.ts'

/** Reads one tool; one that the provider runs itself, such as `web_search`, is kept whole. */
export function decodeTool(wire: unknown, path: string): Tool {
  if (!isRecord(wire)) throw new SluiceError('invalid_request', `\`${path}\` must be an object.`, { param: path })
  const { type } = wire
  if (type !== 'function' && type !== 'custom') return { type: 'provider', extensions: keep(wire).extensions ?? {} }
  const fields = new WireFields(wire)
  fields.skip('type')
  const name = fields.take('name', isString)
  if (name === undefined) {
    throw new SluiceError('invalid_request', `\`${path}.name\` must be a string.`, { param: `${path}.name` })
  }
  const description = fields.take('description', isString)
  if (type === 'custom') {
    fields.skip('format')
    return {
      type,
      name,
      ...(description !== undefined && { description }),
      ...('format' in wire && { format: decodeFormat(wire['format']) }),
      ...keep(fields.rest()),
    }
  }
  const strict = fields.take('strict', isBooleanOrNull)
  fields.skip('parameters')
  // Required here, where `null` says that there are none.
  const hasParameters = wire['parameters'] !== undefined && wire['parameters'] !== null
  return {
    type,
    name,
    ...(description !== undefined && { description }),
    ...(hasParameters && { parameters: wire['parameters'] }),
    ...(strict !== undefined && { strict }),
    ...keep(fields.rest(), absentFrom(wire, ['parameters', 'strict'])),
  }
}

/** Writes one tool; `undefined`, with a warning, for one that another provider runs. */
export function encodeTool(tool: Tool, context: CodecContext, path: string): WireObject | undefined {
  const rest = kept(tool.extensions, context, path)
  if (tool.type === 'provider') {
    if (rest === undefined) {
      context.warn({ code: 'unsupported', path, message: 'This tool is run by another provider and was left out.' })
    }
    return rest
  }
  const { type, name, description } = tool
  const base = { type, ...rest, name, ...(description !== undefined && { description }) }
  if (type === 'custom') return { ...base, ...(tool.format !== undefined && { format: encodeFormat(tool.format) }) }
  const form = formOf(tool.extensions)
  const { parameters, strict } = tool
  return {
    ...base,
    ...((parameters !== undefined || !wasAbsent(form, 'parameters')) && { parameters: parameters ?? null }),
    // On by default here, and nowhere else.
    ...((strict !== undefined || !wasAbsent(form, 'strict')) && { strict: strict === undefined ? false : strict }),
  }
}

/** A grammar is flat here, and nested in Chat Completions, whose form is the neutral one. */
function decodeFormat(wire: unknown): unknown {
  if (!isRecord(wire) || wire['type'] !== 'grammar' || 'grammar' in wire) return wire
  const { type, ...grammar } = wire
  return { type, grammar }
}

function encodeFormat(format: unknown): unknown {
  return isRecord(format) && format['type'] === 'grammar' && isRecord(format['grammar'])
    ? { type: 'grammar', ...format['grammar'] }
    : format
}
