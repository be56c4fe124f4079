import type { CodecContext } from '../../dialect.ts'
import type { ToolChoice } from '../../ir/chat.ts'
import { drop } from '../../ir/warn.ts'
import { isRecord, isString, keep, kept } from './wire.ts'

/** Reads `tool_choice`; a form that is not OpenAI's is kept whole. */
export function decodeToolChoice(wire: unknown): ToolChoice {
  return decodeKnown(wire) ?? { type: 'other', ...wrap(wire) }
}

const wrap = (wire: unknown): Pick<ToolChoice & { type: 'other' }, 'extensions'> => ({
  extensions: keep({ tool_choice: wire }).extensions ?? {},
})

function decodeKnown(wire: unknown): ToolChoice | undefined {
  if (wire === 'none' || wire === 'auto' || wire === 'required') return { type: wire }
  if (!isRecord(wire) || Object.keys(wire).length !== 2) return undefined
  const { type } = wire
  if (type === 'function' || type === 'custom') {
    const name = onlyName(wire[type])
    return name === undefined ? undefined : { type: 'tool', kind: type, name }
  }
  const allowed = wire['allowed_tools']
  if (type !== 'allowed_tools' || !isRecord(allowed) || Object.keys(allowed).length !== 2) return undefined
  const { mode, tools } = allowed
  const known = (mode === 'auto' || mode === 'required') && Array.isArray(tools)
  return known ? { type: 'allowed', mode, tools } : undefined
}

function onlyName(wire: unknown): string | undefined {
  const name = isRecord(wire) && Object.keys(wire).length === 1 ? wire['name'] : undefined
  return isString(name) ? name : undefined
}

/** `undefined` for a choice that only another dialect knows. */
export function encodeToolChoice(choice: ToolChoice, context: CodecContext): unknown {
  switch (choice.type) {
    case 'none':
    case 'auto':
    case 'required':
      return choice.type
    case 'tool':
      return { type: choice.kind, [choice.kind]: { name: choice.name } }
    case 'allowed':
      return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools: choice.tools } }
    case 'other':
      return kept(choice.extensions, context, 'tool_choice')?.['tool_choice']
  }
}

/** The deprecated `function_call` of a request. `undefined` for what it never could be. */
export function decodeFunctionChoice(wire: unknown): ToolChoice | undefined {
  if (wire === 'none' || wire === 'auto') return { type: wire }
  const name = onlyName(wire)
  return name === undefined ? undefined : { type: 'tool', kind: 'function', name }
}

export function encodeFunctionChoice(choice: ToolChoice): unknown {
  if (choice.type === 'tool') return { name: choice.name }
  return choice.type === 'none' ? 'none' : 'auto'
}

/** Of a request without tools, where a choice is refused; nothing is lost of one that leaves it to the model. */
export function dropToolChoice({ type }: ToolChoice, context: CodecContext): void {
  if (type !== 'auto' && type !== 'none') drop(context, 'tool_choice', 'The choice of a tool has none to choose from')
}
