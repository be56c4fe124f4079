import type { Dialect, ErrorCodec, Peek, RequestChanges, Tap } from '../../dialect.ts'
import type { Operation } from '../../operation.ts'
import { createResultTap, type ResultShape } from '../../tap/result-tap.ts'
import { openaiErrors } from '../openai-chat/error.ts'
import { patchChatRequest, rewriteChatRequest } from '../openai-chat/patch.ts'
import { peekChatRequest } from '../openai-chat/peek.ts'
import { createRelayTapOf } from './relay-tap.ts'
import { createOperationStreamTap } from './stream-tap.ts'
import { readSpokenText, readUsage } from './usage.ts'

export interface OperationDialectOptions {
  readonly id: string
  readonly operation: Operation
  readonly path: string
  /** Further paths that callers' clients have. */
  readonly alsoServed?: readonly string[]
  /** The array by which an answer is known; absent where the answer is no JSON but bytes of some media type. */
  readonly member?: string
  /** What else is particular about the answer's JSON, where something is. */
  readonly answer?: Pick<ResultShape, 'type' | 'usage' | 'readUsage'>
  /** Default: OpenAI's. */
  readonly error?: ErrorCodec
  /** It answers as a whole, whatever is said. */
  readonly streams?: false
  /** What is meant by a request that names no model. Default: the configured default. */
  readonly defaultModel?: string
}

/**
 * A dialect whose requests are JSON with a `model`, as far as it is relayed: the request's bytes with the model's name
 * replaced, the answer's as they come.
 */
export function createOperationDialect(options: OperationDialectOptions): Dialect {
  const { id, operation, path, alsoServed = [], member, defaultModel } = options
  const result = member === undefined ? createSpeechTap : createJsonTap(member, options.answer)
  const said: Partial<Peek> = options.streams === false ? { stream: false } : {}
  return Object.freeze({
    id,
    operation,
    path: () => path,
    served: [path, ...alsoServed],
    peek: (body: Uint8Array) => ({
      ...(defaultModel !== undefined && { model: defaultModel }),
      ...peekChatRequest(body),
      ...said,
    }),
    patch: (body: Uint8Array, peek: Peek, changes: RequestChanges) =>
      patchChatRequest(body, peek, { ...changes, includeUsage: false }),
    rewrite: (body: Uint8Array, changes: RequestChanges) =>
      rewriteChatRequest(body, { ...changes, includeUsage: false }),
    error: options.error ?? openaiErrors,
    tap: { result, stream: createOperationStreamTap },
    ...(member === undefined && { resultType: undefined }),
  })
}

function createSpeechTap(request?: Uint8Array): Tap {
  return createRelayTapOf(() => readSpokenText(request))
}

function createJsonTap(member: string, answer?: OperationDialectOptions['answer']): () => Tap {
  const shape: ResultShape = { member, readUsage, readFinishReason: () => undefined, ...answer }
  return () => createResultTap(shape)
}
