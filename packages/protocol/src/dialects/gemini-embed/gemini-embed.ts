import type { Dialect, EmbedDialect, Peek, RequestChanges } from '../../dialect.ts'
import { geminiErrors } from '../gemini-generate/error.ts'
import { createResultTap, type ResultShape } from '../../tap/result-tap.ts'
import { scanObject } from '../../json/scan.ts'
import { parseMembers } from '../../json/members.ts'
import { createRelayTap } from '../openai-operations/relay-tap.ts'
import { decodeBatchRequest, decodeRequest, encodeBatchRequest, encodeRequest } from './request.ts'
import { decodeUsage } from '../gemini-generate/usage.ts'
import { isArray, isRecord } from '../../json/wire-object.ts'
import { decodeResult, encodeBatchResult, encodeResult } from './result.ts'
import { pathFor, peekVerb } from './path.ts'

/** Google's `embedContent`: one input, one vector. https://ai.google.dev/api/embeddings */
export const geminiEmbed: EmbedDialect = Object.freeze<EmbedDialect>({
  ...common('gemini-embed', 'embedContent'),
  request: { decode: decodeRequest, encode: encodeRequest },
  result: { decode: decodeResult, encode: encodeResult },
})

/** Google's `batchEmbedContents`, which its clients use for one input as well. https://ai.google.dev/api/embeddings */
export const geminiBatchEmbed: EmbedDialect = Object.freeze<EmbedDialect>({
  ...common('gemini-batch-embed', 'batchEmbedContents'),
  request: { decode: decodeBatchRequest, encode: encodeBatchRequest },
  result: { decode: decodeResult, encode: encodeBatchResult },
})

function common(id: string, verb: 'embedContent' | 'batchEmbedContents'): Dialect {
  const batch = verb === 'batchEmbedContents'
  const shape: ResultShape = {
    member: batch ? 'embeddings' : 'embedding',
    type: batch ? 'array' : 'object',
    usage: 'usageMetadata',
    readUsage: decodeUsage,
    readFinishReason: () => undefined,
  }
  return {
    id,
    operation: 'embed',
    path: (model) => pathFor(model, verb),
    served: ['/v1beta/models/*', '/v1alpha/models/*', '/models/*'].map((path) => `${path}:${verb}`),
    peekPath: (path) => peekVerb(path, verb),
    peek,
    patch,
    rewrite,
    error: geminiErrors,
    tap: { result: () => createResultTap(shape), stream: createRelayTap },
  }
}

const keys = [new TextEncoder().encode('requests')]

/** Looks whether the body is a JSON object; the model stands in the path, and again in the body. */
function peek(body: Uint8Array): Peek {
  const { plain } = scanObject(body, keys)
  if (!plain) parseMembers(body)
  return { stream: false, usageRequested: true, plain }
}

/** The body names the model as the path does, so that nothing changes as long as the path does not. */
function patch(body: Uint8Array, asked: Peek, { model }: RequestChanges): readonly Uint8Array[] | undefined {
  return asked.model === model ? [body] : undefined
}

function rewrite(body: Uint8Array, { model }: RequestChanges): Uint8Array {
  const rename = (wire: unknown): unknown =>
    isRecord(wire) && 'model' in wire ? { ...wire, model: `models/${model}` } : wire
  const wire: unknown = rename(JSON.parse(new TextDecoder().decode(body)))
  const requests = isRecord(wire) ? wire['requests'] : undefined
  const renamed = isRecord(wire) && isArray(requests) ? { ...wire, requests: requests.map(rename) } : wire
  return new TextEncoder().encode(JSON.stringify(renamed))
}
