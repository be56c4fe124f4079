import { asSluiceError } from './call-engine.ts'
import type { ChatAnswer } from './chat-answer.ts'
import { asRequest, type ChatInput } from './chat-input.ts'
import type { ChatStreamListener, ChatStreamSource } from './chat-stream-source.ts'
import type { Valve } from './event-queue.ts'
import { useOf } from './sum-of-steps.ts'
import { createToolRun, type RunToolsOptions, type ToolRun } from './tool-run.ts'

/** As `runTools`, by streams: what the model says in each call is heard as it comes, one call after the other. */
export function streamTools(
  open: (input: ChatInput) => ChatStreamSource,
  input: ChatInput,
  given: RunToolsOptions,
): ChatStreamSource {
  const first = open(input)
  const running = new Running(open, first)
  return {
    requestId: first.requestId,
    signal: first.signal,
    start: (listener) => running.start(listener, () => createToolRun(asRequest(input), given)),
    abort: () => running.abort(),
    usage: () => running.usage(),
  }
}

class Running implements Valve {
  readonly #open: (input: ChatInput) => ChatStreamSource
  /** Ends the tools that run. */
  readonly #left = new AbortController()
  #run: ToolRun | undefined
  /** The call of the model; the last one, while tools run. */
  #call: ChatStreamSource
  #answered = false
  #valve: Valve | undefined
  #paused = false

  constructor(open: (input: ChatInput) => ChatStreamSource, first: ChatStreamSource) {
    this.#open = open
    this.#call = first
  }

  start(listener: ChatStreamListener, begin: () => ToolRun): Valve {
    try {
      this.#run = begin()
      this.#ask(listener, this.#run)
    } catch (error) {
      listener.fail(asSluiceError(error))
    }
    return this
  }

  abort(): void {
    this.#left.abort()
    this.#call.abort()
  }

  async usage(): ReturnType<ChatStreamSource['usage']> {
    const used = this.#run?.steps.map(({ answer }) => answer) ?? []
    const now = this.#answered ? undefined : await this.#call.usage()
    return useOf(now?.usage === undefined ? used : [...used, now])
  }

  pause(): void {
    this.#paused = true
    this.#valve?.pause()
  }

  resume(): void {
    this.#paused = false
    this.#valve?.resume()
  }

  #ask(listener: ChatStreamListener, run: ToolRun): void {
    const fail = (error: unknown): void => listener.fail(asSluiceError(run.ended(error)))
    this.#answered = false
    this.#valve = this.#call.start({
      event: (event) => {
        // Whoever holds back what has not begun yet: its answer can only be held now.
        if (this.#paused) this.#valve?.pause()
        listener.event(event)
      },
      end: (answer) => void this.#goOn(answer, listener, run).catch(fail),
      fail,
    })
  }

  async #goOn(answer: ChatAnswer, listener: ChatStreamListener, run: ToolRun): Promise<void> {
    this.#answered = true
    const whole = await run.hear(answer, this.#left.signal)
    if (whole !== undefined) return listener.end(whole)
    if (this.#left.signal.aborted) return
    this.#call = this.#open(run.request)
    this.#ask(listener, run)
  }
}
