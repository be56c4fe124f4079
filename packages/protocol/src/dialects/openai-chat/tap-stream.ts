import { joinBytes } from '../../bytes/join-bytes.ts'
import type { StreamTapOptions, Tap } from '../../dialect.ts'
import type { FinishReason } from '../../ir/finish-reason.ts'
import type { Usage } from '../../ir/usage.ts'
import { parseJson } from '../../json/parse-json.ts'
import { skipSpace } from '../../json/scan.ts'
import { WholeEvents } from '../../tap/whole-events.ts'
import { decodeFinishReason } from './finish-reason.ts'
import { decodeUsage, findUsage } from './usage.ts'
import { isArray, isNumber, isRecord, isString } from './wire.ts'

/** Of what comes before the first event that says something. */
const headsLimit = 1024 * 1024

const lineFeed = 0x0a
const carriageReturn = 0x0d

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const usageKey = encoder.encode('usage"')
const errorKey = encoder.encode('error"')
const finishKey = encoder.encode('finish_reason"')
const choicesKey = encoder.encode('choices"')
const indexKey = encoder.encode('index"')
const eventField = encoder.encode('event:')
const dataField = encoder.encode('data:')
const errorWord = encoder.encode('error')
const doneWord = encoder.encode('[DONE]')
const blankLine = encoder.encode('\n\n')
const byteOrderMark = encoder.encode('\ufeff')

/** Watches a stream of `chat.completion.chunk`s that is relayed as it is. */
export function createStreamTap(options: StreamTapOptions): Tap {
  return new StreamTap(options.hideUsage)
}

/**
 * Hands on whole events only, so that what the caller holds when the provider dies is well-formed and an error
 * event can follow it, and none before one that says something, so that a failure can still be answered otherwise.
 * Looks at each byte once and parses only the events up to the first that says something, and those that carry
 * usage or an error.
 * A class for its fields: they are touched once a chunk.
 */
class StreamTap implements Tap {
  readonly #hideUsage: boolean
  readonly #events = new WholeEvents()
  /** Whole events that commit to nothing. */
  #heads: Uint8Array[] = []
  #headsSize = 0
  #usageEvent: Uint8Array | undefined
  #finishWord: string | undefined
  readonly #finished = new Set<number>()
  #highestChoice = 0
  #done = false
  started = false
  error: unknown = undefined

  // What was seen in the event being read.
  #eventHasData = false
  #eventHasUsage = false
  #eventHasError = false
  #eventIsNamedError = false
  #eventHasNoChoices = false
  #eventFinishAt = -1
  /** Of a choice or of a tool call. */
  #eventHasHigherIndex = false

  constructor(hideUsage: boolean) {
    this.#hideUsage = hideUsage
  }

  write(chunk: Uint8Array): Uint8Array | undefined {
    if (this.error !== undefined) return undefined
    const block = this.#events.take(chunk)
    this.error = this.#events.error
    return block && this.#inspect(block)
  }

  end(): Uint8Array | undefined {
    const rest = this.error === undefined ? this.#events.rest() : undefined
    if (rest === undefined) return undefined
    const block = joinBytes([rest, blankLine])
    const data = eventData(block, 0, block.length)
    return data === '[DONE]' || parseJson(data) !== undefined ? this.#inspect(block) : undefined
  }

