import type { CodecContext } from '../../dialect.ts'
import { append } from '../../ir/append.ts'
import type { ChatMessage, ContentPart } from '../../ir/chat.ts'
import { partsOf } from '../../ir/parts-of.ts'
import { encodeParts, encodeToolResult, roleOf, type WireMessages } from './encode-messages.ts'
import { withObjectInput } from './object-input.ts'
import { Turns } from './turns.ts'
import { isArray, isRecord, isString, kept, warnChanged, warnDropped, type WireObject } from './wire.ts'

/**
 * Arranges another wire's messages as Anthropic wants them: system messages before all others, turns of user and
 * assistant in alternation, the results of one turn's calls together at the start of the next, no empty text.
 */
export function arrangeMessages(all: readonly ChatMessage[], context: CodecContext): WireMessages {
  const system: WireObject[] = []
  const turns = new Turns()
  for (const [index, message] of all.entries()) {
    const path = `messages[${index}]`
    if (message.name !== undefined && message.role !== 'tool')
      warnDropped(context, `${path}.name`, 'The name of who speaks')
    const role = roleOf(message)
    if (role === 'system') {
      if (!turns.empty) warnChanged(context, path, 'A system message between others is sent before them.')
      append(system, blocksOf(message, context, path))
    } else if (message.role === 'tool')
      turns.addResult([withoutEmptyText(encodeToolResult(message, callId, context, path))])
    else turns.add(role, blocksOf(message, context, path))
  }
  if (turns.empty) turns.add('user', system.splice(0))
  const messages = turns.list().map(({ role, content }) => ({ role, content: asText(content) }))
  trimPrefill(messages)
  return { ...(system.length === 0 ? undefined : { system: asSystem(system) }), messages }
}

function withoutEmptyText(result: WireObject): WireObject {
  const { content } = result
  return isArray(content) ? { ...result, content: content.filter(saysSomething) } : result
}

function saysSomething(block: unknown): boolean {
  return !isRecord(block) || block['type'] !== 'text' || block['text'] !== ''
}

function blocksOf(message: ChatMessage, context: CodecContext, path: string): readonly WireObject[] {
  const { role, extensions } = message
  const rest = kept(extensions, context, path)
  const parts = partsOf(message)
  const sendable = role === 'assistant' ? parts.flatMap((part) => historyParts(part, context, path)) : parts
  const blocks = encodeParts(sendable, context, path).filter(saysSomething)
  const mark = rest?.['cache_control']
  const last = blocks.at(-1)
  if (mark !== undefined && last !== undefined) blocks[blocks.length - 1] = { ...last, cache_control: mark }
  // Thinking comes first in a turn.
  return role === 'assistant' ? [...blocks.filter(isThinking), ...blocks.filter((block) => !isThinking(block))] : blocks
}

function isThinking(block: WireObject): boolean {
  return block['type'] === 'thinking' || block['type'] === 'redacted_thinking'
}

/** Anthropic takes back only reasoning that it has signed, and ids and inputs of a certain form. */
function historyParts(part: ContentPart, context: CodecContext, path: string): readonly ContentPart[] {
  switch (part.type) {
    case 'reasoning': {
      if (part.signature !== undefined) return [part]
      if (part.encrypted !== undefined) return [{ ...part, text: '' }]
      warnDropped(context, `${path}.reasoning`, 'Reasoning without a signature')
      return []
    }
    case 'tool-call':
      return [withObjectInput({ ...part, id: callId(part.id) }, context, path)]
    case 'text': {
      const { annotations: _, ...said } = part
      return [said]
    }
    default:
      return [part]
  }
}

/** Ids may hold letters, digits, `_` and `-`. */
function callId(id: string | undefined): string {
  const written = (id ?? '').replace(/[^a-zA-Z0-9_-]/g, '_')
  return written === '' ? 'call' : written
}

/** A single plain text needs no block. */
function asText(content: readonly WireObject[]): unknown {
  const only = content.length === 1 ? content[0] : undefined
  return only !== undefined && isPlainText(only) ? only['text'] : content
}

function asSystem(blocks: readonly WireObject[]): unknown {
  return blocks.every(isPlainText) ? blocks.map((block) => block['text']).join('\n\n') : blocks
}

function isPlainText(block: WireObject): boolean {
  return block['type'] === 'text' && Object.keys(block).length === 2
}

/** The start of an answer must not end in white space. */
function trimPrefill(messages: { role: string; content: unknown }[]): void {
  const last = messages.at(-1)
  if (last?.role !== 'assistant') return
  if (isString(last.content)) last.content = last.content.trimEnd()
  else if (isArray(last.content)) {
    const block = last.content.at(-1)
    if (isRecord(block) && isString(block['text'])) {
      last.content = [...last.content.slice(0, -1), { ...block, text: block['text'].trimEnd() }]
    }
  }
}
