import type { ChatEvent, SluiceError } from '@sluice/protocol'
import type { ChatAnswer } from './chat-answer.ts'
import type { ChatStreamListener, ChatStreamSource } from './chat-stream-source.ts'
import type { Valve } from './event-queue.ts'

/**
 * Two sources of one call, which is made when one of them starts, and given up when both are. What one reader is
 * slower by is kept for it, as by `ReadableStream.tee`; the provider is held back only while both are.
 */
export function teeSource(source: ChatStreamSource): readonly [ChatStreamSource, ChatStreamSource] {
  const call = new SharedCall(source)
  const branch = (index: 0 | 1): ChatStreamSource => ({
    requestId: source.requestId,
    signal: source.signal,
    start: (listener) => call.start(index, listener),
    abort: () => call.leave(index),
    usage: () => source.usage(),
  })
  return [branch(0), branch(1)]
}

type Ending = { readonly answer: ChatAnswer } | { readonly error: SluiceError }

interface Branch {
  listener: ChatStreamListener | undefined
  left: boolean
  paused: boolean
}

class SharedCall implements ChatStreamListener {
  readonly #source: ChatStreamSource
  readonly #branches: readonly [Branch, Branch] = [newBranch(), newBranch()]
  #valve: Valve | undefined
  #held = false
  #started = false
  /** Everything heard, for a branch that is not read yet. */
  #log: ChatEvent[] = []
  #over: Ending | undefined

  constructor(source: ChatStreamSource) {
    this.#source = source
  }

  start(index: 0 | 1, listener: ChatStreamListener): Valve {
    const branch = this.#branches[index]
    for (const event of this.#log) listener.event(event)
    branch.listener = listener
    if (this.#branches.every((each) => each.listener !== undefined || each.left)) this.#log = []
    if (this.#over !== undefined) this.#tellEnd(listener)
    else if (!this.#started) {
      this.#started = true
      this.#valve = this.#source.start(this)
    }
    this.#regulate()
    const turn = (paused: boolean): void => {
      branch.paused = paused
      this.#regulate()
    }
    return { pause: () => turn(true), resume: () => turn(false) }
  }

  leave(index: 0 | 1): void {
    this.#branches[index].left = true
    // The signal is that of both, also of one that was never read and so does not listen to it.
    if (this.#source.signal?.aborted === true || this.#branches.every(({ left }) => left)) this.#source.abort()
    else this.#regulate()
  }

  event(event: ChatEvent): void {
    for (const { listener, left } of this.#branches) if (!left) listener?.event(event)
    if (this.#branches.some(({ listener, left }) => listener === undefined && !left)) this.#log.push(event)
  }

  end(answer: ChatAnswer): void {
    this.#finish({ answer })
  }

  fail(error: SluiceError): void {
    this.#finish({ error })
  }

  #finish(over: Ending): void {
    this.#over = over
    for (const { listener, left } of this.#branches) if (!left && listener !== undefined) this.#tellEnd(listener)
  }

  #tellEnd(listener: ChatStreamListener): void {
    const over = this.#over
    if (over === undefined) return
    if ('answer' in over) listener.end(over.answer)
    else listener.fail(over.error)
  }

  #regulate(): void {
    const held = this.#branches.every(({ left, paused }) => left || paused)
    if (held === this.#held) return
    this.#held = held
    if (held) this.#valve?.pause()
    else this.#valve?.resume()
  }
}

function newBranch(): Branch {
  return { listener: undefined, left: false, paused: false }
}