  get complete(): boolean {
    return this.error === undefined && (this.#done || this.#finished.size > this.#highestChoice)
  }

  usage(): Usage | undefined {
    const event = this.#usageEvent
    return event === undefined ? undefined : decodeUsage(findUsage(parseJson(eventData(event, 0, event.length))))
  }

  processing(): string | undefined {
    const event = this.#usageEvent
    const chunk = event === undefined ? undefined : parseJson(eventData(event, 0, event.length))
    const tier = isRecord(chunk) ? chunk['service_tier'] : undefined
    return isString(tier) ? tier : undefined
  }

  finishReason(): FinishReason | undefined {
    return this.#finishWord === undefined ? undefined : decodeFinishReason(this.#finishWord)
  }

  /** @param block whole events. @returns what of them the caller gets. */
  #inspect(block: Uint8Array): Uint8Array | undefined {
    const length = block.length
    let eventStart = 0
    let lineStart = 0
    let kept: Uint8Array[] | undefined
    let keptUntil = 0
    this.#readLine(block, matches(block, 0, byteOrderMark) ? byteOrderMark.length : 0)
    for (let index = 0; index < length; index++) {
      const byte = block[index]!
      if (byte === 0x22) {
        this.#readKey(block, index + 1)
        continue
      }
      if (byte !== lineFeed && (byte !== carriageReturn || block[index + 1] === lineFeed)) continue
      const blank = index === lineStart || (index === lineStart + 1 && block[lineStart] === carriageReturn)
      lineStart = index + 1
      if (!blank) {
        this.#readLine(block, lineStart)
        continue
      }
      const hidden = this.#finishEvent(block, eventStart, lineStart)
      if (this.error !== undefined) return this.#release(assemble(kept, block, keptUntil, eventStart))
      if (hidden) {
        kept ??= []
        if (eventStart > keptUntil) kept.push(block.subarray(keptUntil, eventStart))
        keptUntil = lineStart
      }
      eventStart = lineStart
      if (lineStart < length) this.#readLine(block, lineStart)
    }
    return this.#release(assemble(kept, block, keptUntil, length))
  }

