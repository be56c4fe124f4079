import type { Extensions } from './extensions.ts'
import type { FinishReason } from './finish-reason.ts'
import type { Usage } from './usage.ts'

/**
 * The neutral chat request. A member that is absent was not said; `null` was said as `null` (providers read
 * the two differently); an empty string or array was said empty.
 */
export interface ChatRequest {
  readonly model: string
  readonly messages: readonly ChatMessage[]
  readonly stream?: boolean | null
  /** Upper bound on generated tokens, reasoning included. */
  readonly maxOutputTokens?: number | null
  readonly temperature?: number | null
  readonly topP?: number | null
  readonly topK?: number | null
  readonly frequencyPenalty?: number | null
  readonly presencePenalty?: number | null
  readonly stop?: string | readonly string[] | null
  readonly seed?: number | null
  /** How many alternative answers are wanted. */
  readonly choiceCount?: number | null
  /** Token id → bias, −100…100. */
  readonly logitBias?: Readonly<Record<string, number>> | null
  readonly logprobs?: boolean | null
  readonly topLogprobs?: number | null
  readonly tools?: readonly Tool[]
  readonly toolChoice?: ToolChoice
  readonly parallelToolCalls?: boolean
  readonly responseFormat?: ResponseFormat
  readonly reasoning?: ReasoningOptions
  readonly verbosity?: string | null
  readonly modalities?: readonly string[] | null
  readonly audio?: { readonly format: string; readonly voice: unknown } | null
  /** The end user, as an opaque id. */
  readonly user?: string | null
  readonly metadata?: Readonly<Record<string, string>> | null
  readonly serviceTier?: string | null
  readonly store?: boolean | null
  /** The request's member that points at turns which only its own provider remembers: it can be asked of no other. */
  readonly remembered?: string
  readonly extensions?: Extensions
}

export interface ReasoningOptions {
  /** `none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`; other words are passed on. */
  readonly effort?: string | null
  /** Budget in tokens, for providers that take one. */
  readonly maxTokens?: number
  readonly extensions?: Extensions
}

export type ResponseFormat =
  | { readonly type: 'text'; readonly extensions?: Extensions }
  | { readonly type: 'json'; readonly extensions?: Extensions }
  | {
      readonly type: 'json-schema'
      readonly name?: string
      readonly description?: string
      /** JSON Schema. */
      readonly schema?: unknown
      readonly strict?: boolean | null
      readonly extensions?: Extensions
    }
  | { readonly type: 'other'; readonly extensions?: Extensions }

export type Tool =
  | {
      readonly type: 'function'
      readonly name: string
      readonly namespace?: ToolNamespace
      readonly description?: string
      /** JSON Schema of the arguments; absent means no arguments. */
      readonly parameters?: unknown
      readonly strict?: boolean | null
      readonly extensions?: Extensions
    }
  | {
      /** A tool whose input is free text, optionally held to a grammar. */
      readonly type: 'custom'
      readonly name: string
      readonly namespace?: ToolNamespace
      readonly description?: string
      readonly format?: unknown
      readonly extensions?: Extensions
    }
  /** A tool that one provider runs itself; its whole definition is in the extensions. */
  | { readonly type: 'provider'; readonly extensions: Extensions }

/** What several tools belong to; within it their names are their own. */
export interface ToolNamespace {
  readonly name: string
  readonly description?: string
}

export type ToolChoice =
  | { readonly type: 'none' | 'auto' | 'required' }
  | { readonly type: 'tool'; readonly kind: 'function' | 'custom'; readonly name: string }
  | { readonly type: 'allowed'; readonly mode: 'auto' | 'required'; readonly tools: readonly unknown[] }
  | { readonly type: 'other'; readonly extensions: Extensions }

export type ChatRole = 'system' | 'developer' | 'user' | 'assistant' | 'tool'

export interface ChatMessage {
  readonly role: ChatRole
  /** A bare string is one text part; `null` and absent are what an assistant turn with tool calls may say. */
  readonly content?: string | readonly ContentPart[] | null
  readonly name?: string
  /** Role `tool`: the call that this is the result of. */
  readonly toolCallId?: string
  /** Role `tool`: the call failed, and the content says how. */
  readonly isError?: boolean
  readonly extensions?: Extensions
}

