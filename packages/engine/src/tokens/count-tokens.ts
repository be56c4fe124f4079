import type { ChatMessage, ChatRequest, ContentPart } from '@sluice/protocol'
import { type CountText, encodingOf, loadEncoding } from './encoding-of.ts'
import { estimateText } from './estimate-text.ts'
import { imageSize } from './image-size.ts'
import { imageTokens } from './image-tokens.ts'
import { toolDefinitions } from './tool-definitions.ts'

/** How many tokens a text comes to. */
export interface TokenCount {
  readonly tokens: number
  /** What the provider will count too: text messages of an OpenAI chat model. Anything else is an estimate. */
  readonly exact: boolean
  /** How it was counted, for people to read: `o200k_base`, `o200k_base with tools`, `characters / 3.5`. */
  readonly method: string
}

/**
 * The input tokens of a chat request, as far as they can be told without asking the provider. The model's
 * encoding is loaded with the first request that needs it.
 *
 * Source of the overhead: https://cookbook.openai.com/examples/how_to_count_tokens_with_tiktoken.
 */
export async function countTokens(request: ChatRequest, model: string = request.model): Promise<TokenCount> {
  const encoding = encodingOf(model)
  let cut = false
  const estimate = estimateText(model)
  const exactly = encoding && (await loadEncoding(encoding, () => (cut = true)))
  let size = 0
  const count: CountText = (text) => {
    size += text.length
    return exactly === undefined || size > mostCounted ? estimate.count(text) : exactly(text)
  }
  const method = encoding ?? estimate.method
  const parts = { images: 0, others: 0 }
  const tokens = countRequest(request, model, count, parts)
  const extras = [
    (request.tools ?? []).length > 0 ? 'tools' : undefined,
    request.responseFormat?.type === 'json-schema' ? 'a schema' : undefined,
    parts.images > 0 ? 'images' : undefined,
    parts.others > 0 ? 'parts that are not text' : undefined,
    cut ? 'words without an end' : undefined,
    encoding !== undefined && size > mostCounted ? 'more than is counted' : undefined,
  ].filter((extra) => extra !== undefined)
  return {
    tokens,
    exact: encoding !== undefined && encoding !== 'o200k_harmony' && extras.length === 0 && !reasons(model),
    method: extras.length === 0 ? method : `${method} with ${extras.join(', ')}`,
  }
}

/** Characters, more than any of these models reads; counting them takes seconds. What goes beyond is estimated. */
const mostCounted = 5_000_000

/** As `countTokens`, at once and by characters: what it comes to about. */
export function estimateTokens(request: ChatRequest, model: string = request.model): number {
  return countRequest(request, model, estimateText(model).count, { images: 0, others: 0 })
}

function countRequest(
  request: ChatRequest,
  model: string,
  count: CountText,
  parts: { images: number; others: number },
): number {
  let tokens = replyOverhead
  for (const message of request.messages) tokens += countMessage(message, model, count, parts)
  if ((request.tools ?? []).length > 0) tokens += countTools(request, count)
  if (request.responseFormat?.type === 'json-schema')
    tokens += count(JSON.stringify(request.responseFormat.schema ?? {}))
  return tokens
}

/** Each answer begins with a role that counts as input. */
const replyOverhead = 3
const messageOverhead = 3
const nameOverhead = 1
const callOverhead = 3
const toolsOverhead = 9
const namedChoiceOverhead = 4

function countMessage(
  message: ChatMessage,
  model: string,
  count: CountText,
  parts: { images: number; others: number },
): number {
  const { role, content, name } = message
  let tokens = messageOverhead + count(role)
  if (name !== undefined) tokens += count(name) + nameOverhead
  if (message.toolCallId !== undefined) tokens += count(message.toolCallId)
  if (role === 'tool') tokens -= 2
  const list: readonly ContentPart[] = typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? [])
  for (const part of list) tokens += countPart(part, model, count, parts)
  return tokens
}

function countPart(
  part: ContentPart,
  model: string,
  count: CountText,
  seen: { images: number; others: number },
): number {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return count(part.text)
    case 'reasoning':
      seen.others += 1
      return count(part.text)
    case 'tool-call':
      seen.others += 1
      return callOverhead + count(part.name) + count(part.input)
    case 'image': {
      seen.images += 1
      const size = part.media.from === 'base64' ? imageSize(part.media.data) : undefined
      return imageTokens(model, size, part.detail)
    }
    case 'audio':
      seen.others += 1
      return part.transcript === undefined ? secondsOf(part.data) * 10 : count(part.transcript)
    case 'file':
      seen.others += 1
      return part.media.from === 'base64' && part.media.mediaType.startsWith('text/')
        ? Math.ceil(part.media.data.length / bytesPerTokenOfBase64)
        : unknownFile
    case 'other':
      seen.others += 1
      return count(JSON.stringify(part.extensions))
  }
}

/** A page of a document and its picture, about. */
const unknownFile = 1500
/** Four bytes of text, which base64 writes in 5.3 characters. */
const bytesPerTokenOfBase64 = 16 / 3
/** Of speech as MP3, about 32 kbit/s in base64. */
const base64PerSecond = 5400

function secondsOf(data: string | undefined): number {
  return data === undefined ? 0 : Math.ceil(data.length / base64PerSecond)
}

// Models of OpenAI see functions as TypeScript; the system message carries them and saves its own frame.
function countTools({ tools = [], toolChoice, messages }: ChatRequest, count: CountText): number {
  let tokens = toolsOverhead + count(toolDefinitions(tools))
  if (messages.some(({ role }) => role === 'system')) tokens -= 4
  if (toolChoice?.type === 'none') tokens += 1
  if (toolChoice?.type === 'tool') tokens += namedChoiceOverhead + count(toolChoice.name)
  return tokens
}

/** Reasoning models frame messages in ways that were not published. */
function reasons(model: string): boolean {
  return /(?:^|\/)(?:o\d|gpt-[5-9])/.test(model)
}
