import type { CodecContext } from '../../dialect.ts'
import { append } from '../../ir/append.ts'
import type { ChatMessage, ContentPart } from '../../ir/chat.ts'
import { partsOf } from '../../ir/parts-of.ts'
import { cachePoints } from './cache-point.ts'
import { encodeParts, encodeToolResult, roleOf, type WireMessages } from './encode-messages.ts'
import { withObjectInput } from '../anthropic-messages/object-input.ts'
import { type Turn, Turns } from '../anthropic-messages/turns.ts'
import type { ModelVendor } from './model-vendor.ts'
import { nameDocuments } from './name-documents.ts'
import { toolUseId } from './tool-id.ts'
import { isRecord, isString, kept, markOf, warnChanged, warnDropped, type WireObject } from './wire.ts'

/**
 * Arranges another wire's messages as Bedrock wants them: system blocks apart, turns of user and assistant in
 * alternation from a user's on, the results of one turn's calls together at the start of the next, no empty text.
 */
export function arrangeMessages(all: readonly ChatMessage[], vendor: ModelVendor, context: CodecContext): WireMessages {
  const system: WireObject[] = []
  const said = new Turns()
  for (const [index, message] of all.entries()) {
    const path = `messages[${index}]`
    if (message.name !== undefined && message.role !== 'tool')
      warnDropped(context, `${path}.name`, 'The name of who speaks')
    const role = roleOf(message)
    if (role === 'system') {
      if (!said.empty) warnChanged(context, path, 'A system message between others is sent before them.')
      append(system, systemBlocks(blocksOf(message, vendor, context, path), context, path))
    } else if (message.role === 'tool') {
      const id = toolUseId(message.toolCallId, vendor.toolIdLength)
      said.addResult(encodeToolResult(message, id, context, path))
    } else said.add(role, blocksOf(message, vendor, context, path))
  }
  const turns = said.list()
  if (turns.length === 0) turns.push({ role: 'user', content: system.splice(0) })
  if (turns[0]?.role !== 'user') {
    warnChanged(context, 'messages', 'A conversation begins with a user: an opening was put before it.')
    turns.unshift({ role: 'user', content: [{ text: 'Begin.' }] })
  }
  nameDocuments(
    turns.map(({ content }) => content),
    context,
  )
  trimPrefill(turns.at(-1))
  const points = vendor.cachePoints ? (blocks: readonly WireObject[]) => blocks : withoutPoints(context)
  return {
    ...(system.length > 0 && { system: points(system) }),
    messages: turns.map(({ role, content }) => ({ role, content: points(content) })),
  }
}

function systemBlocks(blocks: readonly WireObject[], context: CodecContext, path: string): readonly WireObject[] {
  const taken = blocks.filter((block) => 'text' in block || 'cachePoint' in block || 'guardContent' in block)
  if (taken.length < blocks.length) warnDropped(context, path, 'What is not text in a system message')
  return taken
}

function blocksOf(
  message: ChatMessage,
  vendor: ModelVendor,
  context: CodecContext,
  path: string,
): readonly WireObject[] {
  const { role, extensions } = message
  kept(extensions, context, path)
  const parts = partsOf(message)
  const sendable = role === 'assistant' ? parts.flatMap((part) => historyParts(part, vendor, context, path)) : parts
  const blocks = encodeParts(sendable, context, path).filter((block) => block['text'] !== '')
  const marked = markOf(extensions) !== undefined && blocks.length > 0 && !('cachePoint' in blocks.at(-1)!)
  if (marked) blocks.push(...cachePoints(extensions))
  // What was thought comes first in a turn.
  if (role !== 'assistant') return blocks
  return [...blocks.filter(isReasoning), ...blocks.filter((block) => !isReasoning(block))]
}

function isReasoning(block: WireObject): boolean {
  return 'reasoningContent' in block
}

/** Bedrock takes back only reasoning that its provider has signed, and ids of a certain form. */
function historyParts(
  part: ContentPart,
  vendor: ModelVendor,
  context: CodecContext,
  path: string,
): readonly ContentPart[] {
  switch (part.type) {
    case 'reasoning':
      if (part.signature !== undefined) return [part]
      if (part.encrypted !== undefined) return [{ ...part, text: '' }]
      warnDropped(context, `${path}.reasoning`, 'Reasoning without a signature')
      return []
    case 'tool-call':
      return [withObjectInput({ ...part, id: toolUseId(part.id, vendor.toolIdLength) }, context, path)]
    case 'text': {
      const { annotations: _, ...said } = part
      return [said]
    }
    default:
      return [part]
  }
}

/** The start of an answer must not end in white space. */
function trimPrefill(last: Turn | undefined): void {
  const block = last?.role === 'assistant' ? last.content.at(-1) : undefined
  if (isString(block?.['text'])) last!.content[last!.content.length - 1] = { text: block['text'].trimEnd() }
}

function withoutPoints(context: CodecContext): (blocks: readonly WireObject[]) => readonly WireObject[] {
  return (blocks) => {
    const others = blocks.filter((block) => !isRecord(block['cachePoint']))
    if (others.length < blocks.length) warnDropped(context, 'cache_control', 'The mark of a cache, for this model,')
    return others
  }
}
