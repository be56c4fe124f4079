import type { ChatEvent, SluiceError, Usage } from '@sluice/protocol'
import type { AnswerCost } from './call-engine.ts'
import type { ChatAnswer } from './chat-answer.ts'
import type { Valve } from './event-queue.ts'

/** What a stream used until now. */
export interface StreamUsage {
  readonly usage: Usage | undefined
  readonly cost: AnswerCost | null
}

/** Where a stream's events come from. */
export interface ChatStreamSource {
  readonly requestId: string
  readonly signal: AbortSignal | undefined
  /** Makes the call; never throws. What it returns holds the provider back. */
  start(listener: ChatStreamListener): Valve
  /** Ends the call, at any time after `start`. */
  abort(): void
  /** As far as it came. */
  usage(): Promise<StreamUsage>
}

/** Hears events, then one of the other two; nothing after. */
export interface ChatStreamListener {
  event(event: ChatEvent): void
  end(answer: ChatAnswer): void
  fail(error: SluiceError): void
}
