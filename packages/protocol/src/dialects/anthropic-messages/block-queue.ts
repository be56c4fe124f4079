import type { BlockSink } from './block-writer.ts'
import { frame } from './frame.ts'

/** Only one block is open at a time on this wire: what parallel calls say meanwhile waits for its turn. */
export class BlockQueue {
  readonly #emit: (text: string) => void
  /** In the order in which they were opened; the first goes out as it grows. */
  readonly #parts: QueuedPart[] = []
  #index = -1

  constructor(emit: (text: string) => void) {
    this.#emit = emit
  }

  /** A place for the blocks of one part. */
  open(): QueuedPart {
    const part = new QueuedPart((kind, json) => this.#send(kind, json))
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

  #send(kind: WriteKind, json: string): void {
    if (kind === 'start') {
      this.#index++
      this.#emit(
        frame('content_block_start', `{"type":"content_block_start","index":${this.#index},"content_block":${json}}`),
      )
    } else if (kind === 'delta') {
      this.#emit(frame('content_block_delta', `{"type":"content_block_delta","index":${this.#index},"delta":${json}}`))
    } else this.#emit(frame('content_block_stop', `{"type":"content_block_stop","index":${this.#index}}`))
  }
}

type WriteKind = 'start' | 'delta' | 'stop'

export class QueuedPart implements BlockSink {
  readonly #send: (kind: WriteKind, json: string) => void
  #held: [WriteKind, string][] | undefined = []
  over = false

  constructor(send: (kind: WriteKind, json: string) => void) {
    this.#send = send
  }

  /** What was held goes out, and what follows goes out at once. */
  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const [kind, json] of held) this.#send(kind, json)
  }

  start(block: string): void {
    this.#write('start', block)
  }

  delta(delta: string): void {
    this.#write('delta', delta)
  }

  stop(): void {
    this.#write('stop', '')
  }

  #write(kind: WriteKind, json: string): void {
    if (this.#held === undefined) this.#send(kind, json)
    else this.#held.push([kind, json])
  }
}
