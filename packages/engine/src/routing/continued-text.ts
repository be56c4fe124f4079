import type { ChatEvent } from '@sluice/protocol'

/** Characters of a continuation that are held back until it is known whether they are repeated. */
const lookAhead = 48
/** A shorter overlap may be chance: "ha ha" is said twice on purpose. */
const leastOverlap = 12

/**
 * Fits the events of a continuation to those of an answer that broke off: no second beginning, the same part, no words
 * that were said already, and nothing of what it thought.
 */
export class ContinuedText {
  readonly #emit: (event: ChatEvent) => void
  readonly #said: string
  /** The text part that is open; `undefined` when nothing was said. */
  readonly #open: number | undefined
  /** Parts of the continuation → those of the answer; `null` is left out. */
  readonly #parts = new Map<number, number | null>()
  #nextPart: number
  /** What came of the continuation's first text and may be a repetition. */
  #held: string | undefined = ''
  /** What is held is how the answer began. */
  #again = true

  constructor(said: readonly ChatEvent[], emit: (event: ChatEvent) => void) {
    this.#emit = emit
    let text = ''
    let open: number | undefined
    for (const event of said) {
      if (event.type === 'text-delta') text += event.text
      else if (event.type === 'part-start') {
        open = event.part
        if (event.content.type === 'text') text += event.content.text
      }
    }
    this.#said = text
    this.#open = open
    this.#nextPart = (open ?? -1) + 1
  }

  write(event: ChatEvent): void {
    switch (event.type) {
      case 'message-start':
        return
      case 'part-start':
        return this.#start(event)
      case 'text-delta': {
        const part = this.#parts.get(event.part)
        if (typeof part === 'number') this.#say(part, event.text)
        return
      }
      case 'part-end':
      case 'annotation-add':
      case 'tool-input-delta':
      case 'reasoning-seal':
      case 'audio-delta': {
        const part = this.#parts.get(event.part)
        if (typeof part !== 'number') return
        if (event.type === 'part-end') this.#flush(part)
        this.#emit({ ...event, part })
        return
      }
      default:
        this.#emit(event)
    }
  }

  #start(event: Extract<ChatEvent, { type: 'part-start' }>): void {
    const { content } = event
    if (content.type === 'reasoning') {
      this.#parts.set(event.part, null)
      return
    }
    const isFirst = ![...this.#parts.values()].some((part) => part !== null)
    if (isFirst && content.type === 'text' && this.#open !== undefined) {
      this.#parts.set(event.part, this.#open)
      if (content.text !== '') this.#say(this.#open, content.text)
      return
    }
    const part = this.#nextPart++
    this.#parts.set(event.part, part)
    this.#held = undefined
    this.#emit({ ...event, part })
  }

  #say(part: number, text: string): void {
    if (this.#held === undefined) {
      this.#emit({ type: 'text-delta', choice: 0, part, text })
      return
    }
    // It may have begun anew: then all that was said comes again.
    this.#again &&= this.#said.startsWith(text, this.#held.length)
    this.#held += text
    if (this.#again || this.#held.length < lookAhead) return
    this.#flush(part)
  }

  #flush(part: number): void {
    if (this.#held === undefined) return
    const rest = this.#held.slice(repeated(this.#said, this.#held))
    // The model was not told of a space at the end, and may say it again.
    const text = /\s$/.test(this.#said) ? rest.trimStart() : rest
    this.#held = undefined
    if (text !== '') this.#emit({ type: 'text-delta', choice: 0, part, text })
  }
}

/** How many characters at the beginning of `next` repeat what was said: all of it, or its end. */
function repeated(said: string, next: string): number {
  // A model that begins so has begun anew, however little that was.
  if (next.startsWith(said)) return said.length
  const overlap = endAndBeginning(said, next)
  return overlap < leastOverlap ? 0 : overlap
}

/** How many characters at the end of one text are the beginning of the other: the most. Knuth, Morris and Pratt. */
function endAndBeginning(one: string, other: string): number {
  const borders = new Uint32Array(other.length)
  // How many of its first characters it still has in common after one more.
  const extend = (length: number, character: number): number => {
    let common = length
    while (common > 0 && other.charCodeAt(common) !== character) common = borders[common - 1]!
    return other.charCodeAt(common) === character ? common + 1 : common
  }
  for (let index = 1; index < other.length; index++)
    borders[index] = extend(borders[index - 1]!, other.charCodeAt(index))
  let common = 0
  for (let index = Math.max(0, one.length - other.length); index < one.length; index++)
    common = extend(common, one.charCodeAt(index))
  return common
}
