import type { Peek, RequestChanges } from '../../dialect.ts'
import { type Members, parseMembers, serializeMembers } from '../../json/members.ts'
import { type Edit, splice } from '../../json/splice.ts'
import type { ChatPeek } from './peek.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const usageOptions = encoder.encode('{"include_usage":true}')
const usageMember = encoder.encode('"include_usage":true,')
const usageMemberAlone = encoder.encode('"include_usage":true')
const optionsMember = encoder.encode('"stream_options":{"include_usage":true},')
const trueLiteral = encoder.encode('true')

/** Changes only the model's name and the wish for usage; every other byte is sent as it came. */
export function patchChatRequest(
  body: Uint8Array,
  peek: Peek,
  changes: RequestChanges,
): readonly Uint8Array[] | undefined {
  if (!peek.plain || !isChatPeek(peek) || peek.scan.empty) return undefined
  const edits: Edit[] = []
  const inserted = peek.scan.open
  if (peek.modelSpan === undefined) {
    edits.push({ start: inserted, end: inserted, bytes: encoder.encode(`"model":${JSON.stringify(changes.model)},`) })
  } else if (peek.model !== changes.model) {
    edits.push({ ...peek.modelSpan, bytes: changes.modelJson })
  }
  if (peek.stream && changes.includeUsage && !peek.usageRequested) edits.push(askForUsage(peek))
  if (edits.length === 0) return [body]
  if (edits.length > 1) edits.sort((left, right) => left.start - right.start)
  return splice(body, edits)
}

function askForUsage(peek: ChatPeek): Edit {
  const { optionsSpan, options } = peek
  if (optionsSpan === undefined) return { start: peek.scan.open, end: peek.scan.open, bytes: optionsMember }
  if (options === undefined) return { ...optionsSpan, bytes: usageOptions }
  const usageSpan = options.spans[0]
  if (usageSpan !== undefined) {
    return { start: optionsSpan.start + usageSpan.start, end: optionsSpan.start + usageSpan.end, bytes: trueLiteral }
  }
  const start = optionsSpan.start + options.open
  return { start, end: start, bytes: options.empty ? usageMemberAlone : usageMember }
}

function isChatPeek(peek: Peek): peek is ChatPeek {
  return 'scan' in peek
}

/** As `patchChatRequest`, for any valid request. */
export function rewriteChatRequest(body: Uint8Array, changes: RequestChanges): Uint8Array {
  const members = parseMembers(body)
  members.set('model', JSON.stringify(changes.model))
  if (changes.includeUsage && members.get('stream') === 'true') {
    const written = members.get('stream_options')
    const options: Members = written?.startsWith('{') ? parseMembers(encoder.encode(written)) : new Map()
    members.set('stream_options', decoder.decode(serializeMembers(options.set('include_usage', 'true'))))
  }
  return serializeMembers(members)
}
