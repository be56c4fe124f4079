/** A chat request as far as the simulator reads it. https://docs.cohere.com/v2/reference/chat */
export interface WireRequest {
  readonly model?: unknown
  readonly messages?: unknown
  readonly stream?: unknown
  readonly tools?: unknown
  readonly tool_choice?: unknown
  readonly strict_tools?: unknown
  readonly documents?: unknown
  readonly response_format?: unknown
  readonly safety_mode?: unknown
  readonly max_tokens?: unknown
  readonly stop_sequences?: unknown
  readonly k?: unknown
  readonly p?: unknown
  readonly temperature?: unknown
  readonly frequency_penalty?: unknown
  readonly presence_penalty?: unknown
  readonly logprobs?: unknown
  readonly thinking?: unknown
}

export type WireObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isObjects(value: unknown): value is readonly WireObject[] {
  return Array.isArray(value) && value.every(isObject)
}

/** A document's data counts as its text. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!isObjects(content)) return ''
  return content.map((part) => (typeof part['text'] === 'string' ? part['text'] : documentText(part))).join('')
}

function documentText({ document }: WireObject): string {
  const data = isObject(document) ? document['data'] : undefined
  if (data === undefined) return ''
  return typeof data === 'string' ? data : JSON.stringify(data)
}
