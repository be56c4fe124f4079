import type { Answer } from './answer.ts'
import type { ErrorReply } from './fault.ts'
import type { Shelf } from './dialects/openai-batches/shelf.ts'
import type { Identity } from './identity.ts'
import type { RecordedRequest } from './recording.ts'
import type { CompleteReply } from './reply/reply.ts'

/** What the simulator answers. */
export type Operation =
  | 'chat'
  | 'complete'
  | 'count-tokens'
  | 'models'
  | 'embed'
  | 'moderate'
  | 'image'
  | 'speech'
  | 'transcribe'
  | 'rerank'
  | 'files'
  | 'batches'

/** One wire API: what reads its requests and writes its answers. Knows nothing of faults and timing. */
export interface Dialect {
  readonly id: string
  readonly operation: Operation
  /** `*`: any. */
  readonly method: 'GET' | 'POST' | '*'
  /** `path` is without query; whatever stands before the part that is this dialect's does not matter. */
  matches(path: string): boolean
  /** The caller's key as this dialect carries it. */
  credential(request: RecordedRequest): string | undefined
  /** Throws `RequestRefused` for a request the real provider would refuse. */
  answer(request: RecordedRequest, context: DialectContext): Answer
  /** The usual error of a status, with the members given in their place. */
  error(error: ErrorReply & { readonly status: number }): FullError
  errorBody(error: FullError): unknown
  /** What of an error stands in its headers. */
  errorHeaders?(error: FullError): Readonly<Record<string, string>>
  /** Headers that come with every answer, errors included. */
  headers(identity: Identity): Readonly<Record<string, string>>
}

export interface FullError {
  readonly message: string
  readonly type: string
  readonly code: string | number | null
  readonly param: string | null
}

export interface DialectContext {
  readonly identity: Identity
  /** What is kept from one request to the next. */
  readonly shelf: Shelf
  /** Absent: any model is served. */
  readonly models: readonly ModelEntry[] | undefined
  readonly modelList: ModelListShape
  reply(ask: Ask): CompleteReply
}

/** A model's id, or its whole row of the list. */
export type ModelEntry = string | ({ readonly id: string } & Readonly<Record<string, unknown>>)

/** `{object,data:[…]}`, `{data:[…]}`, `{models:[…]}`, `[…]`, or `["id"]`. */
export type ModelListShape = 'list' | 'data' | 'models' | 'array' | 'strings'

/** What a reply is made up from, whatever the dialect. */
export interface Ask {
  readonly model: string
  readonly stream: boolean
  /** The last user message's text. */
  readonly said: string
  /** What tools returned, when that is what the conversation ends with. */
  readonly toolResults: readonly string[]
  /** Those that may be called. */
  readonly tools: readonly AskedTool[]
  /** `required`: one of `tools` is called. */
  readonly toolChoice: 'none' | 'auto' | 'required'
  /** Present when JSON is wanted. */
  readonly json?: { readonly schema?: unknown }
  readonly audio: boolean
  readonly logprobs: boolean
  readonly maxTokens?: number
  readonly stop: readonly string[]
  readonly choiceCount: number
  readonly promptTokens: number
}

export interface AskedTool {
  readonly kind: 'function' | 'custom'
  readonly name: string
  /** JSON Schema of the arguments. */
  readonly schema?: unknown
}

/** Thrown by a dialect for a request it refuses. */
export class RequestRefused extends Error {
  readonly error: ErrorReply & { readonly status: number }

  constructor(error: ErrorReply & { readonly status: number }) {
    super(error.message ?? `status ${error.status}`)
    this.error = error
  }
}
