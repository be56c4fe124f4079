/** Parts go out one after the other on this wire: what parallel calls say meanwhile waits for its turn. */
export class PartQueue {
  readonly #emit: (text: string) => void
  /** In the order in which they were opened; the first goes out as it grows. */
  readonly #parts: QueuedPart[] = []

  constructor(emit: (text: string) => void) {
    this.#emit = emit
  }

  open(): QueuedPart {
    const part = new QueuedPart(this.#emit)
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
}

export class QueuedPart {
  readonly #emit: (text: string) => void
  #held: string[] | undefined = []
  over = false

  constructor(emit: (text: string) => void) {
    this.#emit = emit
  }

  write(text: string): void {
    if (this.#held === undefined) this.#emit(text)
    else this.#held.push(text)
  }

  /** What was held goes out, and what follows goes out at once. */
  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const text of held) this.#emit(text)
  }
}
