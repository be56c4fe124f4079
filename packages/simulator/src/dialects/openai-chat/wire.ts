/**
 * A chat completion request as far as the simulator reads it.
 * https://platform.openai.com/docs/api-reference/chat/create
 */
export interface WireRequest {
  readonly model?: unknown
  readonly messages?: unknown
  readonly stream?: unknown
  readonly stream_options?: unknown
  readonly n?: unknown
  readonly max_tokens?: unknown
  readonly max_completion_tokens?: unknown
  readonly stop?: unknown
  readonly temperature?: unknown
  readonly top_p?: unknown
  readonly frequency_penalty?: unknown
  readonly presence_penalty?: unknown
  readonly logprobs?: unknown
  readonly top_logprobs?: unknown
  readonly tools?: unknown
  readonly tool_choice?: unknown
  readonly parallel_tool_calls?: unknown
  readonly functions?: unknown
  readonly function_call?: unknown
  readonly response_format?: unknown
  readonly modalities?: unknown
  readonly audio?: unknown
  readonly service_tier?: unknown
}

export interface WireMessage {
  readonly role?: unknown
  readonly content?: unknown
  readonly tool_calls?: unknown
  readonly tool_call_id?: unknown
}

export type WireObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Absent and `null` mean the same to most of the request's members. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}
