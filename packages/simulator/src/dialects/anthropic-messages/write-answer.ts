import type { StreamBody } from '../../answer.ts'
import { type Frame, sse } from '../../framing.ts'
import type { Identity } from '../../identity.ts'
import { pieces } from '../../reply/fragments.ts'
import type { CompleteReply, CompleteToolCall, ReplyChoice, ReplyUsage } from '../../reply/reply.ts'
import type { WireObject } from './wire.ts'

/** https://platform.claude.com/docs/en/api/messages */
export function writeMessage(reply: CompleteReply, identity: Identity): WireObject {
  const choice = reply.choices[0]!
  return {
    ...head(reply, identity),
    content: blocks(choice, identity).map((block) => block.whole),
    ...stop(choice),
    ...(reply.usage === undefined ? {} : { usage: wireUsage(reply.usage) }),
    ...reply.extra,
  }
}

function head(reply: CompleteReply, identity: Identity): WireObject {
  return { id: identity.id('msg_'), type: 'message', role: 'assistant', model: reply.model }
}

/** https://platform.claude.com/docs/en/build-with-claude/streaming */
export function writeStream(reply: CompleteReply, identity: Identity): StreamBody {
  const choice = reply.choices[0]!
  const usage = reply.usage === undefined ? undefined : wireUsage(reply.usage)
  const message = {
    ...head(reply, identity),
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    ...(usage === undefined ? {} : { usage: { ...usage, output_tokens: 1 } }),
    ...reply.extra,
  }
  const opening = [event('message_start', { message }), event('ping', {})]
  const written = blocks(choice, identity)
  const deltas = written.flatMap((block, index) =>
    block.deltas.map((delta) => event('content_block_delta', { index, delta })),
  )
  const content = written.flatMap((block, index) => [
    event('content_block_start', { index, content_block: block.start }),
    ...block.deltas.map((delta) => event('content_block_delta', { index, delta })),
    event('content_block_stop', { index }),
  ])
  const closing = event('message_delta', { delta: stop(choice), ...(usage === undefined ? {} : { usage }) })
  return {
    kind: 'stream',
    framing: sse,
    events: [...opening, ...content, closing],
    deltas: deltas.length > 0 ? deltas : opening,
    end: event('message_stop', {}),
    errorEvent: 'error',
  }
}

function event(type: string, members: WireObject): Frame {
  return sse.event(JSON.stringify({ type, ...members }), type)
}

interface Block {
  readonly whole: WireObject
  readonly start: WireObject
  readonly deltas: readonly WireObject[]
}

/** What is thought, then what is said, then what is called. */
function blocks(choice: ReplyChoice, identity: Identity): readonly Block[] {
  const written: Block[] = []
  if (choice.reasoning.length > 0) {
    const signature = identity.id('EqQBCgIYAhIk')
    written.push({
      whole: { type: 'thinking', thinking: choice.reasoning.join(''), signature },
      start: { type: 'thinking', thinking: '', signature: '' },
      deltas: [
        ...choice.reasoning.map((thinking) => ({ type: 'thinking_delta', thinking })),
        { type: 'signature_delta', signature },
      ],
    })
  }
  if (choice.text !== undefined && choice.text.length > 0) {
    written.push({
      whole: { type: 'text', text: choice.text.join('') },
      start: { type: 'text', text: '' },
      deltas: choice.text.map((text) => ({ type: 'text_delta', text })),
    })
  }
  return [...written, ...choice.toolCalls.map(toolUse)]
}

function toolUse(call: CompleteToolCall): Block {
  const json = call.kind === 'custom' ? JSON.stringify({ input: call.input }) : call.input
  const use = { type: 'tool_use', id: call.id, name: call.name }
  const fragments = json === '{}' ? [] : pieces(json, fragmentSize)
  return {
    whole: { ...use, input: parse(json) },
    start: { ...use, input: {} },
    // The first delta is empty, as it is with Anthropic.
    deltas: ['', ...fragments].map((fragment) => ({ type: 'input_json_delta', partial_json: fragment })),
  }
}

/** Characters of a tool call's input in one delta. */
const fragmentSize = 12

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return {}
  }
}

const words: Readonly<Record<string, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
}

function stop(choice: ReplyChoice): WireObject {
  const refused = choice.refusal !== undefined
  const explanation = refused ? choice.refusal.join('') : null
  const reason = refused ? 'refusal' : (words[choice.finishReason] ?? choice.finishReason)
  return {
    stop_reason: reason,
    stop_sequence: null,
    stop_details: reason === 'refusal' ? { type: 'refusal', category: null, explanation } : null,
  }
}

function wireUsage(usage: ReplyUsage): WireObject {
  return {
    input_tokens: usage.input - usage.cachedInput - usage.cacheWrite,
    cache_creation_input_tokens: usage.cacheWrite,
    cache_read_input_tokens: usage.cachedInput,
    cache_creation: { ephemeral_5m_input_tokens: usage.cacheWrite, ephemeral_1h_input_tokens: 0 },
    output_tokens: usage.output,
    output_tokens_details: { thinking_tokens: usage.reasoning },
    service_tier: 'standard',
  }
}
