import type { ChatEvent } from '../ir/chat-event.ts'

/**
 * What is wrong with the order of a stream's events, as `ChatEvent` promises it; `undefined` when nothing is.
 */
export function findOrderFault(events: readonly ChatEvent[]): string | undefined {
  const state: StreamState = { started: false, over: false, parts: new Map(), finished: new Set() }
  for (const [at, event] of events.entries()) {
    const fault = step(state, event)
    if (fault !== undefined) return `event ${at} (${event.type}): ${fault}`
  }
  return state.over ? undefined : 'the stream neither ended nor failed'
}

interface StreamState {
  started: boolean
  over: boolean
  /** For each choice, whether its parts are open. */
  readonly parts: Map<number, boolean[]>
  readonly finished: Set<number>
}

function step(state: StreamState, event: ChatEvent): string | undefined {
  if (state.over) return 'something follows the end'
  switch (event.type) {
    case 'error':
      state.over = true
      return undefined
    case 'message-start':
      if (state.started) return 'the message started twice'
      state.started = true
      return undefined
    case 'message-end':
      state.over = true
      for (const parts of state.parts.values()) if (parts.includes(true)) return 'a part was left open'
      break
    case 'part-start': {
      const parts = partsOf(state, event.choice)
      if (event.part !== parts.length) return `part ${event.part} opened, ${parts.length} expected`
      if (state.finished.has(event.choice)) return 'a part opened after the choice finished'
      parts.push(true)
      break
    }
    case 'part-end': {
      const parts = partsOf(state, event.choice)
      if (parts[event.part] !== true) return 'the part is not open'
      parts[event.part] = false
      break
    }
    case 'text-delta':
    case 'tool-input-delta':
    case 'audio-delta':
    case 'annotation-add':
    case 'reasoning-seal':
      if (partsOf(state, event.choice)[event.part] !== true) return 'the part is not open'
      break
    case 'choice-finish':
      if (state.finished.has(event.choice)) return 'the choice finished twice'
      if (partsOf(state, event.choice).includes(true)) return 'the choice finished with an open part'
      state.finished.add(event.choice)
      break
    default:
      break
  }
  return state.started ? undefined : 'it came before message-start'
}

function partsOf(state: StreamState, choice: number): boolean[] {
  let parts = state.parts.get(choice)
  if (parts === undefined) {
    parts = []
    state.parts.set(choice, parts)
  }
  return parts
}
