import type { CodecContext } from '../../dialect.ts'
import type { ToolChoice } from '../../ir/chat.ts'
import { isArray, isRecord, isString } from '../../json/wire-object.ts'
import { keep, kept } from './wire.ts'

/** Reads `tool_choice`; one for a tool that the provider runs is kept whole. */
export function decodeToolChoice(wire: unknown): ToolChoice {
  return decodeKnown(wire) ?? { type: 'other', extensions: keep({ tool_choice: wire }).extensions ?? {} }
}

function decodeKnown(wire: unknown): ToolChoice | undefined {
  if (wire === 'none' || wire === 'auto' || wire === 'required') return { type: wire }
  if (!isRecord(wire)) return undefined
  const { type, name, mode, tools } = wire
  const size = Object.keys(wire).length
  if ((type === 'function' || type === 'custom') && isString(name) && size === 2)
    return { type: 'tool', kind: type, name }
  if (type !== 'allowed_tools' || size !== 3 || !isArray(tools)) return undefined
  return mode === 'auto' || mode === 'required' ? { type: 'allowed', mode, tools: tools.map(nestName) } : undefined
}

/** The neutral form names tools as Chat Completions does: `{type, function: {name}}` for `{type, name}`. */
function nestName(wire: unknown): unknown {
  if (!isRecord(wire) || Object.keys(wire).length !== 2) return wire
  const { type, name } = wire
  return (type === 'function' || type === 'custom') && isString(name) ? { type, [type]: { name } } : wire
}

function flattenName(wire: unknown): unknown {
  if (!isRecord(wire) || Object.keys(wire).length !== 2) return wire
  const { type } = wire
  const named = type === 'function' || type === 'custom' ? wire[type] : undefined
  return isRecord(named) && Object.keys(named).length === 1 && isString(named['name'])
    ? { type, name: named['name'] }
    : wire
}

/** `undefined` for a choice that only another dialect knows. */
export function encodeToolChoice(choice: ToolChoice, context: CodecContext): unknown {
  switch (choice.type) {
    case 'none':
    case 'auto':
    case 'required':
      return choice.type
    case 'tool':
      return { type: choice.kind, name: choice.name }
    case 'allowed':
      return { type: 'allowed_tools', mode: choice.mode, tools: choice.tools.map(flattenName) }
    case 'other':
      return kept(choice.extensions, context, 'tool_choice')?.['tool_choice']
  }
}
