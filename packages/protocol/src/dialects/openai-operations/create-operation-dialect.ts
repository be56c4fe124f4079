import type { Dialect, Peek, RequestChanges, Tap } from '../../dialect.ts'
import type { Operation } from '../../operation.ts'
import { createResultTap, resultShape } from '../../tap/result-tap.ts'
import { openaiErrors } from '../openai-chat/error.ts'
import { patchChatRequest, rewriteChatRequest } from '../openai-chat/patch.ts'
import { peekChatRequest } from '../openai-chat/peek.ts'
import { createRelayTap } from './relay-tap.ts'
import { createOperationStreamTap } from './stream-tap.ts'
import { readUsage } from './usage.ts'

export interface OperationDialectOptions {
  readonly id: string
  readonly operation: Operation
  readonly path: string
  /** Further paths that callers' clients have. */
  readonly alsoServed?: readonly string[]
  /** The array by which an answer is known; absent where the answer is no JSON but bytes of some media type. */
  readonly member?: string
  /** What is meant by a request that names no model. Default: the configured default. */
  readonly defaultModel?: string
}

/**
 * A dialect of OpenAI's that is JSON with a `model` on the way in, and is only ever relayed: the request's bytes
 * with the model's name replaced, the answer's as they come.
 */
export function createOperationDialect(options: OperationDialectOptions): Dialect {
  const { id, operation, path, alsoServed = [], member, defaultModel } = options
  const result = member === undefined ? createRelayTap : createJsonTap(member)
  return Object.freeze({
    id,
    operation,
    path: () => path,
    served: [path, ...alsoServed],
    peek:
      defaultModel === undefined
        ? peekChatRequest
        : (body: Uint8Array) => ({ model: defaultModel, ...peekChatRequest(body) }),
    patch: (body: Uint8Array, peek: Peek, changes: RequestChanges) =>
      patchChatRequest(body, peek, { ...changes, includeUsage: false }),
    rewrite: (body: Uint8Array, changes: RequestChanges) =>
      rewriteChatRequest(body, { ...changes, includeUsage: false }),
    error: openaiErrors,
    tap: { result, stream: createOperationStreamTap },
    ...(member === undefined && { resultType: undefined }),
  })
}

function createJsonTap(member: string): () => Tap {
  const shape = resultShape({ member, readUsage, readFinishReason: () => undefined })
  return () => createResultTap(shape)
}
