import type { CodecContext } from '../../dialect.ts'
import { isArray, isRecord, isString, type WireObject } from '../../json/wire-object.ts'
import { chatLogprobs, completionLogprobs } from './logprobs.ts'

/** A choice as chat completions have it: its text as the message's content. */
export function chatChoice(wire: unknown, member: 'message' | 'delta'): unknown {
  if (!isRecord(wire)) return wire
  const { text, logprobs, message: _, delta: __, ...others } = wire
  const said = chatLogprobs(logprobs)
  const content = isString(text) ? text : ''
  return {
    ...others,
    [member]: member === 'message' ? { role: 'assistant', content } : { content },
    ...(said !== undefined && { logprobs: said }),
  }
}

/** A whole answer as chat completions have it; what is no answer stays as it is. */
export function chatCompletion(wire: unknown): unknown {
  if (!isRecord(wire) || !isArray(wire['choices'])) return wire
  const { object, choices } = wire
  return {
    ...wire,
    ...(object === 'text_completion' && { object: 'chat.completion' }),
    choices: choices.map((choice) => chatChoice(choice, 'message')),
  }
}

/** A `chat.completion` as a text completion; what it says besides text has no place there. */
export function textCompletion(chat: WireObject, context: CodecContext): WireObject {
  const choices = isArray(chat['choices']) ? chat['choices'].filter(isRecord) : []
  return {
    ...chat,
    ...(chat['object'] === 'chat.completion' && { object: 'text_completion' }),
    choices: choices.map((choice, index) => textChoice(choice, `choices[${index}]`, context)),
  }
}

function textChoice({ message, logprobs, ...others }: WireObject, path: string, context: CodecContext): WireObject {
  const { role: _, content, refusal, ...rest } = isRecord(message) ? message : {}
  for (const [name, value] of Object.entries(rest)) {
    if (value !== null && value !== '' && !(isArray(value) && value.length === 0)) dropFromAnswer(name, path, context)
  }
  return {
    text: textOf(content) || (isString(refusal) ? refusal : ''),
    ...others,
    ...(logprobs !== undefined && { logprobs: completionLogprobs(logprobs) }),
  }
}

function textOf(content: unknown): string {
  if (isString(content)) return content
  if (!isArray(content)) return ''
  return content.map((part) => (isRecord(part) && isString(part['text']) ? part['text'] : '')).join('')
}

export function dropFromAnswer(name: string, path: string, context: CodecContext): void {
  const message = `'${name}' has no counterpart in openai-completions and was left out.`
  context.warn({ code: 'field-dropped', path: `${path}.${name}`, message })
}
