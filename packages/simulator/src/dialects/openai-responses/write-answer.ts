import type { Identity } from '../../identity.ts'
import type { CompleteReply, CompleteToolCall, ReplyUsage } from '../../reply/reply.ts'
import { logprob } from '../openai-chat/write-answer.ts'
import type { WireObject } from '../openai-chat/wire.ts'
import type { OpenaiResponsesAsk } from './read-request.ts'

/** An output item with nothing left open, and the fragments it is streamed in. */
export type Item =
  | { readonly kind: 'reasoning'; readonly wire: WireObject; readonly fragments: readonly string[] }
  | { readonly kind: 'message'; readonly wire: WireObject; readonly contents: readonly Content[] }
  | { readonly kind: 'call'; readonly wire: WireObject; readonly call: CompleteToolCall }

export interface Content {
  readonly type: 'output_text' | 'refusal'
  readonly wire: WireObject
  readonly fragments: readonly string[]
  readonly logprobs: readonly WireObject[]
}

/** https://platform.openai.com/docs/api-reference/responses/object */
export function writeResult(ask: OpenaiResponsesAsk, reply: CompleteReply, identity: Identity): WireObject {
  const response = openResponse(ask, reply, identity)
  return closeResponse(response, writeItems(ask, reply, identity), reply)
}

/** The response before its output: what it repeats of the request, with OpenAI's defaults. */
export function openResponse({ wire }: OpenaiResponsesAsk, reply: CompleteReply, identity: Identity): WireObject {
  const repeated = Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, wire[name] ?? value]))
  return {
    id: identity.id('resp_'),
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    model: reply.model,
    output: [],
    usage: null,
    ...repeated,
    ...reply.extra,
  }
}

const defaults: WireObject = {
  background: false,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  service_tier: 'default',
  store: true,
  temperature: 1,
  text: { format: { type: 'text' }, verbosity: 'medium' },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  user: null,
}

export function closeResponse(response: WireObject, items: readonly Item[], reply: CompleteReply): WireObject {
  return {
    ...response,
    ...endOf(reply.choices[0]?.finishReason ?? 'stop'),
    output: items.map((item) => item.wire),
    usage: reply.usage === undefined ? null : wireUsage(reply.usage),
  }
}

function endOf(reason: string): WireObject {
  if (reason === 'length') return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }
  if (reason === 'content-filter') return { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }
  if (reason === 'error') return { status: 'failed', error: { code: 'server_error', message: 'The model failed.' } }
  return { status: 'completed' }
}

function wireUsage(usage: ReplyUsage): WireObject {
  return {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cachedInput, cache_write_tokens: usage.cacheWrite },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: usage.input + usage.output,
  }
}

export function writeItems(ask: OpenaiResponsesAsk, reply: CompleteReply, identity: Identity): readonly Item[] {
  const [choice] = reply.choices
  if (choice === undefined) return []
  const items: Item[] = []
  if (choice.reasoning.length > 0) {
    const wire = {
      id: identity.id('rs_'),
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: choice.reasoning.join('') }],
      ...(ask.includeEncrypted ? { encrypted_content: identity.id('gAAAA') } : {}),
    }
    items.push({ kind: 'reasoning', wire, fragments: choice.reasoning })
  }
  const contents: Content[] = []
  if (choice.text !== undefined) contents.push(writeText(choice.text, ask, reply, identity))
  if (choice.refusal !== undefined) {
    const wire = { type: 'refusal', refusal: choice.refusal.join('') }
    contents.push({ type: 'refusal', wire, fragments: choice.refusal, logprobs: [] })
  }
  if (contents.length > 0) {
    const content = contents.map((entry) => entry.wire)
    const status = choice.finishReason === 'length' ? 'incomplete' : 'completed'
    items.push({
      kind: 'message',
      wire: { id: identity.id('msg_'), type: 'message', status, role: 'assistant', content },
      contents,
    })
  }
  for (const call of choice.toolCalls)
    items.push({ kind: 'call', wire: writeCall(call, call.input, 'completed', identity.id('')), call })
  return items
}

function writeText(
  fragments: readonly string[],
  ask: OpenaiResponsesAsk,
  reply: CompleteReply,
  identity: Identity,
): Content {
  const logprobs = reply.logprobs ? fragments.map((token) => logprob(token, ask, identity)) : []
  const wire = { type: 'output_text', text: fragments.join(''), annotations: [], logprobs }
  return { type: 'output_text', wire, fragments, logprobs }
}

function writeCall(call: CompleteToolCall, input: string, status: string, id: string): WireObject {
  const { name, id: callId } = call
  return call.kind === 'custom'
    ? { id: `ctc_${id}`, type: 'custom_tool_call', status, call_id: callId, name, input }
    : { id: `fc_${id}`, type: 'function_call', status, call_id: callId, name, arguments: input }
}