  /** @returns what the caller gets now of these events, and of those before. */
  #release(events: Uint8Array | undefined): Uint8Array | undefined {
    if (this.started && this.#headsSize === 0) return events
    if (events !== undefined) {
      this.#heads.push(events)
      this.#headsSize += events.length
      if (this.#headsSize > headsLimit) this.started = true
    }
    if (!this.started || this.#headsSize === 0) return undefined
    const all = joinBytes(this.#heads)
    this.#heads = []
    this.#headsSize = 0
    return all
  }

  #readLine(block: Uint8Array, start: number): void {
    const first = block[start]
    if (first === 0x64 && matches(block, start, dataField)) {
      this.#eventHasData = true
      if (matches(block, skipSpace(block, start + dataField.length), doneWord)) this.#done = true
    } else if (first === 0x65 && matches(block, start, eventField)) {
      this.#eventIsNamedError = matches(block, skipSpace(block, start + eventField.length), errorWord)
    }
  }

  /** @param start after a quotation mark. In JSON text these bytes can only be a key: inside a string the mark would be escaped. */
  #readKey(block: Uint8Array, start: number): void {
    switch (block[start]) {
      case 0x75: {
        const value = valueOf(block, start, usageKey)
        if (value > 0 && block[value] === 0x7b) this.#eventHasUsage = true
        return
      }
      case 0x65: {
        const value = valueOf(block, start, errorKey)
        if (value > 0 && block[value] !== 0x6e) this.#eventHasError = true
        return
      }
      case 0x66: {
        const value = valueOf(block, start, finishKey)
        // Some say "" for none.
        if (value > 0 && block[value] === 0x22 && block[value + 1] !== 0x22) this.#eventFinishAt = value + 1
        return
      }
      case 0x69: {
        const value = valueOf(block, start, indexKey)
        if (value > 0 && block[value]! >= 0x31 && block[value]! <= 0x39) this.#eventHasHigherIndex = true
        return
      }
      case 0x63: {
        const value = valueOf(block, start, choicesKey)
        if (value > 0 && block[value] === 0x5b) this.#eventHasNoChoices = block[skipSpace(block, value + 1)] === 0x5d
      }
    }
  }

  /** @returns whether the event is to be kept from the caller. */
  #finishEvent(block: Uint8Array, start: number, end: number): boolean {
    let hidden = false
    if (this.#eventHasData) {
      if (this.#eventHasError || this.#eventIsNamedError)
        this.error = errorIn(eventData(block, start, end), this.#eventIsNamedError)
      if (this.error === undefined && !this.started) this.started = says(eventData(block, start, end))
    }
    if (this.#eventHasUsage) {
      this.#usageEvent = block.subarray(start, end)
      hidden = this.#hideUsage && this.#eventHasNoChoices
    }
    if (this.#eventFinishAt >= 0) {
      const at = this.#eventFinishAt
      this.#finishWord ??= decoder.decode(block.subarray(at, block.indexOf(0x22, at)))
    }
    if (this.#eventHasHigherIndex) {
      for (const choice of choicesIn(eventData(block, start, end))) this.#follow(choice.index, choice.finished)
    } else if (this.#eventFinishAt >= 0) this.#follow(0, true)
    this.#eventHasData =
      this.#eventHasUsage =
      this.#eventHasError =
      this.#eventIsNamedError =
      this.#eventHasNoChoices =
        false
    this.#eventFinishAt = -1
    this.#eventHasHigherIndex = false
    return hidden
  }

  #follow(choice: number, finished: boolean): void {
    if (choice > this.#highestChoice) this.#highestChoice = choice
    if (finished) this.#finished.add(choice)
  }
}

function matches(bytes: Uint8Array, start: number, word: Uint8Array): boolean {
  for (let offset = 0; offset < word.length; offset++) if (bytes[start + offset] !== word[offset]) return false
  return true
}

/** @returns the offset of the value of the key at `start`, or -1 when another key stands there. */
function valueOf(bytes: Uint8Array, start: number, key: Uint8Array): number {
  if (!matches(bytes, start, key)) return -1
  const colon = skipSpace(bytes, start + key.length)
  return bytes[colon] === 0x3a ? skipSpace(bytes, colon + 1) : -1
}

/** The `data` lines of one event. */
function eventData(bytes: Uint8Array, start: number, end: number): string {
  const lines = decoder.decode(bytes.subarray(start, end)).split(/\r\n|\r|\n/)
  const data: string[] = []
  for (const line of lines) if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5))
  return data.join('\n')
}

/** The choices that an event speaks of. */
function choicesIn(data: string): readonly { readonly index: number; readonly finished: boolean }[] {
  const body = parseJson(data)
  if (!isRecord(body) || !isArray(body['choices'])) return []
  return body['choices'].filter(isRecord).map(({ index, finish_reason: reason }) => ({
    index: isNumber(index) ? index : 0,
    finished: isString(reason) && reason !== '',
  }))
}

/** Whether an event commits to an answer: that of a beginning only names the role, or what was filtered. */
function says(data: string): boolean {
  const chunk = parseJson(data)
  if (!isRecord(chunk) || !isArray(chunk['choices'])) return true
  return isRecord(chunk['usage']) || chunk['choices'].some(choiceSays)
}

function choiceSays(choice: unknown): boolean {
  if (!isRecord(choice) || !isRecord(choice['delta'])) return true
  const { delta, finish_reason: reason } = choice
  if (isString(reason) && reason !== '') return true
  return Object.entries(delta as object).some(([name, value]) => name !== 'role' && !isEmpty(value))
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (isArray(value) && value.length === 0)
}

/** The error that an event is, or `undefined` when the word only stood somewhere in it. */
function errorIn(data: string, named: boolean): unknown {
  const body = parseJson(data)
  if (named) return body ?? { error: { message: data } }
  const isError = typeof body === 'object' && body !== null && 'error' in body && body.error !== null
  return isError ? body : undefined
}

function assemble(kept: Uint8Array[] | undefined, block: Uint8Array, from: number, to: number): Uint8Array | undefined {
  if (kept === undefined)
    return to === block.length && from === 0 ? block : to > from ? block.subarray(from, to) : undefined
  if (to > from) kept.push(block.subarray(from, to))
  return kept.length === 0 ? undefined : joinBytes(kept)
}
