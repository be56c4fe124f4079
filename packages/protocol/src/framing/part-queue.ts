export type PieceKind = 'start' | 'delta' | 'stop'

/** Some wires have one part open at a time: what parallel calls say meanwhile waits for its turn. */
export class PartQueue {
  readonly #send: (kind: PieceKind, text: string) => void
  /** In the order in which they were opened; those before the first that is not over are gone. */
  #parts: (QueuedPart | undefined)[] = []
  /** Which of them goes out as it grows. */
  #first = 0

  constructor(send: (kind: PieceKind, text: string) => void) {
    this.#send = send
  }

  /** A place for what one part says. */
  open(): QueuedPart {
    const part = new QueuedPart(this.#send)
    if (this.#parts.push(part) > this.#first + 1) return part
    part.release()
    return part
  }

  /** The part has ended: those that waited for it go out. */
  close(part: QueuedPart): void {
    part.over = true
    while (this.#parts[this.#first]?.over === true) {
      this.#parts[this.#first++] = undefined
      this.#parts[this.#first]?.release()
    }
    if (this.#first < this.#parts.length) return
    this.#parts = []
    this.#first = 0
  }
}

export class QueuedPart {
  readonly #send: (kind: PieceKind, text: string) => void
  #held: [PieceKind, string][] | undefined = []
  over = false

  constructor(send: (kind: PieceKind, text: string) => void) {
    this.#send = send
  }

  /** What was held goes out, and what follows goes out at once. */
  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const [kind, text] of held) this.#send(kind, text)
  }

  start(text: string): void {
    this.#write('start', text)
  }

  delta(text: string): void {
    this.#write('delta', text)
  }

  stop(): void {
    this.#write('stop', '')
  }

  #write(kind: PieceKind, text: string): void {
    if (this.#held === undefined) this.#send(kind, text)
    else this.#held.push([kind, text])
  }
}
