import type { Identity } from '../../identity.ts'
import type { CompleteReply, CompleteToolCall, ReplyChoice, ReplyUsage } from '../../reply/reply.ts'
import type { OpenaiChatAsk } from './read-request.ts'
import type { WireObject } from './wire.ts'

/** https://platform.openai.com/docs/api-reference/chat/object */
export function writeResult(ask: OpenaiChatAsk, reply: CompleteReply, identity: Identity): WireObject {
  return {
    id: identity.id('chatcmpl-'),
    object: 'chat.completion',
    created: now(),
    model: reply.model,
    choices: reply.choices.map((choice, index) => ({
      index,
      message: message(choice, reply, ask, identity),
      logprobs: reply.logprobs ? resultLogprobs(choice, ask, identity) : null,
      finish_reason: finishReason(choice, ask),
    })),
    ...(reply.usage === undefined ? {} : { usage: wireUsage(reply.usage) }),
    service_tier: ask.serviceTier,
    system_fingerprint: systemFingerprint,
    ...reply.extra,
  }
}

function message(choice: ReplyChoice, reply: CompleteReply, ask: OpenaiChatAsk, identity: Identity): WireObject {
  return {
    role: 'assistant',
    content: choice.text === undefined ? null : choice.text.join(''),
    ...(choice.reasoning.length > 0 ? { [reply.reasoningField]: choice.reasoning.join('') } : {}),
    refusal: choice.refusal === undefined ? null : choice.refusal.join(''),
    annotations: [],
    ...(choice.audio === undefined
      ? {}
      : {
          audio: {
            id: identity.id('audio_'),
            data: choice.audio.data,
            expires_at: audioExpiry(),
            transcript: choice.audio.transcript.join(''),
          },
        }),
    ...calls(choice, ask),
  }
}

function calls(choice: ReplyChoice, ask: OpenaiChatAsk): WireObject {
  const [first] = choice.toolCalls
  if (first === undefined) return {}
  if (ask.legacyFunctions) return { function_call: { name: first.name, arguments: first.input } }
  return { tool_calls: choice.toolCalls.map((call) => ({ id: call.id, ...wireCall(call, call.input) })) }
}

export function wireCall(call: CompleteToolCall, input: string): WireObject {
  return call.kind === 'custom'
    ? { type: 'custom', custom: { name: call.name, input } }
    : { type: 'function', function: { name: call.name, arguments: input } }
}

export function finishReason(choice: ReplyChoice, ask: OpenaiChatAsk): string {
  if (choice.finishReason === 'tool-calls') return ask.legacyFunctions ? 'function_call' : 'tool_calls'
  return choice.finishReason === 'content-filter' ? 'content_filter' : choice.finishReason
}

export function wireUsage(usage: ReplyUsage): WireObject {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: {
      cached_tokens: usage.cachedInput,
      ...(usage.cacheWrite > 0 ? { cache_write_tokens: usage.cacheWrite } : {}),
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}

function resultLogprobs(choice: ReplyChoice, ask: OpenaiChatAsk, identity: Identity): WireObject {
  const entries = (tokens: readonly string[] | undefined): unknown =>
    tokens === undefined ? null : tokens.map((token) => logprob(token, ask, identity))
  return { content: entries(choice.text), refusal: entries(choice.refusal) }
}

export function logprob(token: string, ask: Pick<OpenaiChatAsk, 'topLogprobs'>, identity: Identity): WireObject {
  const own = entry(token, -identity.chance() / 2)
  const others = Array.from({ length: Math.max(ask.topLogprobs - 1, 0) }, (_, rank) => {
    return entry(`${token}${'~'.repeat(rank + 1)}`, -1 - rank - identity.chance())
  })
  return { ...own, top_logprobs: ask.topLogprobs > 0 ? [own, ...others] : [] }
}

function entry(token: string, value: number): WireObject {
  return { token, logprob: value, bytes: [...Buffer.from(token)] }
}

export const systemFingerprint = 'fp_simulator'

/** Unix seconds. */
export function now(): number {
  return Math.floor(Date.now() / 1000)
}

export function audioExpiry(): number {
  return now() + 3600
}
