import type { StreamBody } from '../../answer.ts'
import type { Ask } from '../../dialect.ts'
import type { Frame } from '../../framing.ts'
import { sse } from '../../framing.ts'
import type { Identity } from '../../identity.ts'
import type { CompleteReply, ReplyChoice, ReplyUsage } from '../../reply/reply.ts'
import type { WireObject } from '../openai-chat/wire.ts'

/** https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse */
export function writeResult(ask: Ask, reply: CompleteReply, identity: Identity): WireObject {
  return {
    candidates: reply.choices.map((choice, index) =>
      candidate(wholeParts(choice, ask), index, { finishReason: finishWord(choice.finishReason) }),
    ),
    ...(reply.usage !== undefined && { usageMetadata: wireUsage(reply.usage) }),
    ...head(reply, identity),
    ...reply.extra,
  }
}

/** Whole answers with a part each; usage with every chunk; nothing marks the end. */
export function writeStream(ask: Ask, reply: CompleteReply, identity: Identity): StreamBody {
  const common = head(reply, identity)
  const { usage } = reply
  const prompt = usage && { usageMetadata: { promptTokenCount: usage.input, totalTokenCount: usage.input } }
  const frame = (candidates: readonly WireObject[], members: object | undefined): Frame =>
    sse.event(JSON.stringify({ candidates, ...members, ...common, ...reply.extra }))
  const deltas = reply.choices.flatMap((choice, index) =>
    pieces(choice, ask).map((part) => frame([candidate([part], index)], prompt)),
  )
  const last = reply.choices.map((choice, index) =>
    candidate([{ text: '' }], index, { finishReason: finishWord(choice.finishReason) }),
  )
  return {
    kind: 'stream',
    framing: sse,
    events: [...deltas, frame(last, usage && { usageMetadata: wireUsage(usage) })],
    deltas,
    end: undefined,
  }
}

function head(reply: CompleteReply, identity: Identity): WireObject {
  return { modelVersion: reply.model, responseId: identity.id('') }
}

function candidate(parts: readonly WireObject[], index: number, members?: WireObject): WireObject {
  return { content: { parts, role: 'model' }, ...members, index }
}

function wholeParts(choice: ReplyChoice, ask: Ask): readonly WireObject[] {
  const { reasoning, text, refusal } = choice
  return [
    ...(reasoning.length > 0 ? [{ text: reasoning.join(''), thought: true }] : []),
    ...(text === undefined ? [] : [{ text: text.join('') }]),
    ...(refusal === undefined ? [] : [{ text: refusal.join('') }]),
    ...endParts(choice, ask),
  ]
}

function pieces(choice: ReplyChoice, ask: Ask): readonly WireObject[] {
  return [
    ...choice.reasoning.map((text) => ({ text, thought: true })),
    ...[...(choice.text ?? []), ...(choice.refusal ?? [])].map((text) => ({ text })),
    ...endParts(choice, ask),
  ]
}

/** Parts that come whole. Gemini signs the first call of a turn. */
function endParts(choice: ReplyChoice, ask: Ask): readonly WireObject[] {
  const signs = /gemini-[3-9]/.test(ask.model)
  return [
    ...(choice.audio === undefined
      ? []
      : [{ inlineData: { mimeType: 'audio/L16;codec=pcm;rate=24000', data: choice.audio.data } }]),
    ...choice.toolCalls.map((call, index) => ({
      functionCall: { id: call.id, name: call.name, args: argumentsOf(call.input) },
      ...(signs && index === 0 && { thoughtSignature: Buffer.from(`signed ${call.id}`).toString('base64') }),
    })),
  ]
}

function argumentsOf(input: string): unknown {
  try {
    return JSON.parse(input)
  } catch {
    return { input }
  }
}

const finishWords: Readonly<Record<string, string>> = {
  stop: 'STOP',
  'tool-calls': 'STOP',
  length: 'MAX_TOKENS',
  'content-filter': 'SAFETY',
}

function finishWord(reason: string): string {
  return Object.hasOwn(finishWords, reason) ? finishWords[reason]! : reason
}

function wireUsage(usage: ReplyUsage): WireObject {
  return {
    promptTokenCount: usage.input,
    ...(usage.cachedInput > 0 && { cachedContentTokenCount: usage.cachedInput }),
    candidatesTokenCount: usage.output - usage.reasoning,
    ...(usage.reasoning > 0 && { thoughtsTokenCount: usage.reasoning }),
    totalTokenCount: usage.input + usage.output,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: usage.input }],
  }
}
