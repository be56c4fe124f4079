import type { Dialect, Peek } from '../../dialect.ts'
import { parseMembers } from '../../json/members.ts'
import { createResultTap, type ResultShape } from '../../tap/result-tap.ts'
import { openaiErrors } from '../openai-chat/error.ts'
import { createRelayTap } from '../openai-operations/relay-tap.ts'

/** A model's own wire by Bedrock's InvokeModel: the model stands in the path, and nothing of the body names it. */
export function createInvokeDialect(id: string, answer: Pick<ResultShape, 'member' | 'type'>): Dialect {
  const shape: ResultShape = { ...answer, readUsage: () => undefined, readFinishReason: () => undefined }
  return {
    id,
    operation: 'embed',
    path: (model) => `/model/${encodeURIComponent(model.toWellFormed())}/invoke`,
    peek,
    rewrite: (body) => body,
    error: openaiErrors,
    tap: { result: () => createResultTap(shape), stream: createRelayTap },
  }
}

function peek(body: Uint8Array): Peek {
  parseMembers(body)
  return { stream: false, usageRequested: true, plain: true }
}
