import type { CodecContext } from '../../dialect.ts'
import { append } from '../../ir/append.ts'
import type { ChatMessage, ContentPart } from '../../ir/chat.ts'
import { partsOf } from '../../ir/parts-of.ts'
import { parseJson } from '../../json/parse-json.ts'
import { cachePoints } from './cache-point.ts'
import { encodeBlocks } from './content-block.ts'
import { formOf, isRecord, kept, type WireObject } from './wire.ts'

export interface WireMessages {
  readonly system?: readonly WireObject[]
  readonly messages: readonly WireObject[]
}

/** Messages that came from this wire, as they were written. */
export function encodeOwnMessages(all: readonly ChatMessage[], context: CodecContext): WireMessages {
  const messages: { readonly role: string; readonly content: WireObject[] }[] = []
  let system: readonly WireObject[] | undefined
  for (const [index, message] of all.entries()) {
    const path = `messages[${index}]`
    const form = formOf(message.extensions)
    if (form?.['system'] === true) {
      system = encodeParts(partsOf(message), context, 'system')
      continue
    }
    const tool = message.role === 'tool'
    const content = tool
      ? encodeToolResult(message, message.toolCallId, context, path)
      : encodeParts(partsOf(message), context, path)
    const last = messages.at(-1)
    if (form?.['joined'] === true && last !== undefined) append(last.content, content)
    else {
      const turn = form?.['turn']
      const rest = tool ? (isRecord(turn) ? turn : undefined) : kept(message.extensions, context, path)
      messages.push({ ...rest, role: roleOf(message), content: [...content] })
    }
  }
  return { ...(system && { system }), messages }
}

export function roleOf({ role }: ChatMessage): string {
  if (role === 'tool') return 'user'
  return role === 'developer' ? 'system' : role
}

export function encodeParts(parts: readonly ContentPart[], context: CodecContext, path: string): WireObject[] {
  return parts.flatMap((part, index) => encodeBlocks(part, context, `${path}.content[${index}]`))
}

/** The result of one call, and the `cachePoint` after it. */
export function encodeToolResult(
  message: ChatMessage,
  toolUseId: string | undefined,
  context: CodecContext,
  path: string,
): readonly WireObject[] {
  const { isError, extensions } = message
  const content = partsOf(message).flatMap((part, index) =>
    encodeResultPart(part, context, `${path}.content[${index}]`),
  )
  const toolResult = {
    ...kept(extensions, context, path),
    ...(toolUseId !== undefined && { toolUseId }),
    content,
    ...(isError !== undefined && { status: isError ? 'error' : 'success' }),
  }
  return [{ toolResult }, ...cachePoints(extensions)]
}

function encodeResultPart(part: ContentPart, context: CodecContext, path: string): readonly WireObject[] {
  const form = part.type === 'text' ? formOf(part.extensions) : undefined
  const json = part.type === 'text' && form?.['json'] === true ? parseJson(part.text) : undefined
  return json === undefined ? encodeBlocks(part, context, path) : [{ json }]
}
