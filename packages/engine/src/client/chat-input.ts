import { SluiceError } from '@sluice/protocol'
import { promptPrefix, variablesMember } from '../prompts/prompt-template.ts'
import { type ChatInputTool, type FunctionTool, toInputTool } from './function-tool.ts'
import type { WithoutCallOptions } from './misplaced-options.ts'

/**
 * What is asked: the request of OpenAI's chat API, which every provider here is reached by. A bare string is
 * one user message; an array is the messages. Fields that are not named here are sent as they are.
 * https://platform.openai.com/docs/api-reference/chat/create
 */
export type ChatInput = string | readonly ChatInputMessage[] | ChatInputRequest | PromptInput

/** A request of OpenAI's chat API. Fields that are not named here are sent as they are. */
export interface ChatInputRequest extends WithoutCallOptions {
  /** Any name that the configuration resolves: an alias, `provider/model`, a bare model name. Default: the default provider's. */
  readonly model?: string | undefined
  readonly messages: readonly ChatInputMessage[]
  readonly max_completion_tokens?: number | null | undefined
  readonly max_tokens?: number | null | undefined
  readonly temperature?: number | null | undefined
  readonly top_p?: number | null | undefined
  readonly stop?: string | readonly string[] | null | undefined
  readonly seed?: number | null | undefined
  readonly n?: number | null | undefined
  /** Of the wire, or declared by `defineTool`. */
  readonly tools?: readonly (ChatInputTool | FunctionTool)[] | undefined
  readonly tool_choice?: 'none' | 'auto' | 'required' | object | undefined
  readonly parallel_tool_calls?: boolean | undefined
  readonly response_format?: object | undefined
  readonly reasoning_effort?: string | null | undefined
  readonly [field: string]: unknown
}

/** A prompt of the configuration, or of the gateway's. What is said here besides counts more than what it says. */
export interface PromptInput extends WithoutCallOptions {
  /** `greeting`, or `greeting@2`. */
  readonly prompt: string
  readonly variables?: Readonly<Record<string, unknown>> | undefined
  /** After the prompt's own. Default: none. */
  readonly messages?: readonly ChatInputMessage[] | undefined
  readonly [field: string]: unknown
}

/** A message of OpenAI's chat API. Fields that are not named here are sent as they are. */
export interface ChatInputMessage {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool'
  /** Text, or the parts `{ type: 'text', text }`, `{ type: 'image_url', image_url: { url } }`, … */
  readonly content?: string | readonly object[] | null | undefined
  readonly name?: string | undefined
  readonly tool_calls?: readonly object[] | undefined
  readonly tool_call_id?: string | undefined
  readonly [field: string]: unknown
}

/** The members of a request's JSON. */
export type ChatFields = Readonly<Record<string, unknown>>

export function chatFields(request: ChatInputRequest, stream: boolean): ChatFields {
  return stream
    ? {
        ...request,
        stream: true,
        stream_options: { ...(request['stream_options'] as object | undefined), include_usage: true },
      }
    : { ...request, stream: undefined, stream_options: undefined }
}

/** The request that a shorter way of saying it stands for, with its tools as they go over the wire. */
export function writtenOut(input: ChatInput): ChatInputRequest {
  const asked = asRequest(input)
  return asked.tools ? { ...asked, tools: asked.tools.map(toInputTool) } : asked
}

/** The request that a shorter way of saying it stands for. */
export function asRequest(input: ChatInput): ChatInputRequest {
  const request = isPrompt(input) ? promptRequest(input) : asPlainRequest(input)
  // `null`, which some write for none, is the provider's to answer.
  if (request.tools === undefined || request.tools === null || Array.isArray(request.tools)) return request
  const message = "`tools` must be an array, of what `defineTool` makes or of tools as OpenAI's API has them."
  throw new SluiceError('invalid_request', message, { param: 'tools' })
}

/** As `asRequest`, where there are no prompts. Throws `SluiceError` `invalid_request` for what is no chat. */
export function asPlainRequest(input: ChatInput): ChatInputRequest {
  if (typeof input === 'string') return { messages: [{ role: 'user', content: input }] }
  if (isMessages(input)) return { messages: input }
  if (typeof input !== 'object' || input === null || !Array.isArray(input.messages)) {
    const message = 'A chat request is a text, an array of messages, or an object with the array `messages`.'
    throw new SluiceError('invalid_request', message, { param: 'messages' })
  }
  return input as ChatInputRequest
}

/** The members of a request of which only some are there. */
export function asFields(request: Partial<ChatInputRequest> | PromptInput): Partial<ChatInputRequest> {
  return isPrompt(request) ? promptRequest(request) : request
}

function isPrompt(input: ChatInput | Partial<ChatInputRequest>): input is PromptInput {
  return typeof input === 'object' && input !== null && !isMessages(input) && typeof input['prompt'] === 'string'
}

function promptRequest({ prompt, variables, messages = [], ...request }: PromptInput): ChatInputRequest {
  if (request['model'] !== undefined) {
    const message = 'A prompt says which model is asked. To ask another, give its name as `route` in the options.'
    throw new SluiceError('invalid_request', message, { param: 'model' })
  }
  const model = `${promptPrefix}${prompt}`
  return { ...request, model, messages, ...(variables !== undefined && { [variablesMember]: variables }) }
}

// `Array.isArray` does not narrow read-only arrays.
export function isMessages(
  input: Partial<ChatInputRequest> | PromptInput | readonly ChatInputMessage[],
): input is readonly ChatInputMessage[] {
  return Array.isArray(input)
}
