/** What an answer says, whatever the dialect. A string is streamed word by word; a list, fragment by fragment. */
export interface Reply {
  readonly text?: string | readonly string[]
  readonly reasoning?: string | readonly string[]
  readonly refusal?: string | readonly string[]
  readonly toolCalls?: readonly ToolCall[]
  readonly audio?: { readonly data: string; readonly transcript: string | readonly string[] }
  /** `stop`, `length`, `tool-calls`, `content-filter` in the dialect's words; any other word as it is. */
  readonly finishReason?: string
  /** One reply for each choice, instead of the same for all. */
  readonly choices?: readonly Omit<Reply, 'choices' | 'usage' | 'model' | 'extra'>[]
  /** In place of the counts made up; `false`: none is reported. */
  readonly usage?: Partial<ReplyUsage> | false
  /** Whether token log probabilities are sent; default as asked. */
  readonly logprobs?: boolean
  /** The model's name in the answer; default as asked. */
  readonly model?: string
  /** Members added to the top of the result and of each chunk. */
  readonly extra?: Readonly<Record<string, unknown>>
  /** The wire's name of the reasoning member, where dialects differ; default `reasoning_content`. */
  readonly reasoningField?: string
}

export interface ToolCall {
  readonly name: string
  readonly id?: string
  /** A function's arguments: JSON text, or a value to be written as such. */
  readonly arguments?: unknown
  /** A custom tool's input, instead of arguments. */
  readonly input?: string
}

/** Tokens. `cachedInput` and `cacheWrite` are part of `input`, `reasoning` of `output`. */
export interface ReplyUsage {
  readonly input: number
  readonly output: number
  readonly cachedInput: number
  readonly cacheWrite: number
  readonly reasoning: number
}

/** A reply with nothing left open: what a dialect writes. */
export interface CompleteReply {
  readonly model: string
  readonly choices: readonly ReplyChoice[]
  readonly usage: ReplyUsage | undefined
  readonly logprobs: boolean
  readonly extra: Readonly<Record<string, unknown>>
  readonly reasoningField: string
}

export interface ReplyChoice {
  readonly reasoning: readonly string[]
  /** Absent when the answer has none, which differs from an empty one. */
  readonly text: readonly string[] | undefined
  readonly refusal: readonly string[] | undefined
  readonly toolCalls: readonly CompleteToolCall[]
  readonly audio: { readonly data: string; readonly transcript: readonly string[] } | undefined
  readonly finishReason: string
}

export interface CompleteToolCall {
  readonly id: string
  readonly kind: 'function' | 'custom'
  readonly name: string
  /** JSON text, or a custom tool's input. */
  readonly input: string
}
