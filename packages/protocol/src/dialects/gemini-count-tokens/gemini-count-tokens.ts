import type { CodecContext, CountTokensDialect, Peek, RequestChanges } from '../../dialect.ts'
import type { ChatRequest } from '../../ir/chat.ts'
import { createResultTap, type ResultShape } from '../../tap/result-tap.ts'
import { pathFor, peekVerb } from '../gemini-embed/path.ts'
import { geminiErrors } from '../gemini-generate/error.ts'
import { geminiGenerate } from '../gemini-generate/gemini-generate.ts'
import { isRecord, pickMembers } from '../../json/wire-object.ts'
import { countIn } from '../openai-input-tokens/count.ts'
import { createRelayTap } from '../openai-operations/relay-tap.ts'

const verb = 'countTokens'

const shape: ResultShape = {
  member: 'totalTokens',
  type: 'number',
  readUsage: () => undefined,
  readFinishReason: () => undefined,
}

/** What of a request counts. */
const counted = ['contents', 'systemInstruction', 'tools', 'toolConfig', 'cachedContent']

/** That a request came as more than its contents. */
const formId = 'gemini-count-tokens/form'

/** Google's `countTokens`. https://ai.google.dev/api/tokens */
export const geminiCountTokens: CountTokensDialect = Object.freeze<CountTokensDialect>({
  id: 'gemini-count-tokens',
  operation: 'count-tokens',
  path: (model) => pathFor(model, verb),
  served: ['/v1beta/models/*', '/v1alpha/models/*', '/models/*'].map((path) => `${path}:${verb}`),
  peekPath: (path) => peekVerb(path, verb),
  peek: geminiGenerate.peek,
  patch,
  rewrite,
  request: { decode: decodeRequest, encode: encodeRequest },
  result: {
    decode: (wire) => ({ tokens: countIn(wire, 'totalTokens') }),
    encode: ({ tokens }) => ({ totalTokens: tokens }),
  },
  error: geminiErrors,
  tap: { result: () => createResultTap(shape), stream: createRelayTap },
})

/** Clients of Vertex AI write the members of a whole request beside the contents. */
function decodeRequest(wire: unknown, context: CodecContext): ChatRequest {
  const whole = isRecord(wire) ? (wire['generateContentRequest'] ?? wire['generate_content_request']) : undefined
  if (!isRecord(whole)) return geminiGenerate.request.decode(wire, context)
  const { model: _, ...members } = whole
  const request = geminiGenerate.request.decode(members, context)
  return { ...request, extensions: { ...request.extensions, [formId]: { whole: true } } }
}

function encodeRequest(request: ChatRequest, context: CodecContext): unknown {
  const members = pickMembers(geminiGenerate.request.encode(request, context), counted)
  const whole = request.extensions?.[formId]?.['whole'] === true || Object.keys(members).length > 1
  return whole ? { generateContentRequest: { model: `models/${request.model}`, ...members } } : members
}

/** The body may name the model as the path does: nothing changes as long as the path does not. */
function patch(body: Uint8Array, asked: Peek, { model }: RequestChanges): readonly Uint8Array[] | undefined {
  return asked.model === model ? [body] : undefined
}

function rewrite(body: Uint8Array, { model }: RequestChanges): Uint8Array {
  const wire: unknown = JSON.parse(new TextDecoder().decode(body))
  if (!isRecord(wire)) return body
  const renamed = Object.entries(wire).map(([name, value]) =>
    isRecord(value) && 'model' in value ? [name, { ...value, model: `models/${model}` }] : [name, value],
  )
  return new TextEncoder().encode(JSON.stringify(Object.fromEntries(renamed)))
}
