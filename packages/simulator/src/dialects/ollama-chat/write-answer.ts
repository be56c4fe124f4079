import type { StreamBody } from '../../answer.ts'
import { ndjson } from '../../framing.ts'
import type { Identity } from '../../identity.ts'
import type { CompleteReply, CompleteToolCall, ReplyChoice, ReplyUsage } from '../../reply/reply.ts'
import type { WireObject } from '../openai-chat/wire.ts'

/** https://docs.ollama.com/api/chat */
export function writeResult(reply: CompleteReply, identity: Identity): WireObject {
  const choice = reply.choices[0]
  const text = choice === undefined ? [] : textOf(choice)
  return {
    ...head(reply.model, identity),
    message: {
      role: 'assistant',
      content: text.join(''),
      ...(choice !== undefined && choice.reasoning.length > 0 && { thinking: choice.reasoning.join('') }),
      ...(choice !== undefined && choice.toolCalls.length > 0 && { tool_calls: choice.toolCalls.map(wireCall) }),
    },
    ...(reply.logprobs && { logprobs: text.map(logprob) }),
    ...ending(choice, reply.usage),
    ...reply.extra,
  }
}

/** Text and thinking in pieces, calls whole, and at the end a line that says so. */
export function writeStream(reply: CompleteReply, identity: Identity): StreamBody {
  const common = head(reply.model, identity)
  const line = (message: WireObject, members: WireObject): string =>
    ndjson.event(
      JSON.stringify({
        ...common,
        message: { role: 'assistant', content: '', ...message },
        ...members,
        ...reply.extra,
      }),
    ) as string
  const choice = reply.choices[0]
  const deltas = [
    ...(choice?.reasoning ?? []).map((thinking) => line({ thinking }, { done: false })),
    ...(choice === undefined ? [] : textOf(choice)).map((content) =>
      line({ content }, { done: false, ...(reply.logprobs && { logprobs: [logprob(content)] }) }),
    ),
    ...(choice?.toolCalls ?? []).map((call, index) => line({ tool_calls: [wireCall(call, index)] }, { done: false })),
  ]
  return { kind: 'stream', framing: ndjson, events: deltas, deltas, end: line({}, ending(choice, reply.usage)) }
}

/** A request without messages. */
export function writeLoaded(model: string, reason: 'load' | 'unload', identity: Identity): WireObject {
  return { ...head(model, identity), message: { role: 'assistant', content: '' }, done: true, done_reason: reason }
}

/** Answers have no id; their times tell them apart. */
function head(model: string, identity: Identity): WireObject {
  const nanoseconds = String(Math.floor(identity.chance() * 1e9)).padStart(9, '0')
  return { model, created_at: `2026-01-01T00:00:00.${nanoseconds}Z` }
}

function textOf(choice: ReplyChoice): readonly string[] {
  return [...(choice.text ?? []), ...(choice.refusal ?? [])]
}

function wireCall(call: CompleteToolCall, index: number): WireObject {
  return { id: call.id, function: { index, name: call.name, arguments: argumentsOf(call.input) } }
}

function argumentsOf(input: string): unknown {
  try {
    return JSON.parse(input)
  } catch {
    return { input }
  }
}

function logprob(token: string): WireObject {
  return { token, logprob: -0.1, bytes: [...Buffer.from(token)], top_logprobs: [{ token, logprob: -0.1 }] }
}

/** Ollama has no word for calls; what it has none for otherwise is said in OpenAI's. */
const doneReasons: Readonly<Record<string, string>> = { 'tool-calls': 'stop', 'content-filter': 'content_filter' }

function ending(choice: ReplyChoice | undefined, usage: ReplyUsage | undefined): WireObject {
  const reason = choice?.finishReason ?? 'stop'
  return {
    done: true,
    done_reason: Object.hasOwn(doneReasons, reason) ? doneReasons[reason] : reason,
    total_duration: 4_935_886_791,
    load_duration: 534_986_708,
    ...(usage !== undefined && {
      prompt_eval_count: usage.input,
      prompt_eval_duration: 107_345_000,
      eval_count: usage.output,
      eval_duration: 4_289_432_000,
    }),
  }
}
