import type { ChatMessage, ContentPart } from '../../ir/chat.ts'
import { cachePoints, readCachePoint } from './cache-point.ts'
import { addBlock, decodeBlock, decodeBlocks } from './content-block.ts'
import { invalid, isArray, isRecord, isString, keep, WireFields, withMark, type WireObject } from './wire.ts'

export function decodeSystem(wires: readonly unknown[]): ChatMessage {
  return { role: 'system', content: decodeBlocks(wires, 'system'), ...keep(undefined, { system: true }) }
}

export function decodeMessages(wires: readonly unknown[]): readonly ChatMessage[] {
  return wires.flatMap((wire, index) => {
    const path = `messages[${index}]`
    if (!isRecord(wire)) throw invalid(path, 'must be an object')
    const { role, content, ...others } = wire
    if (role !== 'user' && role !== 'assistant' && role !== 'system')
      throw invalid(`${path}.role`, 'must be one of user, assistant, system')
    if (!isArray(content)) throw invalid(`${path}.content`, 'must be an array of blocks')
    const rest = Object.keys(others).length === 0 ? undefined : others
    if (role === 'user') return decodeUserTurn(content, rest, `${path}.content`)
    return [{ role, content: decodeBlocks(content, `${path}.content`), ...keep(rest, {}) }]
  })
}

/** A user's turn holds the results of tools as blocks; each is a message of its own, `joined` to the one before. */
function decodeUserTurn(wires: readonly unknown[], rest: WireObject | undefined, path: string): readonly ChatMessage[] {
  const messages: ChatMessage[] = []
  let parts: ContentPart[] | undefined
  for (const [index, wire] of wires.entries()) {
    const at = `${path}[${index}]`
    const first = messages.length === 0
    const last = messages.at(-1)
    const result = toolResultOf(wire)
    const mark = readCachePoint(wire)
    if (result !== undefined) {
      parts = undefined
      const form = first ? (rest === undefined ? {} : { turn: rest }) : { joined: true }
      messages.push(decodeToolResult(result, form, at))
    } else if (mark !== undefined && last?.role === 'tool' && cachePoints(last.extensions).length === 0) {
      messages[messages.length - 1] = withMark(last, mark)
    } else {
      if (parts === undefined) {
        parts = []
        messages.push({ role: 'user', content: parts, ...(first ? keep(rest, {}) : keep(undefined, { joined: true })) })
      }
      addBlock(parts, wire, at)
    }
  }
  return messages.length === 0 ? [{ role: 'user', content: [], ...keep(rest, {}) }] : messages
}

function toolResultOf(wire: unknown): WireObject | undefined {
  const result = isRecord(wire) && Object.keys(wire).length === 1 ? wire['toolResult'] : undefined
  return isRecord(result) && isArray(result['content']) ? result : undefined
}

function decodeToolResult(wire: WireObject, form: WireObject, path: string): ChatMessage {
  const fields = new WireFields(wire)
  const toolCallId = fields.take('toolUseId', isString)
  const content = fields.take('content', isArray) ?? []
  const status = fields.take('status', isStatus)
  return {
    role: 'tool',
    content: content.map((block, index) => decodeResultBlock(block, `${path}.toolResult.content[${index}]`)),
    ...(toolCallId !== undefined && { toolCallId }),
    ...(status !== undefined && { isError: status === 'error' }),
    ...keep(fields.rest(), form),
  }
}

const isStatus = (value: unknown): value is string => value === 'success' || value === 'error'

/** A result that is JSON is text to other wires. */
function decodeResultBlock(wire: unknown, path: string): ContentPart {
  if (isRecord(wire) && 'json' in wire && Object.keys(wire).length === 1)
    return { type: 'text', text: JSON.stringify(wire['json']), ...keep(undefined, { json: true }) }
  return decodeBlock(wire, path)
}
