import type { CodecContext } from '../../dialect.ts'
import type { ChatChoice, ChatResult } from '../../ir/chat.ts'
import { decodeResult as decodeChatResult } from '../openai-chat/decode-result.ts'
import { encodeResult as encodeChatResult } from '../openai-chat/encode-result.ts'
import { isArray, isRecord, type WireObject } from '../../json/wire-object.ts'
import { chatCompletion, textCompletion } from './completion.ts'
import { formId } from './wire.ts'

/** Reads a `text_completion`: a `chat.completion` but for its choices. Throws as that does. */
export function decodeResult(wire: unknown): ChatResult {
  const result = decodeChatResult(chatCompletion(wire))
  const wires = isRecord(wire) && isArray(wire['choices']) ? wire['choices'] : []
  return { ...result, choices: result.choices.map((choice, index) => withLogprobs(choice, wires[index])) }
}

/** Offsets may count from the start of the prompt; they are kept as they are. */
function withLogprobs(choice: ChatChoice, wire: unknown): ChatChoice {
  const logprobs = isRecord(wire) ? wire['logprobs'] : undefined
  if (!isRecord(logprobs) || choice.logprobs === undefined) return choice
  return { ...choice, extensions: { ...choice.extensions, [formId]: { logprobs } } }
}

export function encodeResult(result: ChatResult, context: CodecContext): WireObject {
  const wire = textCompletion(encodeChatResult(result, context), context)
  const choices = wire['choices'] as readonly WireObject[]
  return {
    ...wire,
    choices: choices.map((choice, index) => {
      const logprobs = result.choices[index]?.extensions?.[formId]?.['logprobs']
      return logprobs === undefined ? choice : { ...choice, logprobs }
    }),
  }
}
