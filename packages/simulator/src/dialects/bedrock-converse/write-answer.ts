import type { StreamBody } from '../../answer.ts'
import type { Frame } from '../../framing.ts'
import type { Identity } from '../../identity.ts'
import { pieces } from '../../reply/fragments.ts'
import type { CompleteReply, CompleteToolCall, ReplyChoice, ReplyUsage } from '../../reply/reply.ts'
import type { WireObject } from '../openai-chat/wire.ts'
import { eventStream } from './event-stream.ts'

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_ResponseSyntax */
export function writeResult(reply: CompleteReply, identity: Identity): WireObject {
  const choice = reply.choices[0]!
  const content = blocks(choice, identity).map(({ whole }) => whole)
  return {
    metrics: { latencyMs: 1 },
    output: { message: { content, role: 'assistant' } },
    stopReason: stopReason(choice),
    ...(reply.usage !== undefined && { usage: wireUsage(reply.usage) }),
    ...reply.extra,
  }
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html */
export function writeStream(reply: CompleteReply, identity: Identity): StreamBody {
  const choice = reply.choices[0]!
  const written = blocks(choice, identity)
  const deltas = written.flatMap((block, index) =>
    block.deltas.map((delta) => event('contentBlockDelta', { contentBlockIndex: index, delta })),
  )
  const content = written.flatMap(({ start, deltas: said }, index) => [
    ...(start === undefined ? [] : [event('contentBlockStart', { contentBlockIndex: index, start })]),
    ...said.map((delta) => event('contentBlockDelta', { contentBlockIndex: index, delta })),
    event('contentBlockStop', { contentBlockIndex: index }),
  ])
  const opening = event('messageStart', { role: 'assistant' })
  const metadata = {
    metrics: { latencyMs: 1 },
    ...(reply.usage !== undefined && { usage: wireUsage(reply.usage) }),
    ...reply.extra,
  }
  return {
    kind: 'stream',
    framing: eventStream,
    events: [opening, ...content, event('messageStop', { stopReason: stopReason(choice) })],
    deltas: deltas.length > 0 ? deltas : [opening],
    end: event('metadata', metadata),
    errorEvent: 'internalServerException',
  }
}

/** Each payload is padded, so that its length tells nothing. */
function event(type: string, payload: WireObject): Frame {
  return eventStream.event(
    JSON.stringify({ ...payload, p: 'abcdefghijklmnopqrstuvwxyz'.slice(0, 3 + (type.length % 20)) }),
    type,
  )
}

interface Block {
  readonly whole: WireObject
  readonly start?: WireObject
  readonly deltas: readonly WireObject[]
}

/** What is thought, then what is said, then what is called. */
function blocks(choice: ReplyChoice, identity: Identity): readonly Block[] {
  const written: Block[] = []
  if (choice.reasoning.length > 0) {
    const signature = Buffer.from(identity.id('')).toString('base64')
    written.push({
      whole: { reasoningContent: { reasoningText: { text: choice.reasoning.join(''), signature } } },
      deltas: [
        ...choice.reasoning.map((text) => ({ reasoningContent: { text } })),
        { reasoningContent: { signature } },
      ],
    })
  }
  const said = [...(choice.text ?? []), ...(choice.refusal ?? [])]
  if (said.length > 0) written.push({ whole: { text: said.join('') }, deltas: said.map((text) => ({ text })) })
  return [...written, ...choice.toolCalls.map(toolUse)]
}

/** Characters of a tool call's input in one delta. */
const fragmentSize = 12

function toolUse({ id, name, kind, input }: CompleteToolCall): Block {
  const json = kind === 'custom' ? JSON.stringify({ input }) : input
  const use = { toolUseId: id, name }
  const fragments = json === '{}' ? [] : pieces(json, fragmentSize)
  return {
    whole: { toolUse: { ...use, input: parse(json) } },
    start: { toolUse: use },
    // The first delta is empty, as it is with Claude.
    deltas: ['', ...fragments].map((fragment) => ({ toolUse: { input: fragment } })),
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return {}
  }
}

const stopReasons: Readonly<Record<string, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'content_filtered',
}

function stopReason({ finishReason, refusal }: ReplyChoice): string {
  if (refusal !== undefined) return 'content_filtered'
  return Object.hasOwn(stopReasons, finishReason) ? stopReasons[finishReason]! : finishReason
}

function wireUsage(usage: ReplyUsage): WireObject {
  return {
    inputTokens: usage.input - usage.cachedInput - usage.cacheWrite,
    outputTokens: usage.output,
    totalTokens: usage.input + usage.output,
    cacheReadInputTokens: usage.cachedInput,
    cacheWriteInputTokens: usage.cacheWrite,
  }
}
