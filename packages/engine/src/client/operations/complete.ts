import { openaiCompletions, SluiceError } from '@sluice/protocol'
import { type CallEngine, type CallOptions, encodeJson } from '../call-engine.ts'
import type { ChatAnswer } from '../chat-answer.ts'
import { callChat } from '../chat-engine.ts'
import { relayedChat } from '../relayed-chat.ts'
import type { WithoutCallOptions } from '../misplaced-options.ts'

/** OpenAI's legacy completions; a bare string is the prompt. https://platform.openai.com/docs/api-reference/completions */
export type CompletionInput = string | CompletionRequest

/** OpenAI's request for a text that goes on. https://platform.openai.com/docs/api-reference/completions */
export interface CompletionRequest extends WithoutCallOptions {
  readonly model?: string | undefined
  readonly prompt: string | readonly string[] | readonly number[]
  readonly max_tokens?: number | null | undefined
  readonly temperature?: number | null | undefined
  readonly stop?: string | readonly string[] | null | undefined
  readonly [field: string]: unknown
}

/** The text that goes on after `prompt`, in the form of a chat's answer. */
export function complete(engine: CallEngine, input: CompletionInput, options: CallOptions): Promise<ChatAnswer> {
  return callChat(engine, relayedChat(openaiCompletions), () => ({ body: encodeJson(readInput(input)) }), options)
}

function readInput(input: CompletionInput): object {
  const request: CompletionRequest = typeof input === 'string' ? { prompt: input } : input
  if (typeof request !== 'object' || request === null || request.prompt === undefined) {
    const message = 'A completion is asked with a text, or an object with a `prompt`.'
    throw new SluiceError('invalid_request', message, { param: 'prompt' })
  }
  return { ...request, stream: undefined, stream_options: undefined }
}
