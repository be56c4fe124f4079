import { joinBytes } from '../../bytes/join-bytes.ts'
import type { StreamDecoder } from '../../dialect.ts'
import { answerTooLong } from '../../errors/answer-too-long.ts'
import { SluiceError } from '../../errors/sluice-error.ts'
import { createSseParser } from '../../framing/sse-parser.ts'
import { formOfStart } from '../../framing/form-of-start.ts'
import type { ChatEvent } from '../../ir/chat-event.ts'
import { parseJson } from '../../json/parse-json.ts'
import { blockReason, readIndex, readTime } from './decode-result.ts'
import { findGoogleError, readErrorBody } from './error.ts'
import { StreamCandidate } from './stream-candidate.ts'
import { decodeUsage } from './usage.ts'
import { isArray, isFilled, isRecord, keep, type WireObject } from './wire.ts'

/** A JSON answer to a streamed request beyond this is not read. */
const longestBody = 64 * 1024 * 1024

/**
 * Reads a stream of `GenerateContentResponse`s: server-sent events, or the JSON array that Google sends without
 * `alt=sse`. Nothing marks the end: the stream is whole when it ends after each candidate got a finish reason, or the
 * prompt was blocked; whatever else ends it becomes an `error` event.
 */
export function createStreamDecoder(emit: (event: ChatEvent) => void): StreamDecoder {
  return new GeminiStreamDecoder(emit)
}

/** Members of a chunk that have events of their own. */
const known: ReadonlySet<string> = new Set(['candidates', 'usageMetadata', 'modelVersion', 'responseId', 'createTime'])

class GeminiStreamDecoder implements StreamDecoder {
  readonly #emit: (event: ChatEvent) => void
  readonly #parser = createSseParser((event) => this.#readEvent(event.data))
  readonly #candidates = new Map<number, StreamCandidate>()
  readonly #seen = new Map<string, string>()
  #form: 'unknown' | 'events' | 'json' = 'unknown'
  #body: Uint8Array[] = []
  #bodySize = 0
  #id = ''
  #started = false
  #bytesEnded = false
  #over = false

  constructor(emit: (event: ChatEvent) => void) {
    this.#emit = emit
  }

  write(chunk: Uint8Array): void {
    if (this.#over) return
    if (this.#form === 'unknown') this.#form = formOfStart(chunk)
    if (this.#form === 'json') {
      this.#bodySize += chunk.length
      if (this.#bodySize > longestBody) this.#fail(answerTooLong(longestBody))
      else this.#body.push(chunk)
    } else if (this.#form === 'events') this.#guard(() => this.#parser.write(chunk))
  }

  end(): void {
    if (this.#over) return
    this.#bytesEnded = true
    this.#guard(() => {
      if (this.#form === 'json') this.#readBody(new TextDecoder().decode(joinBytes(this.#body)))
      else this.#parser.end()
    })
    if (this.#over) return
    const whole = this.#candidates.size > 0 && [...this.#candidates.values()].every((candidate) => candidate.finished)
    if (!whole)
      return this.#fail(
        new SluiceError('upstream_disconnected', 'The provider ended the stream before its answer was whole.'),
      )
    this.#over = true
    this.#emit({ type: 'message-end' })
  }

  #guard(read: () => void): void {
    try {
      read()
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      this.#fail(error)
    }
  }

  /** The provider answered without streaming, with all chunks in an array, or with an error. */
  #readBody(text: string): void {
    const body = parseJson(text)
    if (body === undefined) this.#fail(invalid('a body that is neither an event stream nor JSON'))
    else for (const chunk of isArray(body) ? body : [body]) this.#readChunk(chunk)
  }

  #readEvent(data: string): void {
    // What others end their streams with, and a gateway in between may add.
    if (this.#over || data === '[DONE]') return
    const chunk = parseJson(data)
    if (chunk !== undefined) this.#readChunk(chunk)
    // Cut within an event: that `end` reports.
    else if (!this.#bytesEnded) this.#fail(invalid('a stream event that is not JSON'))
  }

  #readChunk(chunk: unknown): void {
    if (this.#over) return
    if (findGoogleError(chunk) !== undefined) return this.#fail(readErrorBody(chunk))
    if (!isRecord(chunk)) return this.#fail(invalid('a stream event that is no JSON object'))
    const { candidates, usageMetadata } = chunk
    const usage = decodeUsage(usageMetadata)
    const blocked = blockReason(chunk)
    const list = isArray(candidates) ? candidates : []
    if (list.length === 0 && usage === undefined && blocked === undefined) return
    this.#readHead(chunk)
    for (const [position, candidate] of list.entries()) {
      if (isRecord(candidate)) this.#candidate(readIndex(candidate, position)).read(candidate)
    }
    if (blocked !== undefined && this.#candidates.size === 0) this.#candidate(0).block(blocked)
    if (usage !== undefined) this.#emit({ type: 'usage', usage })
  }

  #candidate(index: number): StreamCandidate {
    let candidate = this.#candidates.get(index)
    if (candidate === undefined) {
      candidate = new StreamCandidate(this.#emit, index, this.#id)
      this.#candidates.set(index, candidate)
    }
    return candidate
  }

  #readHead(chunk: WireObject): void {
    const members = keep(this.#news(chunk))
    if (this.#started) {
      if (members.extensions !== undefined) this.#emit({ type: 'message-extend', ...members })
      return
    }
    this.#started = true
    const { responseId, modelVersion, createTime } = chunk
    this.#id = isFilled(responseId) ? responseId : ''
    const created = readTime(createTime)
    this.#emit({
      type: 'message-start',
      id: this.#id,
      model: isFilled(modelVersion) ? modelVersion : '',
      ...(created !== undefined && { created }),
      ...members,
    })
  }

  /** Unknown members whose value is a new one. */
  #news(chunk: WireObject): WireObject | undefined {
    let found: [string, unknown][] | undefined
    for (const name in chunk) {
      if (known.has(name)) continue
      const text = JSON.stringify(chunk[name])
      if (this.#seen.get(name) === text) continue
      this.#seen.set(name, text)
      ;(found ??= []).push([name, chunk[name]])
    }
    return found === undefined ? undefined : Object.fromEntries(found)
  }

  #fail(error: SluiceError): void {
    if (this.#over) return
    this.#over = true
    this.#body = []
    this.#emit({ type: 'error', error })
  }
}

function invalid(what: string): SluiceError {
  return new SluiceError('upstream_invalid_response', `The provider sent ${what}.`)
}
