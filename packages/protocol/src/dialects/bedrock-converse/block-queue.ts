import { type EventType, frame } from './frame.ts'

/** Blocks go out one after the other on this wire: what parallel calls say meanwhile waits for its turn. */
export class BlockQueue {
  readonly #emit: (bytes: Uint8Array) => void
  /** In the order in which they were opened; the first goes out as it grows. */
  readonly #parts: QueuedPart[] = []
  #index = 0

  constructor(emit: (bytes: Uint8Array) => void) {
    this.#emit = emit
  }

  /** A place for the blocks of one part. */
  open(): QueuedPart {
    const part = new QueuedPart((type, member) => this.#send(type, member))
    this.#parts.push(part)
    if (this.#parts.length === 1) part.release()
    return part
  }

  /** The part has ended: those that waited for it go out. */
  close(part: QueuedPart): void {
    part.over = true
    while (this.#parts[0]?.over === true) {
      this.#parts.shift()
      this.#parts[0]?.release()
    }
  }

  #send(type: BlockEvent, member: string): void {
    this.#emit(frame(type, `{${member === '' ? '' : `${member},`}"contentBlockIndex":${this.#index}}`))
    if (type === 'contentBlockStop') this.#index++
  }
}

type BlockEvent = Extract<EventType, `contentBlock${string}`>

export class QueuedPart {
  readonly #send: (type: BlockEvent, member: string) => void
  #held: [BlockEvent, string][] | undefined = []
  over = false

  constructor(send: (type: BlockEvent, member: string) => void) {
    this.#send = send
  }

  /** What was held goes out, and what follows goes out at once. */
  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const [type, member] of held) this.#send(type, member)
  }

  /** @param block JSON text; as is that of a delta. */
  start(block: string): void {
    this.#write('contentBlockStart', `"start":${block}`)
  }

  delta(delta: string): void {
    this.#write('contentBlockDelta', `"delta":${delta}`)
  }

  stop(): void {
    this.#write('contentBlockStop', '')
  }

  #write(type: BlockEvent, member: string): void {
    if (this.#held === undefined) this.#send(type, member)
    else this.#held.push([type, member])
  }
}
