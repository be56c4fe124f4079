import type { Peek, RequestChanges } from '../../dialect.ts'
import { parseMembers } from '../../json/members.ts'
import { scanObject } from '../../json/scan.ts'

const keys = [new TextEncoder().encode('contents')]

/** Looks whether the body is a JSON object; the model and the wish for a stream stand in the path, and usage always comes. */
export function peekRequest(body: Uint8Array): Peek {
  const { plain } = scanObject(body, keys)
  if (!plain) parseMembers(body)
  return { stream: false, usageRequested: true, plain: true }
}

/** Nothing in the body changes with the model. */
export function patchRequest(body: Uint8Array): readonly Uint8Array[] {
  return [body]
}

export function rewriteRequest(body: Uint8Array, _changes: RequestChanges): Uint8Array {
  return body
}
