import type { ChatResult, ContentPart, FinishReason } from '@sluice/protocol'
import type { AnswerFacts } from './call-engine.ts'

/** The neutral answer, plain data, with what is mostly wanted of its first choice at hand. */
export interface ChatAnswer extends ChatResult, AnswerFacts {
  /** Of the first choice; empty when it said none. */
  readonly text: string
  /** What the model showed of its reasoning; empty when it showed none. */
  readonly reasoning: string
  /** Why the model declined, in its words. */
  readonly refusal?: string
  readonly toolCalls: readonly ToolCall[]
  /** `null` when the provider gave none. */
  readonly finishReason: FinishReason | null
  /** Of a chat that ran its tools: each call of the model, the last included; usage and cost are those of all. */
  readonly steps?: readonly ChatStep[]
}

/** A call of a tool that the model asks for. */
export interface ToolCall {
  readonly id: string
  readonly kind: 'function' | 'custom'
  readonly name: string
  /** Exactly as the model wrote it: JSON text for a function, raw text for a custom tool. */
  readonly input: string
  /** `input` of a function, parsed; absent when it is not valid JSON. */
  readonly arguments?: unknown
}

/** One call of the model, and what its tools gave. */
export interface ChatStep {
  readonly answer: ChatAnswer
  readonly results: readonly ToolResult[]
}

/** What a tool gave, or why it failed. */
export interface ToolResult {
  readonly call: ToolCall
  /** What the model was told. */
  readonly content: string
  readonly failed: boolean
}

export function toChatAnswer(result: ChatResult & AnswerFacts): ChatAnswer {
  const first = firstChoice(result)
  const content = first?.content ?? []
  const refusal = textOf(content, 'refusal')
  return {
    ...result,
    text: textOf(content, 'text'),
    reasoning: textOf(content, 'reasoning'),
    ...(refusal !== '' && { refusal }),
    toolCalls: content.filter((part) => part.type === 'tool-call').map(toToolCall),
    finishReason: first?.finishReason ?? null,
  }
}

/** Providers may tell of several in any order. */
export function firstChoice({ choices }: ChatResult): ChatResult['choices'][number] | undefined {
  return choices.find(({ index }) => index === 0) ?? choices[0]
}

function textOf(content: readonly ContentPart[], type: 'text' | 'reasoning' | 'refusal'): string {
  let text = ''
  for (const part of content) if (part.type === type) text += part.text
  return text
}

function toToolCall({ id, kind, name, input }: Extract<ContentPart, { type: 'tool-call' }>): ToolCall {
  if (kind === 'custom') return { id, kind, name, input }
  try {
    // No arguments at all are written as nothing by some providers.
    return { id, kind, name, input, arguments: JSON.parse(input === '' ? '{}' : input) as unknown }
  } catch {
    return { id, kind, name, input }
  }
}
