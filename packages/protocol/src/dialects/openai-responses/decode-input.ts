import { SluiceError } from '../../errors/sluice-error.ts'
import { append } from '../../ir/append.ts'
import type { ChatMessage, ChatRole, ContentPart } from '../../ir/chat.ts'
import { isArray, isRecord, isString, WireFields, type WireObject } from '../../json/wire-object.ts'
import { decodeInputPart } from './content-part.ts'
import { decodeItem } from './decode-item.ts'
import { bringsTools } from './additional-tools.ts'
import { keep, pick } from './wire.ts'

/** Reads input items as messages. Items that a model wrote one after the other are one turn of its. */
export function decodeInput(items: readonly unknown[]): ChatMessage[] {
  const messages: ChatMessage[] = []
  let turn: ContentPart[] | undefined
  for (const [index, item] of items.entries()) {
    const path = `input[${index}]`
    if (!isRecord(item)) throw invalid(path, 'must be an object')
    if (bringsTools(item)) continue
    const message = decodeMessage(item, path)
    if (message !== undefined) {
      messages.push(message)
      turn = undefined
      continue
    }
    if (turn === undefined) {
      turn = []
      messages.push({ role: 'assistant', content: turn })
    }
    append(turn, decodeItem(item))
  }
  return messages
}

function invalid(param: string, problem: string): SluiceError {
  return new SluiceError('invalid_request', `\`${param}\` ${problem}.`, { param })
}

const roles: Readonly<Record<string, ChatRole>> = {
  system: 'system',
  developer: 'developer',
  user: 'user',
  assistant: 'assistant',
}

const marks = ['type', 'id', 'status'] as const
/** Which tool it was, the call says as well. */
const outputMarks = [...marks, 'name', 'namespace'] as const

/** `undefined` for what a model wrote. */
function decodeMessage(wire: WireObject, path: string): ChatMessage | undefined {
  const { type } = wire
  if (type === 'function_call_output' || type === 'custom_tool_call_output') return decodeOutput(wire, path)
  const isMessage = type === 'message' || (type === undefined && wire['role'] !== undefined)
  if (!isMessage) return undefined
  const role = isString(wire['role']) && Object.hasOwn(roles, wire['role']) ? roles[wire['role']] : undefined
  if (role === undefined) throw invalid(`${path}.role`, `must be one of ${Object.keys(roles).join(', ')}`)
  if (!isString(wire['content']) && !isArray(wire['content'])) {
    throw invalid(`${path}.content`, 'must be a string or an array of parts')
  }
  if (role === 'assistant') return undefined
  const fields = new WireFields(wire)
  for (const name of ['role', ...marks]) fields.skip(name)
  const content = decodeContent(fields, 'content', path)
  return { role, content, ...keep(fields.rest(), { item: pick(wire, marks) }) }
}

function decodeOutput(wire: WireObject, path: string): ChatMessage {
  const fields = new WireFields(wire)
  for (const name of outputMarks) fields.skip(name)
  const toolCallId = fields.take('call_id', isString)
  if (toolCallId === undefined) throw invalid(`${path}.call_id`, 'must be a string')
  if (!isString(wire['output']) && !isArray(wire['output'])) {
    throw invalid(`${path}.output`, 'must be a string or an array of parts')
  }
  const content = decodeContent(fields, 'output', path)
  return { role: 'tool', toolCallId, content, ...keep(fields.rest(), { item: pick(wire, outputMarks) }) }
}

function decodeContent(
  fields: WireFields,
  member: 'content' | 'output',
  path: string,
): string | readonly ContentPart[] {
  const content = fields.wire[member]
  fields.skip(member)
  if (isString(content)) return content
  return isArray(content) ? content.map((part, index) => decodeInputPart(part, `${path}.${member}[${index}]`)) : ''
}
