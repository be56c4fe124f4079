import { hash } from 'node:crypto'
import type { ChatDialect, ChatMessage, ChatRequest, CodecContext, ContentPart, SpokenDialect } from '@sluice/protocol'
import type { Exchange } from 'sluice'

/** What a chat request asks, apart from all else that it says. */
export interface Question {
  /** The last message, which is its user's. */
  readonly text: string
  /** A digest of everything else: only requests that have it in common can have their answers in common. */
  readonly rest: string
}

/** Characters: what is longer is a document, whose likeness says little of what is asked about it. */
const longest = 8_000
const decoder = new TextDecoder()
const unheard: CodecContext = { warn: () => undefined }

/**
 * `undefined` for what is no question in words alone: with images or files, tools' results, tools that providers run, several
 * answers wanted, or an answer meant to differ each time (`temperature` above `maxTemperature`).
 */
export function readQuestion(exchange: Exchange, maxTemperature: number): Question | undefined {
  const { dialect, peek, forwardedHeaders, strict } = exchange
  if (!isChat(dialect)) return undefined
  let request: ChatRequest
  try {
    request = dialect.request.decode(wireOf(exchange), unheard)
  } catch {
    // Whoever answers says what is wrong with it.
    return undefined
  }
  if (!isPlain(request, maxTemperature)) return undefined
  const last = request.messages.at(-1)
  if (last?.role !== 'user' || !request.messages.every(isText)) return undefined
  const text = textsOf(last).join('\n')
  if (text.trim() === '' || text.length > longest) return undefined
  const others = { ...request, messages: [...request.messages.slice(0, -1), withoutText(last)] }
  const circumstances = [
    dialect.id,
    peek.stream,
    peek.framing?.contentType ?? null,
    forwardedHeaders ?? null,
    strict ?? null,
  ]
  return { text, rest: hash('sha256', JSON.stringify([circumstances, others]), 'base64url') }
}

function isChat(dialect: SpokenDialect): dialect is ChatDialect {
  return dialect.operation === 'chat' && 'request' in dialect
}

function wireOf({ body, peek }: Exchange): unknown {
  const wire: unknown = JSON.parse(decoder.decode(body), (_, value: unknown) => {
    // Two numbers of 20 digits could be one to JavaScript.
    if (Number.isInteger(value) && !Number.isSafeInteger(value))
      throw new RangeError('a number that cannot be told apart')
    return value
  })
  // In some APIs its path names the model.
  return typeof wire === 'object' && wire !== null && !('model' in wire) ? { ...wire, model: peek.model ?? '' } : wire
}

function isPlain(request: ChatRequest, maxTemperature: number): boolean {
  const { temperature, choiceCount, remembered, modalities, tools = [] } = request
  return (
    // What providers take where nothing is said.
    (temperature ?? 1) <= maxTemperature &&
    (choiceCount ?? 1) === 1 &&
    remembered === undefined &&
    (modalities ?? []).every((kind) => kind === 'text') &&
    tools.every(({ type }) => type !== 'provider')
  )
}

function isText({ role, content }: ChatMessage): boolean {
  if (role === 'tool') return false
  return typeof content === 'string' || (Array.isArray(content) && (content as ContentPart[]).every(isTextPart))
}

function isTextPart({ type }: ContentPart): boolean {
  return type === 'text'
}

function textsOf({ content }: ChatMessage): readonly string[] {
  if (typeof content === 'string') return [content]
  return (content ?? []).flatMap((part) => (part.type === 'text' ? [part.text] : []))
}

/** What else is said of it counts: its parts, their extensions. */
function withoutText(message: ChatMessage): ChatMessage {
  const { content } = message
  if (typeof content === 'string' || content === null || content === undefined) return { ...message, content: '' }
  return { ...message, content: content.map((part) => (part.type === 'text' ? { ...part, text: '' } : part)) }
}
