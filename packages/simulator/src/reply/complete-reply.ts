import type { Ask } from '../dialect.ts'
import type { Identity } from '../identity.ts'
import { defaultReply } from './default-reply.ts'
import { fragments, words } from './fragments.ts'
import type { CompleteReply, CompleteToolCall, Reply, ReplyChoice, ReplyUsage, ToolCall } from './reply.ts'

/** What was scripted, and where the script says nothing, what the simulator says on its own. */
export function completeReply(ask: Ask, scripted: Reply, label: string, identity: Identity): CompleteReply {
  const base =
    hasContent(scripted) || scripted.choices !== undefined ? scripted : { ...defaultReply(ask, label), ...scripted }
  const replies = base.choices ?? Array.from({ length: ask.choiceCount }, () => base)
  const choices = replies.map((reply) => completeChoice(reply, identity))
  return {
    model: scripted.model ?? ask.model,
    choices,
    usage: scripted.usage === false ? undefined : { ...countedUsage(ask, choices), ...scripted.usage },
    logprobs: scripted.logprobs ?? ask.logprobs,
    extra: scripted.extra ?? {},
    reasoningField: scripted.reasoningField ?? 'reasoning_content',
  }
}

function hasContent(reply: Reply): boolean {
  return (
    reply.text !== undefined ||
    reply.refusal !== undefined ||
    reply.toolCalls !== undefined ||
    reply.audio !== undefined
  )
}

function completeChoice(reply: Reply, identity: Identity): ReplyChoice {
  const toolCalls = (reply.toolCalls ?? []).map((call) => completeToolCall(call, identity))
  return {
    reasoning: fragments(reply.reasoning ?? []),
    text: reply.text === undefined ? undefined : fragments(reply.text),
    refusal: reply.refusal === undefined ? undefined : fragments(reply.refusal),
    toolCalls,
    audio:
      reply.audio === undefined ? undefined : { data: reply.audio.data, transcript: fragments(reply.audio.transcript) },
    finishReason: reply.finishReason ?? (toolCalls.length > 0 ? 'tool-calls' : 'stop'),
  }
}

function completeToolCall(call: ToolCall, identity: Identity): CompleteToolCall {
  const id = call.id ?? identity.id('call_')
  if (call.input !== undefined) return { id, kind: 'custom', name: call.name, input: call.input }
  const value = call.arguments ?? {}
  return { id, kind: 'function', name: call.name, input: typeof value === 'string' ? value : JSON.stringify(value) }
}

function countedUsage(ask: Ask, choices: readonly ReplyChoice[]): ReplyUsage {
  const reasoning = choices.reduce((sum, choice) => sum + choice.reasoning.length, 0)
  const visible = choices.reduce((sum, choice) => sum + visibleTokens(choice), 0)
  return { input: ask.promptTokens, output: reasoning + visible, cachedInput: 0, cacheWrite: 0, reasoning }
}

function visibleTokens(choice: ReplyChoice): number {
  const calls = choice.toolCalls.reduce((sum, call) => sum + 1 + words(call.input).length, 0)
  return (choice.text?.length ?? 0) + (choice.refusal?.length ?? 0) + (choice.audio?.transcript.length ?? 0) + calls
}
