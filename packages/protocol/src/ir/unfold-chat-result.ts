import type { ChatResult, ContentPart } from './chat.ts'
import type { ChatEvent } from './chat-event.ts'

/** The events whose fold is `result`: for a provider that answered whole where a stream was asked for. */
export function unfoldChatResult(result: ChatResult): readonly ChatEvent[] {
  const { id, model, created, serviceTier, choices, usage, extensions } = result
  const events: ChatEvent[] = [
    {
      type: 'message-start',
      id,
      model,
      ...(created !== undefined && { created }),
      ...(serviceTier !== undefined && { serviceTier }),
      ...(extensions !== undefined && { extensions }),
    },
  ]
  for (const { index: choice, content, logprobs, extensions: extra, finishReason, providerFinishReason } of choices) {
    content.forEach((part, position) => {
      events.push(
        { type: 'part-start', choice, part: position, content: opening(part) },
        ...deltas(part, choice, position),
      )
      events.push({ type: 'part-end', choice, part: position })
    })
    if (logprobs !== undefined) events.push({ type: 'logprobs-add', choice, ...logprobs })
    if (extra !== undefined) events.push({ type: 'choice-extend', choice, extensions: extra })
    if (finishReason !== null) {
      events.push({
        type: 'choice-finish',
        choice,
        finishReason,
        ...(providerFinishReason !== undefined && { providerFinishReason }),
      })
    }
  }
  if (usage !== undefined) events.push({ type: 'usage', usage })
  events.push({ type: 'message-end' })
  return events
}

/** The part before its deltas. */
function opening(part: ContentPart): ContentPart {
  switch (part.type) {
    case 'text': {
      const { annotations: _, ...bare } = part
      return { ...bare, text: '' }
    }
    case 'refusal':
    case 'reasoning':
      return { ...part, text: '' }
    case 'tool-call':
      return { ...part, input: '' }
    default:
      return part
  }
}

function deltas(part: ContentPart, choice: number, position: number): readonly ChatEvent[] {
  const at = { choice, part: position }
  switch (part.type) {
    case 'text': {
      const said: readonly ChatEvent[] = part.text === '' ? [] : [{ type: 'text-delta', ...at, text: part.text }]
      return [
        ...said,
        ...(part.annotations ?? []).map((annotation): ChatEvent => ({ type: 'annotation-add', ...at, annotation })),
      ]
    }
    case 'refusal':
    case 'reasoning':
      return part.text === '' ? [] : [{ type: 'text-delta', ...at, text: part.text }]
    case 'tool-call':
      return part.input === '' ? [] : [{ type: 'tool-input-delta', ...at, input: part.input }]
    default:
      return []
  }
}
