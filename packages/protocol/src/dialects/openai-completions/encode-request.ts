import type { CodecContext } from '../../dialect.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import type { ChatRequest } from '../../ir/chat.ts'
import { encodeRequest as encodeChatRequest } from '../openai-chat/encode-request.ts'
import type { WireObject } from '../../json/wire-object.ts'
import { splitExtensions } from './wire.ts'

/** What has the same name and meaning as in `openai-chat`. */
const sharedMembers: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'stream_options',
  'temperature',
  'top_p',
  'top_k',
  'frequency_penalty',
  'presence_penalty',
  'stop',
  'seed',
  'n',
  'logit_bias',
  'user',
])

/** The most rivals of a token that OpenAI tells. */
const mostRivals = 5

/**
 * Writes a `POST /completions` body. A conversation is not made into one text here, since each model was trained on a
 * form of its own: throws `invalid_request` for anything but one text.
 */
export function encodeRequest(request: ChatRequest, context: CodecContext): WireObject {
  const prompt = onlyText(request)
  const { own, form, others } = splitExtensions(request.extensions)
  const { extensions: _, logprobs, topLogprobs, maxOutputTokens, ...rest } = request
  const chat = encodeChatRequest({ ...rest, ...others, messages: [] }, context)
  const { prompt: promptForm, ...defaults } = form ?? {}
  const wire: Record<string, unknown> = { prompt: promptForm === 'list' ? [prompt] : prompt, ...defaults, ...own }
  for (const [name, value] of Object.entries(chat)) {
    if (name === 'messages') continue
    // What came by this dialect goes as it came; what is a chat's own does not.
    if (form !== undefined || sharedMembers.has(name)) wire[name] = value
    else drop(context, name)
  }
  if (maxOutputTokens !== undefined) wire['max_tokens'] = maxOutputTokens
  if (logprobs === null) wire['logprobs'] = null
  else if (logprobs === true) wire['logprobs'] = rivals(topLogprobs ?? 0, form === undefined, context)
  return wire
}

function onlyText({ messages, tools, model }: ChatRequest): string {
  const [message] = messages
  if (messages.length !== 1 || message === undefined || (tools ?? []).length > 0) throw refused(model)
  const { role, content } = message
  if (role === 'assistant' || role === 'tool') throw refused(model)
  if (typeof content === 'string') return content
  if (!content?.every((part) => part.type === 'text')) throw refused(model)
  return content.map(({ text }) => text).join('')
}

function refused(model: string): SluiceError {
  return new SluiceError(
    'invalid_request',
    `The provider of "${model}" completes texts and takes no conversations: send one message of text only, or name a model of a provider that speaks a chat API.`,
    { param: 'messages' },
  )
}

function rivals(count: number, foreign: boolean, context: CodecContext): number {
  if (!foreign || count <= mostRivals) return count
  const message = `At most ${mostRivals} rivals of a token can be asked for here.`
  context.warn({ code: 'value-changed', path: 'top_logprobs', message })
  return mostRivals
}

function drop(context: CodecContext, name: string): void {
  const message = `'${name}' has no counterpart in openai-completions and was left out.`
  context.warn({ code: 'field-dropped', path: name, message })
}
