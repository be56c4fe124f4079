import type { StreamBody } from '../../answer.ts'
import { type Frame, sse } from '../../framing.ts'
import type { Identity } from '../../identity.ts'
import type { CompleteReply, ReplyChoice, ReplyUsage } from '../../reply/reply.ts'
import type { WireObject } from '../openai-chat/wire.ts'
import { now, systemFingerprint, wireUsage } from '../openai-chat/write-answer.ts'
import type { OpenaiCompletionsAsk } from './read-request.ts'

/** https://platform.openai.com/docs/api-reference/completions/object */
export function writeResult(
  ask: OpenaiCompletionsAsk,
  replies: readonly CompleteReply[],
  identity: Identity,
): WireObject {
  const choices = choicesOf(ask, replies).map(({ tokens, finishReason }, index) => ({
    text: tokens.join(''),
    index,
    logprobs: ask.logprobs ? logprobs(tokens, 0, ask.rivals, identity) : null,
    finish_reason: finishReason,
  }))
  const usage = usageOf(replies)
  return { ...head(replies, identity), choices, ...(usage && { usage: wireUsage(usage) }), ...replies[0]?.extra }
}

/** https://platform.openai.com/docs/api-reference/completions/create, `stream` */
export function writeStream(
  ask: OpenaiCompletionsAsk,
  replies: readonly CompleteReply[],
  identity: Identity,
): StreamBody {
  const opening = head(replies, identity)
  const frame = (choices: readonly WireObject[], usage: WireObject | null): Frame =>
    sse.event(JSON.stringify({ ...opening, choices, ...(ask.includeUsage && { usage }), ...replies[0]?.extra }))
  const choices = choicesOf(ask, replies)
  const deltas = choices.flatMap(({ tokens }, index) => {
    let offset = 0
    return tokens.map((text) => {
      const told = ask.logprobs ? logprobs([text], offset, ask.rivals, identity) : null
      offset += text.length
      return frame([{ text, index, logprobs: told, finish_reason: null }], null)
    })
  })
  const closing = choices.map(({ finishReason }, index) =>
    frame([{ text: '', index, logprobs: null, finish_reason: finishReason }], null),
  )
  const usage = ask.includeUsage ? usageOf(replies) : undefined
  return {
    kind: 'stream',
    framing: sse,
    events: [...deltas, ...closing, ...(usage === undefined ? [] : [frame([], wireUsage(usage))])],
    deltas: deltas.length > 0 ? deltas : closing,
    end: sse.event('[DONE]'),
  }
}

function head(replies: readonly CompleteReply[], identity: Identity): WireObject {
  return {
    id: identity.id('cmpl-'),
    object: 'text_completion',
    created: now(),
    model: replies[0]?.model,
    system_fingerprint: systemFingerprint,
  }
}

interface Completion {
  readonly tokens: readonly string[]
  readonly finishReason: string
}

/** Those of the first prompt first. */
function choicesOf(ask: OpenaiCompletionsAsk, replies: readonly CompleteReply[]): readonly Completion[] {
  return replies.flatMap((reply, index) => reply.choices.map((choice) => completion(choice, ask, index)))
}

function completion(choice: ReplyChoice, { echo, prompts }: OpenaiCompletionsAsk, index: number): Completion {
  const tokens = choice.text ?? choice.refusal ?? []
  const said = prompts[index]?.said ?? ''
  return {
    tokens: echo && said !== '' ? [said, ...tokens] : tokens,
    finishReason: choice.finishReason === 'content-filter' ? 'content_filter' : choice.finishReason,
  }
}

function usageOf(replies: readonly CompleteReply[]): ReplyUsage | undefined {
  return replies.reduce<ReplyUsage | undefined>((sum, { usage }) => {
    if (sum === undefined || usage === undefined) return sum ?? usage
    return { ...sum, input: sum.input + usage.input, output: sum.output + usage.output }
  }, undefined)
}

function logprobs(tokens: readonly string[], from: number, rivals: number, identity: Identity): WireObject {
  const values = tokens.map(() => -identity.chance() / 2)
  let offset = from
  return {
    tokens,
    token_logprobs: values,
    top_logprobs: rivals === 0 ? null : tokens.map((token, index) => rivalsOf(token, values[index] ?? 0, rivals)),
    text_offset: tokens.map((token) => (offset += token.length) - token.length),
  }
}

function rivalsOf(token: string, value: number, count: number): WireObject {
  const others = Array.from({ length: count - 1 }, (_, rank) => [`${token}${'~'.repeat(rank + 1)}`, value - rank - 1])
  return Object.fromEntries([[token, value], ...others])
}
