import type { StreamBody } from '../../answer.ts'
import { type Frame, sse } from '../../framing.ts'
import type { Identity } from '../../identity.ts'
import { pieces } from '../../reply/fragments.ts'
import type { CompleteReply, CompleteToolCall, ReplyChoice, ReplyUsage } from '../../reply/reply.ts'
import type { WireObject } from './wire.ts'

/** https://docs.cohere.com/v2/reference/chat#response */
export function writeResult(reply: CompleteReply, identity: Identity): WireObject {
  const choice = reply.choices[0]!
  const content = contents(choice).map(({ type, fragments }) => ({ type, [type]: fragments.join('') }))
  const calls = choice.toolCalls.map((call) => toolCall(call, inputOf(call)))
  return {
    id: identity.id('cohere-'),
    finish_reason: finishReason(choice),
    message: {
      role: 'assistant',
      ...(content.length > 0 && { content }),
      ...(calls.length > 0 && { tool_calls: calls }),
    },
    ...(reply.usage !== undefined && { usage: wireUsage(reply.usage) }),
    ...(reply.logprobs && { logprobs: (choice.text ?? []).map(logprob) }),
    ...reply.extra,
  }
}

/** https://docs.cohere.com/v2/docs/streaming */
export function writeStream(reply: CompleteReply, identity: Identity): StreamBody {
  const choice = reply.choices[0]!
  const id = identity.id('cohere-')
  const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
  const deltas: Frame[] = []
  const delta = (type: string, members: WireObject): Frame => {
    const frame = event(type, members)
    deltas.push(frame)
    return frame
  }
  const opening = event('message-start', { id, ...reply.extra, delta: { message } })
  const said = contents(choice).flatMap(({ type, fragments }, index) => [
    event('content-start', { index, delta: { message: { content: { type, [type]: '' } } } }),
    ...fragments.map((text) =>
      delta('content-delta', {
        index,
        delta: { message: { content: { [type]: text } } },
        ...(reply.logprobs && type === 'text' && { logprobs: logprob(text) }),
      }),
    ),
    event('content-end', { index }),
  ])
  const called = choice.toolCalls.flatMap((call, index) => [
    event('tool-call-start', { index, delta: { message: { tool_calls: toolCall(call, '') } } }),
    ...pieces(inputOf(call), fragmentSize).map((text) =>
      delta('tool-call-delta', { index, delta: { message: { tool_calls: { function: { arguments: text } } } } }),
    ),
    event('tool-call-end', { index }),
  ])
  const usage = reply.usage === undefined ? undefined : { usage: wireUsage(reply.usage) }
  const closing = event('message-end', { id, delta: { finish_reason: finishReason(choice), ...usage } })
  return {
    kind: 'stream',
    framing: sse,
    events: [opening, ...said, ...called, closing],
    deltas: deltas.length > 0 ? deltas : [opening],
    end: sse.event('[DONE]'),
  }
}

function event(type: string, members: WireObject): Frame {
  return sse.event(JSON.stringify({ type, ...members }), type)
}

interface Content {
  readonly type: 'thinking' | 'text'
  readonly fragments: readonly string[]
}

/** What is thought, then what is said; a refusal is said. */
function contents({ reasoning, text, refusal }: ReplyChoice): readonly Content[] {
  const said = text ?? refusal
  const thought: readonly Content[] = reasoning.length > 0 ? [{ type: 'thinking', fragments: reasoning }] : []
  return said === undefined || said.length === 0 ? thought : [...thought, { type: 'text', fragments: said }]
}

function toolCall({ id, name }: CompleteToolCall, input: string): WireObject {
  return { id, type: 'function', function: { name, arguments: input } }
}

function inputOf(call: CompleteToolCall): string {
  return call.kind === 'custom' ? JSON.stringify({ input: call.input }) : call.input
}

/** Characters of a tool call's arguments in one delta. */
const fragmentSize = 12

function logprob(text: string): WireObject {
  return { text, token_ids: [text.length], logprobs: [-0.25] }
}

const words: Readonly<Record<string, string>> = {
  stop: 'COMPLETE',
  length: 'MAX_TOKENS',
  'tool-calls': 'TOOL_CALL',
  'content-filter': 'ERROR_TOXIC',
}

function finishReason(choice: ReplyChoice): string {
  return words[choice.finishReason] ?? choice.finishReason
}

function wireUsage(usage: ReplyUsage): WireObject {
  return {
    billed_units: { input_tokens: usage.input - usage.cachedInput, output_tokens: usage.output },
    tokens: { input_tokens: usage.input, output_tokens: usage.output },
    cached_tokens: usage.cachedInput,
  }
}
