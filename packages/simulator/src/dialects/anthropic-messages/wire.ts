/**
 * A message request as far as the simulator reads it. https://platform.claude.com/docs/en/api/messages
 */
export interface WireRequest {
  readonly model?: unknown
  readonly messages?: unknown
  readonly max_tokens?: unknown
  readonly system?: unknown
  readonly stream?: unknown
  readonly stop_sequences?: unknown
  readonly temperature?: unknown
  readonly top_p?: unknown
  readonly top_k?: unknown
  readonly tools?: unknown
  readonly tool_choice?: unknown
  readonly thinking?: unknown
  readonly output_config?: unknown
  readonly metadata?: unknown
}

export type WireObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isObjects(value: unknown): value is readonly WireObject[] {
  return Array.isArray(value) && value.every(isObject)
}

/** The blocks of a content that may be written as text. */
export function blocksOf(content: unknown): readonly WireObject[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return isObjects(content) ? content : []
}

export function textOf(content: unknown): string {
  return blocksOf(content)
    .map((block) => (typeof block['text'] === 'string' ? block['text'] : ''))
    .join('')
}
