import type { StreamBody } from '../../answer.ts'
import type { Frame } from '../../framing.ts'
import { sse } from '../../framing.ts'
import type { Identity } from '../../identity.ts'
import { pieces } from '../../reply/fragments.ts'
import type { CompleteReply, ReplyChoice } from '../../reply/reply.ts'
import type { OpenaiChatAsk } from './read-request.ts'
import type { WireObject } from './wire.ts'
import { audioExpiry, finishReason, logprob, now, systemFingerprint, wireCall, wireUsage } from './write-answer.ts'

/** https://platform.openai.com/docs/api-reference/chat-streaming */
export function writeStream(ask: OpenaiChatAsk, reply: CompleteReply, identity: Identity): StreamBody {
  const head = {
    id: identity.id('chatcmpl-'),
    object: 'chat.completion.chunk',
    created: now(),
    model: reply.model,
    service_tier: ask.serviceTier,
    system_fingerprint: systemFingerprint,
  }
  const reported = ask.includeUsage ? reply.usage : undefined
  const frame = (choices: readonly WireObject[], usage: WireObject | null): Frame =>
    sse.event(
      JSON.stringify({
        ...head,
        choices,
        // Without the option the member is absent; with it, every chunk but the last says null.
        ...(ask.includeUsage ? { usage } : {}),
        ...(ask.includeObfuscation ? { obfuscation: identity.id('').slice(0, 1 + identity.chance() * 16) } : {}),
        ...reply.extra,
      }),
    )
  const chunk = (choice: WireObject): Frame => frame([choice], null)

  const opening = reply.choices.map((choice, index) => chunk(openingChoice(choice, index)))
  const deltas = interleave(
    reply.choices.map((choice, index) => choiceDeltas(choice, index, ask, reply, identity)),
  ).map(chunk)
  const closing = reply.choices.flatMap((choice, index) => [
    chunk({ index, delta: {}, logprobs: null, finish_reason: finishReason(choice, ask) }),
    ...(choice.audio === undefined
      ? []
      : [chunk({ index, delta: { audio: { expires_at: audioExpiry() } }, finish_reason: null })]),
  ])
  const usage = reported === undefined ? [] : [frame([], wireUsage(reported))]

  return {
    kind: 'stream',
    framing: sse,
    events: [...opening, ...deltas, ...closing, ...usage],
    deltas: deltas.length > 0 ? deltas : opening,
    end: sse.event('[DONE]'),
  }
}

function openingChoice(choice: ReplyChoice, index: number): WireObject {
  const content = choice.text === undefined ? null : ''
  return { index, delta: { role: 'assistant', content, refusal: null }, logprobs: null, finish_reason: null }
}

function choiceDeltas(
  choice: ReplyChoice,
  index: number,
  ask: OpenaiChatAsk,
  reply: CompleteReply,
  identity: Identity,
): readonly WireObject[] {
  const deltas: WireObject[] = []
  const push = (delta: WireObject, logprobs: WireObject | null = null): void => {
    deltas.push({ index, delta, logprobs, finish_reason: null })
  }
  const logprobs = (member: 'content' | 'refusal', token: string): WireObject | null =>
    reply.logprobs ? { content: null, refusal: null, [member]: [logprob(token, ask, identity)] } : null

  for (const text of choice.reasoning) push({ [reply.reasoningField]: text })
  for (const text of choice.text ?? []) push({ content: text }, logprobs('content', text))
  for (const text of choice.refusal ?? []) push({ refusal: text }, logprobs('refusal', text))
  if (choice.audio !== undefined) {
    push({ audio: { id: identity.id('audio_'), transcript: '' } })
    for (const transcript of choice.audio.transcript) push({ audio: { transcript } })
    for (const data of pieces(choice.audio.data, 64)) push({ audio: { data } })
  }
  const [first] = choice.toolCalls
  if (first !== undefined && ask.legacyFunctions) {
    push({ function_call: { name: first.name, arguments: '' } })
    for (const fragment of pieces(first.input, fragmentSize)) push({ function_call: { arguments: fragment } })
    return deltas
  }
  choice.toolCalls.forEach((call, position) => {
    push({ tool_calls: [{ index: position, id: call.id, ...wireCall(call, '') }] })
    for (const fragment of pieces(call.input, fragmentSize)) {
      const part = call.kind === 'custom' ? { custom: { input: fragment } } : { function: { arguments: fragment } }
      push({ tool_calls: [{ index: position, ...part }] })
    }
  })
  return deltas
}

/** Characters of a tool call's arguments in one chunk. */
const fragmentSize = 12

/** The choices take turns, as they do when they are generated at the same time. */
function interleave<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length))
  return Array.from({ length: longest }, (_, turn) => lists.flatMap((list) => list.slice(turn, turn + 1))).flat()
}