/** A piece of a message, in the order in which it was said. */
export type ContentPart =
  | TextPart
  | RefusalPart
  | ReasoningPart
  | ToolCallPart
  | ImagePart
  | AudioPart
  | FilePart
  | OtherPart

/** What is said, in words. */
export interface TextPart {
  readonly type: 'text'
  readonly text: string
  readonly annotations?: readonly Annotation[]
  readonly extensions?: Extensions
}

/** Why the model declined, in its words. */
export interface RefusalPart {
  readonly type: 'refusal'
  readonly text: string
  readonly extensions?: Extensions
}

/** What the model shows of its reasoning. */
export interface ReasoningPart {
  readonly type: 'reasoning'
  /** Empty when only a signature or encrypted form was given. */
  readonly text: string
  /** The provider's proof that it wrote the text; must be returned unchanged. */
  readonly signature?: string
  /** Opaque reasoning that only its provider can read. */
  readonly encrypted?: string
  readonly extensions?: Extensions
}

/** A call of a tool that the model asks for. */
export interface ToolCallPart {
  readonly type: 'tool-call'
  readonly kind: 'function' | 'custom'
  readonly id: string
  readonly name: string
  /** The name of the tool's namespace. */
  readonly namespace?: string
  /** JSON text for a function, raw text for a custom tool; exactly as the model wrote it. */
  readonly input: string
  readonly extensions?: Extensions
}

/** Bytes or a place to fetch them from. */
export type Media =
  | { readonly from: 'url'; readonly url: string }
  | { readonly from: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly from: 'file'; readonly fileId: string }

/** A picture. */
export interface ImagePart {
  readonly type: 'image'
  readonly media: Media
  readonly detail?: string
  readonly extensions?: Extensions
}

/** What is said, as sound. */
export interface AudioPart {
  readonly type: 'audio'
  /** Base64; absent in history that refers to earlier audio by `id`. */
  readonly data?: string
  readonly format?: string
  readonly id?: string
  readonly transcript?: string
  /** Unix seconds. */
  readonly expiresAt?: number
  readonly extensions?: Extensions
}

/** A document. */
export interface FilePart {
  readonly type: 'file'
  readonly media: Media
  readonly filename?: string
  readonly extensions?: Extensions
}

/** A part that only one dialect knows; kept whole in the extensions. */
export interface OtherPart {
  readonly type: 'other'
  readonly extensions: Extensions
}

/** What a piece of a text refers to. */
export interface Annotation {
  readonly type: 'url-citation' | 'other'
  readonly url?: string
  readonly title?: string
  /** Offsets into the part's text, in characters. */
  readonly start?: number
  readonly end?: number
  readonly extensions?: Extensions
}

/** Log probability of one emitted token and of its rivals. */
export interface TokenLogprob {
  readonly token: string
  readonly logprob: number
  readonly bytes: readonly number[] | null
  readonly top: readonly {
    readonly token: string
    readonly logprob: number
    readonly bytes: readonly number[] | null
  }[]
}

/** One of the alternative answers; mostly there is one, with the index 0. */
export interface ChatChoice {
  readonly index: number
  readonly content: readonly ContentPart[]
  /** `null` while unknown: the provider gave none. */
  readonly finishReason: FinishReason | null
  /** The provider's own word for it, where it says more than ours. */
  readonly providerFinishReason?: string
  readonly logprobs?: { readonly content?: readonly TokenLogprob[]; readonly refusal?: readonly TokenLogprob[] }
  readonly extensions?: Extensions
}

/** The neutral chat answer; equal to the fold of the stream's events. */
export interface ChatResult {
  readonly id: string
  /** Unix seconds. */
  readonly created?: number
  /** As the provider names it, which may be more exact than what was asked. */
  readonly model: string
  readonly choices: readonly ChatChoice[]
  readonly usage?: Usage
  readonly serviceTier?: string | null
  readonly extensions?: Extensions
}
