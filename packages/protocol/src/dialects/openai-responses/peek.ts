import type { Peek, RequestChanges } from '../../dialect.ts'
import { patchChatRequest, rewriteChatRequest } from '../openai-chat/patch.ts'
import { peekChatRequest } from '../openai-chat/peek.ts'

/** `model` and `stream` stand where Chat Completions has them; a stream always reports its usage. */
export function peekRequest(body: Uint8Array): Peek {
  return { ...peekChatRequest(body), usageRequested: true }
}

export function patchRequest(body: Uint8Array, peek: Peek, changes: RequestChanges): readonly Uint8Array[] | undefined {
  return patchChatRequest(body, peek, { ...changes, includeUsage: false })
}

export function rewriteRequest(body: Uint8Array, changes: RequestChanges): Uint8Array {
  return rewriteChatRequest(body, { ...changes, includeUsage: false })
}
